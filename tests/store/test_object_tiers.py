"""Writers on an object store build filter tiers, and readers there ask them; large files are put aside on disk."""

from __future__ import annotations

import pytest

from cloudledger.store.filter_tier import TIER_SEGMENTS
from cloudledger.store.object_aside import AsideFile
from cloudledger.store.object_client import ObjectClient
from cloudledger.store.segment_reader import SegmentReader
from tests.store.builders import STREAM, log_recorded
from tests.store.objects import Bucket


@pytest.fixture(scope="module")
def bucket() -> Bucket:
    """A ledger of one segment more than a tier takes."""
    filled = Bucket()
    with filled.open() as ledger:
        for number in range(TIER_SEGMENTS + 1):
            ledger.append(STREAM, [log_recorded(number, trace_id=f"{number + 1:032x}")])
            ledger.seal()
    return filled


def test_an_absent_trace_opens_no_segment_that_a_tier_covers(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(bucket.keys(".tier")) == 1
    opened: list[str] = []
    first = SegmentReader.__init__

    def opening(self: SegmentReader, files: object, path: str, **how: bool) -> None:
        opened.append(path)
        first(self, files, path, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(SegmentReader, "__init__", opening)
    with bucket.open(read_only=True) as reader:
        assert list(reader.search(trace_id="e" * 32)) == []
        assert len(opened) <= 2
        assert len(list(reader.search(trace_id=f"{5:032x}"))) == 1


def test_a_writer_knows_every_event_and_makes_a_damaged_tier_anew(bucket: Bucket) -> None:
    client: ObjectClient = bucket.client
    (tier,) = bucket.keys(".tier")
    whole = client.get(tier)
    client.put(tier, whole[:40] + b"\0" * 8 + whole[48:])
    with bucket.open() as ledger:
        assert ledger.append(STREAM, [log_recorded(number) for number in range(TIER_SEGMENTS + 2)]).appended == 1
        ledger.seal()

    assert client.get(tier) == whole


def test_what_is_put_aside_can_be_read_while_it_grows() -> None:
    aside = AsideFile()
    content = bytes(range(256)) * 40_000
    for start in range(0, len(content), 1_000_000):
        aside.write(content[start : start + 1_000_000])
        assert aside.read(start, 5) == content[start : start + 5]
    aside.truncate(9_000_000)

    assert callable(aside.content)
    assert b"".join(bytes(piece) for piece in aside.content()) == content[:9_000_000]
