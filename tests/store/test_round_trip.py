"""Whatever a batch holds, reading gives it back: every column, sealed or not, in one frame or in many."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import ALL_COLUMNS, NUMBER_TYPES
from cloudledger.domain.events import Kind
from cloudledger.store import FACTS, Ledger
from cloudledger.store.number_codec import (
    decode_numbers,
    encode_distinct,
    encode_offsets,
    encode_plain,
    encode_times,
    join_numbers,
)
from cloudledger.store.string_table import decode_strings, encode_strings
from tests.store.builders import STREAM, contents, joined, log_recorded, random_batch


@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
@pytest.mark.parametrize("seed", range(4))
def test_every_column_comes_back_as_it_went_in(tmp_path: Path, seed: int, sealed: bool) -> None:
    batches = [random_batch(seed * 10 + part, 40 + 700 * (part % 2)) for part in range(3)]
    with Ledger.open(tmp_path) as ledger:
        for batch in batches:
            ledger.append(STREAM, batch)
        if sealed:
            ledger.seal()

        stored = joined(list(ledger.read(STREAM)))

    assert contents(stored) == contents(joined(batches))
    assert stored.positions.tolist() == list(range(1, len(stored) + 1))


@pytest.mark.parametrize("column", ALL_COLUMNS)
def test_a_column_can_be_read_alone(tmp_path: Path, column: str) -> None:
    batch = random_batch(5, 90)
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, batch)

        stored = joined(list(ledger.read(columns=[column])))

    assert stored.column_names == (column,)
    assert contents(stored, (column,)) == contents(batch, (column,))


def test_facts_are_the_payloads_of_all_events_but_logs_and_rejected_records(tmp_path: Path) -> None:
    batch = random_batch(6, 200)
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, batch)

        facts = joined(list(ledger.read(columns=[FACTS]))).payload.to_list()

    is_raw = np.isin(batch.kind, (Kind.LOG_RECORDED, Kind.RECORD_REJECTED)).tolist()
    assert facts == [b"" if raw else body for raw, body in zip(is_raw, batch.payload.to_list(), strict=True)]


def test_a_batch_of_many_frames_is_one_commit(tmp_path: Path) -> None:
    """40,000 rows are cut into frames of at most 16,384."""
    count = 40_000
    numbers = np.arange(1, count + 1, dtype=np.uint64)
    batch = EventBatch.build(count, event_id=np.stack([numbers, numbers], axis=1), occurred_at=numbers)
    with Ledger.open(tmp_path) as ledger:
        result = ledger.append(STREAM, batch, cursor=b"end")

        assert (result.appended, result.last_position) == (count, count)
        assert ledger.stats().streams[0].events == count
        assert [len(part) for part in ledger.read(batch_rows=20_000)] == [16_384, 16_384, 7_232]
        assert ledger.cursor(STREAM) == b"end"


def test_events_of_all_forms_come_back_as_objects(tmp_path: Path) -> None:
    event = log_recorded(3, mentions=("i-1",), trace_id="ab" * 16, duration_us=0, resource="arn:aws:ec2:::i-1")
    with Ledger.open(tmp_path, clock=lambda: 77) as ledger:
        ledger.append(STREAM, [event])

        stored = ledger.event(f"{STREAM}@1")

    assert (stored.reference, stored.recorded_at, stored.size_bytes) == (f"{STREAM}@1", 77, len(event.payload))
    assert (stored.mentions, stored.trace_id, stored.duration_us) == (event.mentions, event.trace_id, 0)


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=40))
def test_times_and_offsets_lose_nothing(values: list[int]) -> None:
    column = np.array(values, np.int64)

    assert decode_numbers(encode_times(column), column.dtype).tolist() == values
    assert decode_numbers(encode_offsets(column), column.dtype).tolist() == values


@given(st.lists(st.integers(-(1 << 33), 1 << 33), max_size=40), st.sampled_from([1, 1_000, 1_000_000, 1_000_000_000]))
def test_times_in_a_coarse_unit_lose_nothing(values: list[int], unit: int) -> None:
    column = np.array(values, np.int64) * (unit if unit < 1_000_000_000 else 1_000_000)

    assert decode_numbers(encode_times(column), column.dtype).tolist() == column.tolist()


@given(st.lists(st.integers(0, (1 << 64) - 1) | st.sampled_from([0, 7]), max_size=40))
def test_hashes_lose_nothing(values: list[int]) -> None:
    column = np.array(values, np.uint64)

    for encode in (encode_distinct, encode_plain, encode_offsets):
        assert decode_numbers(encode(column), column.dtype).tolist() == values


@given(st.lists(st.none() | st.lists(st.integers(-3, 300) | st.integers(-(1 << 63), (1 << 63) - 1), max_size=9)))
def test_parts_joined_are_what_each_decodes_to(parts: list[list[int] | None]) -> None:
    encoders = [encode_offsets, encode_times, encode_plain]
    encoded = [
        None if part is None else encoders[place % 3](np.array(part, np.int64)) for place, part in enumerate(parts)
    ]
    counts = [2 if part is None else len(part) for part in parts]

    numbers = join_numbers(encoded, counts, np.dtype("<i8"), default=-1)

    assert numbers.tolist() == [number for part in parts for number in ([-1, -1] if part is None else part)]


def test_parts_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="in place of"):
        join_numbers([encode_offsets(np.array([1, 2])), None], [3, 1], np.dtype("<i8"))


@pytest.mark.parametrize("name", NUMBER_TYPES)
def test_extreme_values_of_a_number_column_come_back(tmp_path: Path, name: str) -> None:
    dtype, width = NUMBER_TYPES[name]
    limits = np.iinfo(np.dtype(dtype))
    ends = [int(limits.min) + (name == "event_id"), int(limits.max)]
    values = np.array([end for end in ends for _ in range(width)], np.dtype(dtype)).reshape((2, width)[:width])
    batch = EventBatch.build(2, **({"event_id": [[1, 1], [2, 2]]} | {name: values}))
    with Ledger.open(tmp_path, clock=lambda: 5) as ledger:
        ledger.append(STREAM, batch)

        stored = getattr(joined(list(ledger.read(columns=[name]))), name)

    assert stored.tolist() == values.tolist()


@given(st.lists(st.text(st.characters(), max_size=8)), st.integers(0, 9))
def test_strings_lose_nothing(strings: list[str], first: int) -> None:
    assert decode_strings(encode_strings(first, strings)) == (first, strings)
