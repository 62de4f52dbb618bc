"""The ledger as a contender."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from time import perf_counter, process_time

import numpy as np

from cloudledger.adapters import FileSource
from cloudledger.adapters import ingest as ingest_sources
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.events import Event, LogRecorded
from cloudledger.projections import replay
from cloudledger.projections.checkpointing import stream_ends
from cloudledger.projections.folding import Progress, fold_parts
from cloudledger.projections.reading import plan_parts
from cloudledger.store import AppendResult, Ledger

from .contender import (
    ERROR,
    NEWEST,
    PEER_LOOKUPS,
    Answer,
    Outcome,
    Stopwatch,
    Task,
    counts_answer,
    digest,
    timed,
    timings,
)
from .envelope_folds import SCHEMAS, EnvelopeFolds, rows_of


class WatchedLedger(Ledger):
    """A ledger that knows how much CPU time its appends took."""

    append_s = 0.0

    def append(self, stream: str, events: EventBatch | Sequence[Event], *, cursor: bytes | None = None) -> AppendResult:
        """Append, and count the time."""
        started = process_time()
        result = super().append(stream, events, cursor=cursor)
        self.append_s += process_time() - started
        return result


def ingest(task: Task, watch: Stopwatch) -> Outcome:
    """Read log files into a new ledger: original kept, indexed, deduplicated, each commit synced."""
    with watch, workers(task.cores) as executor, WatchedLedger.open(task.output) as ledger:
        report = ingest_sources(ledger, [FileSource(folder) for folder in task.inputs], executor=executor)
    assert isinstance(ledger, WatchedLedger)
    appending = {} if executor else {"append CPU us/event": ledger.append_s / report.appended * 1e6}
    with Ledger.open(task.output, read_only=True) as reader:
        stats = reader.stats()
        figures = {"disk bytes/event": stats.disk_bytes / stats.events, "disk/raw": stats.disk_bytes / report.raw_bytes}
        return Outcome(_counted(reader), figures | appending)


def folds(task: Task, watch: Stopwatch) -> Outcome:
    """Rebuild the four envelope folds from zero."""
    with watch, workers(task.cores) as executor, Ledger.open(task.inputs[0], read_only=True) as ledger:
        progress = {EnvelopeFolds.name: Progress.zero(EnvelopeFolds())}
        fold_parts(ledger, plan_parts(stream_ends(ledger), {EnvelopeFolds.name: {}}), progress, executor=executor)
        state = progress[EnvelopeFolds.name].state
        tables = {name: rows_of(state, name) for name in SCHEMAS}
    return Outcome({name: digest(rows) for name, rows in tables.items()}, {})


def own_projections(task: Task, watch: Stopwatch) -> Outcome:
    """Rebuild the library's four read models from zero, as `replay` does."""
    with watch, workers(task.cores) as executor, Ledger.open(task.inputs[0], read_only=True) as ledger:
        replay(ledger, executor=executor)
    return Outcome({}, {})


def lookups(task: Task, watch: Stopwatch) -> Outcome:
    """Open the ledger, then look events up by trace, by service and time, by reference."""
    question = task.question
    assert question is not None
    with watch:
        started = perf_counter()
        ledger = Ledger.open(task.inputs[0], read_only=True)
        for stream in ledger.streams():
            ledger.last_position(stream)
        opened = perf_counter() - started
        traces, trace_s = timed([partial(trace_events, ledger, trace) for trace in question.traces])
        absent, absent_s = timed([partial(trace_events, ledger, trace) for trace in question.absent])
        errors, errors_s = timed([partial(newest_errors, ledger, *window) for window in question.windows])
        events, events_s = timed([partial(event_at, ledger, *place) for place in question.references])
    answer: Answer = {
        "traces": digest([(e.reference,) for found in traces[:PEER_LOOKUPS] for e in found]),
        "absent": sum(map(len, absent[:PEER_LOOKUPS])),
        "errors": digest([(e.service, e.occurred_at) for found in errors[:PEER_LOOKUPS] for e in found]),
        "events": digest([(e.occurred_at, payload_bytes(e)) for found in events[:PEER_LOOKUPS] for e in found]),
    }
    figures = {"open ms": opened * 1e3, "first trace ms": trace_s[0] * 1e3}
    for name, walls in (("trace", trace_s), ("absent", absent_s), ("errors", errors_s), ("event", events_s)):
        figures |= timings(name, walls)
    return Outcome(answer, figures)


def trace_events(ledger: Ledger, trace: tuple[int, int]) -> list[Event]:
    """Return a trace's events, oldest first."""
    return list(ledger.search(trace_id=f"{trace[0]:016x}{trace[1]:016x}", limit=None))


def payload_bytes(event: Event) -> int:
    """Return the size of a log record as received."""
    return len(event.payload) if isinstance(event, LogRecorded) else 0


def event_at(ledger: Ledger, stream: str, position: int) -> list[Event]:
    """Return one event."""
    return [ledger.event(f"{stream}@{position}")]


def newest_errors(ledger: Ledger, service: str, since: int, until: int) -> list[Event]:
    """Return the newest errors of a service in a window."""
    return list(ledger.search(service=service, severity=ERROR, since=since, until=until, order="newest", limit=NEWEST))


@contextmanager
def workers(cores: int) -> Iterator[Executor | None]:
    """Give a process pool, or nothing for one core."""
    if cores == 1:
        yield None
        return
    with ProcessPoolExecutor(cores) as executor:
        yield executor


def _counted(ledger: Ledger) -> Answer:
    """Count distinct ids, as for the peers: two streams may each hold one of two deliveries."""
    services: Counter[str] = Counter()
    severities: Counter[int] = Counter()
    traced = 0
    known: set[bytes] = set()
    for batch in ledger.read(columns=["event_id", "service", "severity", "trace_id"]):
        ids = [row.tobytes() for row in batch.event_id]
        rows = np.array([number for number, one in enumerate(ids) if one not in known], np.int64)
        known.update(ids)
        services.update(batch.service.take(rows).to_list())
        severities.update(batch.severity[rows].tolist())
        traced += int(batch.trace_id[rows].any(axis=1).sum())
    return counts_answer(services, severities, traced)
