"""After a crash a stream holds an exact prefix of its commits: a torn tail is cut and kept aside, the rest goes on."""

import os
import shutil
from pathlib import Path

import msgspec
import pytest

from cloudledger.domain.errors import SegmentDamageError, UnknownReferenceError
from cloudledger.domain.events import Event
from cloudledger.store import Ledger
from cloudledger.store.local_file_system import LocalFileSystem
from cloudledger.store.sections import NUMBER_SECTIONS, SectionType
from cloudledger.store.segment_reader import SegmentReader
from cloudledger.store.stream_directory import stream_path
from tests.store.builders import STREAM, event_id, log_records

COMMITS = 4
EVENTS = 3


def build(location: Path) -> list[int]:
    """Make a ledger of some commits; return the length of the open segment after each."""
    sizes = []
    with Ledger.open(location) as ledger:
        for number in range(COMMITS):
            ledger.append(STREAM, log_records(number * EVENTS, EVENTS), cursor=b"page-%d" % number)
            sizes.append(segment(location).stat().st_size)
    return sizes


def folder(location: Path) -> Path:
    """Return the stream's folder."""
    return Path(stream_path(str(location), STREAM))


def segment(location: Path) -> Path:
    """Return the stream's only segment."""
    (path,) = [path for path in folder(location).iterdir() if path.suffix in (".open", ".seg")]
    return path


def stored(ledger: Ledger) -> list[bytes]:
    """Return the payloads of all events."""
    return [payload for batch in ledger.read(columns=["payload"]) for payload in batch.payload.to_list()]


def expected(commits: int) -> list[bytes]:
    """Return the payloads of the first commits."""
    return [b"line %d" % number for number in range(commits * EVENTS)]


def test_a_file_cut_at_any_byte_of_its_last_commit_loses_that_commit_only(tmp_path: Path) -> None:
    """Readers see the prefix at once; the next writer appends behind it, and the cursor is the prefix's."""
    sizes = build(tmp_path)
    path, original = segment(tmp_path), segment(tmp_path).read_bytes()
    for length in range(sizes[-2], sizes[-1]):
        path.with_suffix(".synced").unlink(missing_ok=True)  # it tells of what the round before appended
        path.write_bytes(original[:length])
        with Ledger.open(tmp_path, read_only=True) as reader:
            assert stored(reader) == expected(COMMITS - 1)
            assert reader.cursor(STREAM) == b"page-%d" % (COMMITS - 2)
        if length % 20 == 0:
            with Ledger.open(tmp_path) as ledger:
                assert ledger.append(STREAM, log_records(9, EVENTS)).first_position == 10
                assert stored(ledger) == expected(COMMITS)


def test_a_commit_of_several_frames_is_lost_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudledger.store.segment_writer.FRAME_ROWS", 2)
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, log_records(0, 5), cursor=b"5")
        size = segment(tmp_path).stat().st_size
        ledger.append(STREAM, log_records(5, 7), cursor=b"12")
    path, original = segment(tmp_path), segment(tmp_path).read_bytes()
    assert original.count(b"CLFRAME\n") == 7

    for length in range(size, len(original), 40):
        path.write_bytes(original[:length])
        with Ledger.open(tmp_path, read_only=True) as reader:
            assert (reader.last_position(STREAM), reader.cursor(STREAM)) == (5, b"5")
    with Ledger.open(tmp_path) as ledger:
        assert ledger.append(STREAM, log_records(0, 12)).first_position == 6
        assert [at for batch in ledger.read() for at in batch.positions.tolist()] == list(range(1, 13))


@pytest.mark.parametrize("tail", [b"\0" * 5000, b"\xff" * 37, b"CLFRAME\n" * 40, os.urandom(9000)])
def test_what_follows_the_last_commit_is_cut_after_a_copy_is_kept(tmp_path: Path, tail: bytes) -> None:
    build(tmp_path)
    with segment(tmp_path).open("ab") as file:
        file.write(tail)
    assert not Ledger.open(tmp_path, read_only=True).verify().ok

    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, log_records(100, 1))

        assert stored(ledger) == [*expected(COMMITS), b"line 100"]
        assert ledger.verify().ok
    assert [path.read_bytes() for path in folder(tmp_path).glob("*.broken-*")] == [tail]


