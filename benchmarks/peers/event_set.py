"""The events that are folded and looked up: one ledger, and the same events as one Parquet file for the peers.

Made once from the log files and kept in the cache folder. To reach the wanted size the events are repeated with later
times and other ids; the three streams are ordered in time, as sources deliver them.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np

from cloudledger.adapters import FileSource, ingest
from cloudledger.domain.batch import EventBatch
from cloudledger.store import Ledger

from .contender import Question
from .log_files import MINUTES, SOURCES, log_files

MOST_GENERATED = 1_000_000
ROW_GROUP = 122_880
"""Rows of a Parquet row group: DuckDB's own choice."""

ANOTHER = 0x9E3779B97F4A7C15
"""Odd, so that multiples of it make other ids of all repetitions."""

WINDOW_NS = 600_000_000_000
TOP_BIT = 1 << 63
"""The generator's trace ids have it; absent ones too, so that no engine can tell them by the range of values."""

LOOKUPS = 100
"""Lookups of each kind."""


class EventSet(msgspec.Struct):
    """The same events in two places."""

    ledger: str
    parquet: str
    events: int
    question: Question


def event_set(cache: Path, events: int) -> EventSet:
    """Return about so many events, made once and kept in the cache folder; the Parquet file only with pyarrow."""
    folder = cache / f"events-{events}"
    parquet = folder / "events.parquet"
    if not (folder / "summary.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _fill(folder, cache, events)
        with Ledger.open(folder / "ledger", read_only=True) as ledger:
            count = sum(ledger.last_position(stream) for stream in ledger.streams())
            made = EventSet(str(folder / "ledger"), str(parquet), count, _question(ledger))
        (folder / "summary.json").write_bytes(msgspec.json.encode(made))
    if not parquet.exists() and find_spec("pyarrow"):
        with Ledger.open(folder / "ledger", read_only=True) as ledger:
            _write_parquet(ledger, parquet)
    return msgspec.json.decode((folder / "summary.json").read_bytes(), type=EventSet)


def _fill(folder: Path, cache: Path, events: int) -> None:
    logs = log_files(cache, min(events, MOST_GENERATED))
    sources = [FileSource(f"{logs.all}/*/{kind}.ndjson", stream=kind) for kind in SOURCES]
    with Ledger.open(folder / "once") as once:
        ingest(once, sources)
        with Ledger.open(folder / "ledger") as ledger:
            for number in range(max(round(events / logs.entries), 1)):
                for stream in SOURCES:
                    for batch in once.read(stream, batch_rows=1):  # each commit by itself, as ingested
                        ledger.append(stream, _repeated(batch, number))
    shutil.rmtree(folder / "once")


def _repeated(batch: EventBatch, number: int) -> EventBatch:
    """Return the events as they would be some periods later."""
    step = np.uint64(number * ANOTHER % 2**64)
    ids, traces = batch.event_id.copy(), batch.trace_id.copy()
    ids[:, 1] += step
    traces[traces.any(axis=1), 1] += step
    later = batch.occurred_at + number * MINUTES * 60_000_000_000
    return batch.with_columns(event_id=ids, trace_id=traces, occurred_at=later)


def _write_parquet(ledger: Ledger, path: Path) -> None:
    """Write what folds and lookups need, in the order of the ledger; trace ids as two integers, which suits all."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = _table(EventBatch.build(0, service=[]).stored_as("", np.zeros(0, np.int64)), pa).schema
    waiting: list[Any] = []
    unfinished = path.with_suffix(".unfinished")
    with parquet.ParquetWriter(unfinished, schema, compression="zstd", compression_level=1) as writer:
        for batch in ledger.read():
            waiting.append(_table(batch, pa))
            if sum(table.num_rows for table in waiting) >= ROW_GROUP:
                writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP)
                waiting.clear()
        if waiting:
            writer.write_table(pa.concat_tables(waiting))
    unfinished.rename(path)


def _table(batch: EventBatch, pa: Any) -> Any:
    traces = batch.trace_id
    table = pa.table(
        {
            "stream": pa.array([batch.stream] * len(batch), pa.string()),
            "position": batch.positions,
            "occurred_at": batch.occurred_at,
            "service": pa.DictionaryArray.from_arrays(batch.service.codes, pa.array(batch.service.values)),
            "severity": batch.severity,
            "trace_high": np.ascontiguousarray(traces[:, 0]),
            "trace_low": np.ascontiguousarray(traces[:, 1]),
            "size_bytes": batch.size_bytes,
            "payload": pa.array(batch.payload.to_list(), pa.binary()),
        }
    )
    return table.cast(pa.schema([_plain(field, pa) for field in table.schema]))


def _plain(field: Any, pa: Any) -> Any:
    """Return a column's field without dictionary: Parquet codes strings by itself."""
    return pa.field(field.name, pa.string()) if pa.types.is_dictionary(field.type) else field


def _question(ledger: Ledger) -> Question:
    random = Random(7)
    question = Question([], [], [], [])
    ends = {stream: ledger.last_position(stream) for stream in ledger.streams()}
    for _ in range(LOOKUPS):
        stream = random.choice(sorted(ends))
        at = random.randrange(ends[stream])
        event = ledger.event(f"{stream}@{at + 1}")
        question.references.append((stream, at + 1))
        number = int(event.trace_id or "0", 16)
        if number:
            question.traces.append((number >> 64, number % 2**64))
        question.absent.append((random.getrandbits(64) | TOP_BIT, random.getrandbits(64) | TOP_BIT))
        question.windows.append((event.service, event.occurred_at, event.occurred_at + WINDOW_NS))
    return question
