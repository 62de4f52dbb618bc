"""A flipped bit anywhere is found by `verify`, never gives a wrong event, and leaves the others readable."""

import os
from pathlib import Path

import pytest

from cloudledger.domain.errors import SegmentDamageError
from cloudledger.store import Ledger
from tests.store.builders import STREAM, contents, random_batch
from tests.store.test_recovery import flip, segment

COMMITS = 5
ROWS = 30
FLIPS = 120
"""Places per file, spread evenly over all its regions. CLOUDLEDGER_FLIPS=1000000 tries every byte."""

FLIPS_VARIABLE = "CLOUDLEDGER_FLIPS"


def build(location: Path, *, sealed: bool) -> dict[int, str]:
    """Make a ledger; return what each position holds."""
    known: dict[int, str] = {}
    with Ledger.open(location) as ledger:
        for number in range(COMMITS):
            ledger.append(STREAM, random_batch(number, ROWS), cursor=b"%d" % number)
        if sealed:
            ledger.seal()
        for batch in ledger.read():
            rows = zip(*contents(batch).values(), strict=True)
            known |= dict(zip(batch.positions.tolist(), map(repr, rows), strict=True))
    return known


@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
def test_a_flipped_bit_is_found_and_harms_no_other_event(
    tmp_path: Path, sealed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloudledger.store.verification.WRITE_S", 0.0)
    known = build(tmp_path, sealed=sealed)
    path = segment(tmp_path)
    size, step = path.stat().st_size, path.stat().st_size // int(os.environ.get(FLIPS_VARIABLE, FLIPS))
    for offset in range(0, size, max(1, step)):
        flip(path, offset)
        with Ledger.open(tmp_path, read_only=True) as reader:
            met: list[SegmentDamageError] = []
            read: dict[int, str] = {}
            for batch in reader.read(on_damage=met.append):
                rows = zip(*contents(batch).values(), strict=True)
                read |= dict(zip(batch.positions.tolist(), map(repr, rows), strict=True))

            assert read.items() <= known.items(), f"an invented event after a flip at {offset}"
            assert not reader.verify().ok, f"an undetected flip at {offset}"
            lost = known.keys() - read.keys()
            named = {at for error in met for at in range(error.first_position, error.last_position + 1)}
            tail = set(range((COMMITS - 1) * ROWS + 1, COMMITS * ROWS + 1))
            assert lost <= named or (not sealed and lost <= named | tail)
            if sealed:
                assert len(lost) <= ROWS
        flip(path, offset)