def test_a_segment_of_which_nothing_can_be_read_is_set_aside_and_reported(tmp_path: Path) -> None:
    """No crash leaves that: a segment appears with its whole header."""
    build(tmp_path)
    segment(tmp_path).write_bytes(segment(tmp_path).read_bytes()[:20])

    with Ledger.open(tmp_path) as ledger:
        with pytest.raises(SegmentDamageError):
            stored(ledger)
        assert ledger.append(STREAM, log_records(0, 1)).first_position == 1
        assert ["set aside" in damage.reason for damage in ledger.verify().damaged] == [True]


def test_damage_with_valid_frames_behind_it_is_named_and_never_cut(tmp_path: Path) -> None:
    sizes = build(tmp_path)
    flip(segment(tmp_path), sizes[0] + 30)

    with Ledger.open(tmp_path) as ledger:
        assert ledger.append(STREAM, log_records(50, 1)).first_position == COMMITS * EVENTS + 1

        with pytest.raises(SegmentDamageError) as raised:
            stored(ledger)
        error = raised.value
        assert (error.stream, error.first_position, error.last_position) == (STREAM, 4, 6)
        assert (error.start, error.end) == (sizes[0], sizes[1])
        met: list[SegmentDamageError] = []
        rest = [p for b in ledger.read(columns=["payload"], on_damage=met.append) for p in b.payload.to_list()]
        assert rest == [*expected(1), *expected(COMMITS)[6:], b"line 50"]
        assert [(one.start, one.end) for one in met] == [(sizes[0], sizes[1])]
        assert [(one.start, one.end) for one in ledger.verify().damaged] == [(sizes[0], sizes[1])]
        with pytest.raises(SegmentDamageError):
            ledger.event(f"{STREAM}@5")


def test_an_event_is_found_by_id_although_another_frame_is_damaged(tmp_path: Path) -> None:
    """What is nowhere else may have been in the damaged place, unless the frame's filter tells that it was not."""
    sizes = build(tmp_path)
    frame = SegmentReader(LocalFileSystem(), str(segment(tmp_path)), sealed=False).frame(1)
    flip(segment(tmp_path), sizes[0] + frame.table[NUMBER_SECTIONS["event_id"]].offset + 9)

    with Ledger.open(tmp_path, read_only=True) as reader:
        assert reader.event(event_id(10)).reference == f"{STREAM}@11"
        with pytest.raises(SegmentDamageError):
            reader.event(event_id(4))
        with pytest.raises(UnknownReferenceError):
            reader.event(event_id(99))

    flip(segment(tmp_path), sizes[0] + frame.table[SectionType.ID_FILTER].offset + 3)
    with Ledger.open(tmp_path, read_only=True) as reader:
        assert reader.event(event_id(10)).reference == f"{STREAM}@11"
        with pytest.raises(SegmentDamageError):
            reader.event(event_id(99))


def test_reading_can_go_on_behind_damage_by_position(tmp_path: Path) -> None:
    sizes = build(tmp_path)
    flip(segment(tmp_path), sizes[0] + 30)

    with Ledger.open(tmp_path, read_only=True) as reader:
        with pytest.raises(SegmentDamageError) as raised:
            stored(reader)
        rest = [p for b in reader.read(STREAM, after=raised.value.last_position) for p in b.payload.to_list()]

    assert rest == expected(COMMITS)[6:]


