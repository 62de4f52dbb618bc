"""An event id that a stream holds already is not stored again, and no new one is ever taken for a known one."""

import random
from pathlib import Path

import numpy as np
import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.store import Ledger
from cloudledger.store.hashing import filter_keys
from cloudledger.store.split_block_filter import Filter, FilterProbe, KeyProbe, fold, new_filter, new_growable_filter
from tests.store.builders import STREAM, log_recorded, log_records


def batch_of_ids(numbers: list[int]) -> EventBatch:
    """Return events whose ids are numbers."""
    return EventBatch.build(len(numbers), event_id=[[1, number] for number in numbers], payload=[b"x"] * len(numbers))


def stored_ids(ledger: Ledger) -> list[int]:
    """Return the numbers of all stored events."""
    return [number for batch in ledger.read(columns=["event_id"]) for number in batch.event_id[:, 1].tolist()]


def test_of_several_events_with_one_id_the_first_is_kept(ledger: Ledger) -> None:
    first, second = log_recorded(1, service="first"), log_recorded(1, service="second")

    result = ledger.append(STREAM, [first, log_recorded(2), second])

    assert (result.appended, result.duplicates) == (2, 1)
    assert ledger.event(f"{STREAM}@1").service == "first"


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_known_event_is_known_after_sealing_and_restarting(tmp_path: Path, sealed: bool, restarted: bool) -> None:
    ledger = Ledger.open(tmp_path)
    ledger.append(STREAM, log_records(0, 500))
    if sealed:
        ledger.seal()
    if restarted:
        ledger.close()
        ledger = Ledger.open(tmp_path)

    again = ledger.append(STREAM, log_records(250, 500))

    assert (again.appended, again.duplicates) == (250, 250)
    ledger.close()


@pytest.mark.parametrize("seed", range(3))
def test_any_history_of_redelivery_stores_each_event_once(tmp_path: Path, seed: int) -> None:
    """Out of order, days later, across sealed segments and restarts."""
    pick, expected = random.Random(seed), dict[int, None]()
    ledger = Ledger.open(tmp_path)
    for _ in range(40):
        numbers = [pick.randrange(1, 3_000) for _ in range(pick.randrange(120))]
        new = [number for number in dict.fromkeys(numbers) if number not in expected]
        result = ledger.append(STREAM, batch_of_ids(numbers))
        assert (result.appended, result.duplicates) == (len(new), len(numbers) - len(new))
        expected |= dict.fromkeys(new)
        if pick.random() < 0.1:
            ledger.seal()
        if pick.random() < 0.1:
            ledger.close()
            ledger = Ledger.open(tmp_path)

    assert stored_ids(ledger) == list(expected)
    ledger.close()


def test_streams_are_deduplicated_apart(ledger: Ledger) -> None:
    assert ledger.append("a", log_records(0, 5)).appended == 5
    assert ledger.append("b", log_records(0, 5)).appended == 5


def test_a_full_filter_takes_no_new_event_for_a_known_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a filter of one block every probe is a hit: the ids themselves decide."""
    monkeypatch.setattr("cloudledger.store.stream_writer.SEGMENT_EVENTS", 8)
    with Ledger.open(tmp_path) as ledger:
        monkeypatch.setattr("cloudledger.store.stream_writer.SEGMENT_EVENTS", 1_000_000)
        ledger.append(STREAM, batch_of_ids(list(range(1, 2_000))))
        result = ledger.append(STREAM, batch_of_ids(list(range(1_000, 3_000))))

        assert (result.appended, result.duplicates) == (1_000, 1_000)


@pytest.mark.parametrize("sharp", [False, True])
def test_a_filter_knows_all_its_keys_and_few_others(sharp: bool) -> None:
    rng = np.random.default_rng(3)
    keys = filter_keys(rng.integers(0, 1 << 63, (20_000, 2), np.uint64))
    filled = Filter(new_filter(20_000 if sharp else 10_000), sharp)
    FilterProbe(keys[:10_000]).add_to(filled)

    assert FilterProbe(keys[:10_000]).hits(filled).tolist() == list(range(10_000))
    assert len(FilterProbe(keys[10_000:]).hits(filled)) < (2 if sharp else 50)
    assert all(KeyProbe(key).perhaps_in(filled) for key in keys[:100].tolist())


def test_a_folded_filter_still_knows_all_its_keys() -> None:
    keys = filter_keys(np.arange(600, dtype=np.uint64).reshape(-1, 2))
    words = new_growable_filter(100_000)
    FilterProbe(keys).add_to(Filter(words))

    small = fold(words, len(keys))

    assert len(small) < len(words) // 100
    assert len(FilterProbe(keys).hits(Filter(small))) == len(keys)


def test_the_filters_of_many_frames_are_probed_at_once() -> None:
    rng = np.random.default_rng(4)
    frames = [filter_keys(rng.integers(0, 1 << 63, (size, 2), np.uint64)) for size in (5, 0, 300, 41)]
    filters = [new_filter(len(keys)) if len(keys) else np.zeros(0, np.uint64) for keys in frames]
    for keys, words in zip(frames, filters, strict=True):
        if len(keys):
            FilterProbe(keys).add_to(Filter(words))
    first_blocks = np.cumsum([0, *[len(words) // 2 for words in filters]])

    for number in (0, 2, 3):
        found = KeyProbe(int(frames[number][0])).frames_in(Filter(np.concatenate(filters)), first_blocks)
        assert number in found.tolist()
