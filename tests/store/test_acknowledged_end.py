"""What was acknowledged and rots at the end of an open segment is damage: never cut like a torn tail."""

from pathlib import Path

import pytest

from cloudledger.domain.errors import SegmentDamageError
from cloudledger.store import Ledger
from tests.store.builders import STREAM, log_records
from tests.store.test_recovery import COMMITS, EVENTS, build, expected, flip, folder, segment, stored


@pytest.mark.parametrize("place", ["header", "sections"])
def test_bit_rot_in_the_last_commit_is_damage(tmp_path: Path, place: str) -> None:
    """Its positions are not given again, and all tools name it, before and after a writer has come."""
    sizes = build(tmp_path)
    flip(segment(tmp_path), sizes[-2] + 30 if place == "header" else sizes[-1] - 5)

    for read_only in (True, False):
        with Ledger.open(tmp_path, read_only=read_only) as ledger:
            if not read_only:
                again = ledger.append(STREAM, log_records(0, COMMITS * EVENTS))
                assert (again.first_position, again.appended) == (13, EVENTS if place == "header" else again.appended)
            met: list[SegmentDamageError] = []
            rest = [p for b in ledger.read(columns=["payload"], on_damage=met.append) for p in b.payload.to_list()]
            assert rest[:9] == expected(COMMITS - 1)
            assert [(one.start, one.end, one.first_position, one.last_position) for one in met] == [
                (sizes[-2], sizes[-1], 10, 12)
            ]
            damaged = [(one.start, one.end) for one in ledger.verify().damaged]
            assert damaged == [(sizes[-2], sizes[-1])]
    with Ledger.open(tmp_path, read_only=True) as reader:
        assert [Path(one.path).name for one in reader.stats().damaged] == [f"{1:020d}.seg"]
    assert not list(folder(tmp_path).glob("*.broken-*"))


def test_a_flipped_bit_anywhere_in_the_last_commit_is_never_silent(tmp_path: Path) -> None:
    sizes = build(tmp_path)
    path = segment(tmp_path)
    whole = path.read_bytes()
    for place in range(sizes[-2], sizes[-1], 7):
        flip(path, place)
        with Ledger.open(tmp_path, read_only=True) as reader:
            assert reader.last_position(STREAM) == COMMITS * EVENTS
            assert [(one.start, one.end) for one in reader.verify().damaged] == [(sizes[-2], sizes[-1])]
        path.write_bytes(whole)


@pytest.mark.parametrize("note", ["missing", "empty", "damaged", "of another segment"])
def test_without_a_sound_note_the_last_commit_may_be_torn(tmp_path: Path, note: str) -> None:
    sizes = build(tmp_path)
    flip(segment(tmp_path), sizes[-1] - 5)
    path = segment(tmp_path).with_suffix(".synced")
    if note == "missing":
        path.unlink()
    elif note == "empty":
        path.write_bytes(b"")
    elif note == "damaged":
        path.write_bytes(b"\xff" * len(path.read_bytes()))
    else:
        with Ledger.open(tmp_path / "other") as other:
            other.append(STREAM, log_records(0, 100))
            path.write_bytes(segment(tmp_path / "other").with_suffix(".synced").read_bytes())

    with Ledger.open(tmp_path) as ledger:
        assert ledger.append(STREAM, log_records(9, EVENTS)).first_position == 10
        assert stored(ledger) == expected(COMMITS)
        assert ledger.verify().ok


def test_what_follows_the_acknowledged_end_is_still_a_torn_tail(tmp_path: Path) -> None:
    build(tmp_path)
    with segment(tmp_path).open("ab") as file:
        file.write(b"CLFRAME\n" * 40)

    with Ledger.open(tmp_path) as ledger:
        assert ledger.append(STREAM, log_records(12, 1)).first_position == 13
        assert ledger.verify().ok
    assert len(list(folder(tmp_path).glob("*.broken-*"))) == 1


def test_sealing_takes_the_note_away(tmp_path: Path) -> None:
    build(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        ledger.seal()
    assert not list(folder(tmp_path).glob("*.synced"))
