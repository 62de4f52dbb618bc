"""Filters over many segments: they answer as the segments' own do, and nothing depends on them."""

from pathlib import Path

import numpy as np
import pytest

from cloudledger.domain.errors import UnknownReferenceError
from cloudledger.store import Ledger
from cloudledger.store.filter_tier import PAGE_BYTES, TIER_SEGMENTS
from cloudledger.store.hashing import filter_keys
from cloudledger.store.segment_reader import SegmentReader
from cloudledger.store.split_block_filter import KeyProbe
from cloudledger.store.stream_directory import stream_path
from tests.store.builders import START_NS, STREAM, event_id, log_recorded
from tests.store.test_recovery import flip

SEGMENTS = TIER_SEGMENTS + 3


@pytest.fixture
def many(ledger: Ledger) -> Ledger:
    """A ledger of segments of very different sizes, the first ones covered by a tier."""
    at = 0
    for number in range(SEGMENTS):
        count = 300 if number == 4 else 1 + number % 5
        ledger.append(STREAM, [log_recorded(n, trace_id=f"{n + 1:032x}") for n in range(at, at + count)])
        ledger.seal()
        at += count
    return ledger


def tiers(ledger: Ledger) -> list[Path]:
    """Return the files of tiers."""
    return sorted((Path(stream_path(ledger.location, STREAM)) / "filters").glob("*.tier"))


def check(ledger: Ledger) -> None:
    """Look everything up, and append everything again."""
    last = ledger.last_position(STREAM)
    for number in range(0, last, 37):
        assert [e.reference for e in ledger.search(trace_id=f"{number + 1:032x}")] == [f"{STREAM}@{number + 1}"]
        assert ledger.event(event_id(number)).reference == f"{STREAM}@{number + 1}"
    assert list(ledger.search(trace_id="f" * 32)) == []
    with pytest.raises(UnknownReferenceError):
        ledger.event(b"\xff" * 16)
    if not ledger.read_only:
        assert ledger.append(STREAM, [log_recorded(n) for n in range(last)]).appended == 0


def test_everything_is_found_through_a_tier_and_absent_ids_open_no_segment(
    many: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(tiers(many)) == 1
    check(many)
    opened: list[str] = []
    first = SegmentReader.__init__

    def opening(self: SegmentReader, files: object, path: str, **how: bool) -> None:
        opened.append(path)
        first(self, files, path, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(SegmentReader, "__init__", opening)
    with Ledger.open(many.location, read_only=True) as reader:
        assert list(reader.search(trace_id="e" * 32)) == []
    assert len(opened) <= SEGMENTS - TIER_SEGMENTS + 1


def test_a_tier_says_what_the_segments_say(many: Ledger) -> None:
    """For any key: never "no" where a segment says "perhaps", but for a folded one that says it more often."""
    reader = many._reader(STREAM)
    reader.refresh()
    keys = filter_keys(np.random.default_rng(1).integers(0, 1 << 64, (300, 2), np.uint64))
    found = {name: set(rows.tolist()) for name, rows in reader.filters.hits(keys)}
    for name in reader.filters.covered:
        segment = reader.segment(name)
        own = {row for row, key in enumerate(keys.tolist()) if segment.may_hold_id(KeyProbe(key))}
        assert own <= found.get(name, set())
        single = {row for row in own if name not in reader.filters.without_id(KeyProbe(int(keys[row])))}
        assert own <= single


@pytest.mark.parametrize("how", ["missing", "shortened", "head", "page"])
def test_a_damaged_tier_costs_only_time(many: Ledger, how: str) -> None:
    (tier,) = tiers(many)
    many.close()
    size = tier.stat().st_size
    if how == "missing":
        tier.unlink()
    elif how == "shortened":
        tier.write_bytes(tier.read_bytes()[: size // 2])
    elif how == "page":
        for place in range(4096, size - 4096, PAGE_BYTES // 8):
            flip(tier, place)
    else:
        flip(tier, 20)

    for read_only in (True, False):
        with Ledger.open(many.location, read_only=read_only) as ledger:
            check(ledger)


def test_tiers_follow_retention_and_compaction(many: Ledger) -> None:
    many.compact()
    check(many)
    assert len(many._reader(STREAM).manifest.segments) == 1
    for number in range(900, 900 + TIER_SEGMENTS):
        many.append(STREAM, [log_recorded(number, trace_id="a" * 32)])
        many.seal()
    assert len(tiers(many)) == 1
    assert len(list(many.search(trace_id="a" * 32))) == TIER_SEGMENTS

    many.retain(older_than=START_NS + 910 * 10**9)

    assert len(list(many.search(trace_id="a" * 32))) == TIER_SEGMENTS - 10
    assert many.append(STREAM, [log_recorded(900)]).appended == 1
    assert many.append(STREAM, [log_recorded(920)]).appended == 0


def test_few_files_are_open_however_many_segments_there_are(many: Ledger) -> None:
    """A mapped filter holds a descriptor too; readers and dedupe keep so many segments open, not all."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    check(many)

    assert len(list(Path("/proc/self/fd").iterdir())) - before < 5 * 16 + 5


def test_neighbouring_tiers_become_a_wide_one(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of segments of very different sizes; the narrow ones go with the next seal."""
    monkeypatch.setattr("cloudledger.store.stream_filters.WIDE_LANES", 2)
    at = 0
    for number in range(2 * TIER_SEGMENTS + 1):
        count = 300 if number == 40 else 1 + number % 5
        ledger.append(STREAM, [log_recorded(n, trace_id=f"{n + 1:032x}") for n in range(at, at + count)])
        ledger.seal()
        at += count

    (wide,) = tiers(ledger)
    check(ledger)
    with Ledger.open(ledger.location, read_only=True) as reader:
        stream = reader._reader(STREAM)
        stream.refresh()
        assert len(stream.filters.covered) == 2 * TIER_SEGMENTS
        check(reader)
    ledger.retain(older_than=START_NS + 100 * 10**9)
    assert ledger.append(STREAM, [log_recorded(n) for n in range(at)]).duplicates > at - 110
    ledger.close()
    for place in range(4096, wide.stat().st_size - 4096, PAGE_BYTES):
        flip(wide, place)
    with Ledger.open(ledger.location) as damaged:
        assert len(list(damaged.search(trace_id=f"{at:032x}"))) == 1
        assert list(damaged.search(trace_id="f" * 32)) == []


def test_a_half_written_tier_is_swept(many: Ledger) -> None:
    (tier,) = tiers(many)
    many.close()
    half = tier.with_name(f".tmp-{tier.name}")
    half.write_bytes(b"CLTIER2\n")

    with Ledger.open(many.location) as ledger:
        check(ledger)
    assert not half.exists()
