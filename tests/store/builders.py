"""Make batches and events for the store's tests: any values that a column can hold, from a seed."""

from __future__ import annotations

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import ALL_COLUMNS, NUMBER_TYPES, STRING_COLUMNS
from cloudledger.domain.events import Event, Kind, LogRecorded

SECOND_NS = 1_000_000_000
START_NS = 1_790_000_000 * SECOND_NS
STREAM = "aws/123456789012/us-east-1/cloudwatch"


def event_id(number: int) -> bytes:
    """Return the id of event number so and so."""
    return (number + 1).to_bytes(16, "big")


def log_recorded(number: int = 0, **fields: object) -> LogRecorded:
    """Return a log record that no other number gives."""
    known: dict[str, object] = {"occurred_at": START_NS + number * SECOND_NS, "payload": b"line %d" % number}
    return LogRecorded(event_id=event_id(number), **(known | {"service": "cart"} | fields))  # type: ignore[arg-type]


def log_records(first: int, count: int) -> list[Event]:
    """Return log records with consecutive numbers."""
    return [log_recorded(number) for number in range(first, first + count)]


def random_batch(seed: int, count: int, *, kinds: bool = True) -> EventBatch:
    """Return events with random values in every column; ids repeat for the same seed only."""
    rng = np.random.default_rng(seed)
    names = ["", "cart", "pay", "größe", "\udc80broken", "x" * 300, *(f"service-{n}" for n in range(50))]
    columns: dict[str, object] = {name: rng.choice(names, count).tolist() for name in STRING_COLUMNS}
    for name, (dtype, width) in NUMBER_TYPES.items():
        shape = count if width == 1 else (count, width)
        top = int(np.iinfo(np.dtype(dtype)).max)
        columns[name] = rng.integers(0, top, shape, np.dtype(dtype), endpoint=True)
    columns["occurred_at"] = START_NS + rng.integers(0, 10_000, count) * SECOND_NS
    columns["recorded_at"] = rng.integers(1, 1 << 62, count)
    columns["trace_id"] = rng.integers(0, 3, (count, 2)).astype(np.uint64)
    columns["severity"] = rng.integers(0, 25, count).astype(np.uint8)
    logs = np.full(count, Kind.LOG_RECORDED, np.uint8)
    columns["kind"] = rng.choice([1, 1, 1, 5, 8], count).astype(np.uint8) if kinds else logs
    columns["mentions"] = [tuple(rng.choice(names[1:], rng.integers(0, 4))) for _ in range(count)]
    columns["payload"] = [rng.bytes(int(size)) for size in rng.integers(0, 400, count)]
    return EventBatch.build(count, **columns)


def contents(batch: EventBatch, columns: tuple[str, ...] = ALL_COLUMNS) -> dict[str, list[object]]:
    """Return a batch's columns as plain values, to compare them."""
    plain: dict[str, list[object]] = {}
    for name in columns:
        column = getattr(batch, name)
        if name == "mentions":
            plain[name] = [column.row(row) for row in range(len(batch))]
        else:
            plain[name] = column.tolist() if isinstance(column, np.ndarray) else column.to_list()
    return plain


def joined(batches: list[EventBatch]) -> EventBatch:
    """Return batches as one."""
    return EventBatch.concat(batches)