def test_strings_that_were_lost_with_a_frame_are_damage_where_they_are_used(tmp_path: Path) -> None:
    """Other columns of the frames behind stay readable."""
    build(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        size = segment(tmp_path).stat().st_size
        ledger.append(STREAM, log_records(100, 2))
        ledger.append("other", [])
        ledger.append(STREAM, [renamed(log, "new") for log in log_records(200, 2)])
        ledger.append(STREAM, [renamed(log, "new") for log in log_records(300, 2)])
        ledger.append(STREAM, [renamed(log, "newer") for log in log_records(400, 2)])
    after_first = size
    header = segment(tmp_path).read_bytes().index(b"CLFRAME\n", after_first + 8)
    flip(segment(tmp_path), header + 20)

    with Ledger.open(tmp_path, read_only=True) as reader:
        met: list[SegmentDamageError] = []
        services = [e.service for b in reader.read(STREAM, on_damage=met.append) for e in b]
        assert set(services) == {"cart", "newer"}
        assert any("strings" in error.reason for error in met)
        numbers = [n for b in reader.read(columns=["kind"], on_damage=met.append) for n in b.kind.tolist()]
        assert len(numbers) == COMMITS * EVENTS + 6


def renamed(event: Event, service: str) -> Event:
    """Return an event of another service."""
    return msgspec.structs.replace(event, service=service)


def flip(path: Path, offset: int) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 4
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["footer written, not renamed", "renamed, no manifest"])
def test_sealing_that_a_crash_interrupted_is_finished(tmp_path: Path, how: str) -> None:
    build(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        ledger.seal()
    shutil.rmtree(folder(tmp_path) / "manifest")
    if how == "footer written, not renamed":
        segment(tmp_path).rename(segment(tmp_path).with_suffix(".open"))

    with Ledger.open(tmp_path, read_only=True) as reader:
        assert stored(reader) == expected(COMMITS)
        assert reader.cursor(STREAM) == b"page-3"
    with Ledger.open(tmp_path) as ledger:
        assert ledger.append(STREAM, log_records(9, 6)).duplicates == 3
        assert stored(ledger) == expected(COMMITS + 1)
        assert ledger.verify().ok


def test_a_torn_footer_is_cut_and_the_frames_stay(tmp_path: Path) -> None:
    sizes = build(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        ledger.seal()
    shutil.rmtree(folder(tmp_path) / "manifest")
    sealed = segment(tmp_path)
    whole = sealed.read_bytes()
    sealed.unlink()
    for length in range(sizes[-1] + 1, len(whole), 97):
        sealed.with_suffix(".open").write_bytes(whole[:length])
        with Ledger.open(tmp_path) as ledger:
            assert ledger.append(STREAM, log_records(0, 12)).duplicates == 12
            assert stored(ledger) == expected(COMMITS)


def test_a_damaged_manifest_is_passed_over_and_reported(tmp_path: Path) -> None:
    build(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        ledger.seal()
        ledger.append(STREAM, log_records(12, 3))
        ledger.seal()
    newest = max((folder(tmp_path) / "manifest").iterdir())
    flip(newest, 100)

    with Ledger.open(tmp_path) as ledger:
        assert stored(ledger) == expected(COMMITS + 1)
        assert [one.path for one in ledger.verify().damaged] == [str(newest)]
        assert ledger.append(STREAM, log_records(0, 20)).duplicates == 15
        assert ledger.last_position(STREAM) == 20


@pytest.mark.parametrize("how", ["missing", "shortened"])
def test_a_missing_or_shortened_segment_is_noticed(tmp_path: Path, how: str) -> None:
    sizes = build(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        ledger.seal()
        ledger.append(STREAM, log_records(12, 3))
        ledger.seal()
    first = min(folder(tmp_path).glob("*.seg"))
    if how == "missing":
        first.unlink()
    else:
        first.write_bytes(first.read_bytes()[: sizes[1]])

    with Ledger.open(tmp_path, read_only=True) as reader:
        report = reader.verify()
        assert {one.path for one in report.damaged} == {str(first)}
        met: list[SegmentDamageError] = []
        rest = [p for b in reader.read(columns=["payload"], on_damage=met.append) for p in b.payload.to_list()]
        assert rest == expected(COMMITS + 1)[12 if how == "missing" else 0 :][: None if how == "missing" else 6] + (
            [] if how == "missing" else expected(COMMITS + 1)[12:]
        )
        assert [one.last_position for one in met] == [12]
        with pytest.raises(SegmentDamageError):
            stored(reader)
