"""Sections that a later version adds and marks as safe to ignore are passed over, and still checked."""

from pathlib import Path

import pytest

from cloudledger.store import Ledger
from cloudledger.store.sections import Section, SectionFlag
from cloudledger.store.segment_index import SegmentIndex
from tests.store.builders import STREAM, event_id, log_records
from tests.store.test_recovery import flip

UNKNOWN = 0x7F0
CONTENT = b"what nobody knows yet " * 9


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger whose frames and footers have a section that this version does not know."""
    add, sections = SegmentIndex.add, SegmentIndex.sections
    extra = Section.pack(UNKNOWN, CONTENT, compressed=False, flags=SectionFlag.SAFE_TO_IGNORE)
    monkeypatch.setattr(SegmentIndex, "add", lambda index, frame, columns: [*add(index, frame, columns), extra])
    monkeypatch.setattr(SegmentIndex, "sections", lambda index: [extra, *sections(index)])
    with Ledger.open(tmp_path) as ledger:
        for number in range(3):
            ledger.append(STREAM, log_records(number * 10, 10))
        ledger.seal()
        ledger.append(STREAM, log_records(30, 10))
    monkeypatch.undo()
    return tmp_path


def test_an_unknown_section_that_is_safe_to_ignore_changes_nothing(later: Path) -> None:
    with Ledger.open(later) as ledger:
        assert sum(map(len, ledger.read())) == 40
        assert ledger.event(event_id(12)).reference == f"{STREAM}@13"
        assert ledger.verify().ok
        assert ledger.append(STREAM, log_records(0, 41)).appended == 1


def test_damage_in_an_unknown_section_is_found_by_verify(later: Path) -> None:
    path = next(later.rglob("*.seg"))
    flip(path, path.read_bytes().rindex(CONTENT))

    with Ledger.open(later, read_only=True) as ledger:
        assert sum(map(len, ledger.read())) == 40
        assert [damage.path for damage in ledger.verify().damaged] == [str(path)]
