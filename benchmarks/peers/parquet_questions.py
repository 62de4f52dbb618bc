"""Ask a SQL peer the questions of each task, and put its rows into the form that answers are compared in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from .contender import PEER_LOOKUPS, Answer, Outcome, Stopwatch, Task, counts_answer, digest, timed, timings
from .sql import ERRORS, EVENT, TRACE

Rows = list[tuple[Any, ...]]
Ask = Callable[[str], Rows]
"""Runs a query and returns its rows."""


def measured_ingest(
    task: Task, watch: Stopwatch, work: Callable[[], None], ask: Ask, source: str = "read_parquet('{}')"
) -> Outcome:
    """Measure an ingest until its file is on disk, then count what it holds; second deliveries count once."""
    with watch:
        work()
        _sync(task.output)
    table = source.format(task.output)
    query = "SELECT {0}, count(DISTINCT id) FROM " + table + " GROUP BY {0}"
    traced = ask(f"SELECT count(DISTINCT id) FROM {table} WHERE length(trace_id) = 32")[0][0]
    answer = counts_answer(
        dict(ask(query.format("service"))), {int(key): n for key, n in ask(query.format("severity"))}, int(traced)
    )
    size = Path(task.output).stat().st_size
    return Outcome(answer, {"disk bytes/event": size / int(answer["events"])})


def folded(watch: Stopwatch, queries: Mapping[str, Callable[[], Rows]]) -> Outcome:
    """Measure the four aggregates."""
    with watch:
        tables = {name: query() for name, query in queries.items()}
    return Outcome({name: digest([_plain(row) for row in rows]) for name, rows in tables.items()}, {})


def looked_up(task: Task, watch: Stopwatch, source: str, ask: Ask) -> Outcome:
    """Measure the lookups of a SQL peer."""
    question = task.question
    assert question is not None
    asked = {
        "trace": [TRACE.format(*trace, source=source) for trace in question.traces],
        "absent": [TRACE.format(*trace, source=source) for trace in question.absent],
        "errors": [ERRORS.format(*window, source=source) for window in question.windows],
        "event": [EVENT.format(*place, source=source) for place in question.references],
    }
    return answered(watch, {name: [partial(ask, query) for query in queries] for name, queries in asked.items()})


def answered(watch: Stopwatch, calls: Mapping[str, list[Callable[[], Rows]]]) -> Outcome:
    """Measure lookups; rows are stream, position, time, service, severity, payload."""
    found: dict[str, Rows] = {}
    figures: dict[str, float] = {}
    with watch:
        for name, lookups in calls.items():
            results, walls = timed(lookups[:PEER_LOOKUPS])
            found[name] = [row for rows in results for row in rows]
            figures |= timings(name, walls)
    answer: Answer = {
        "traces": digest([(f"{_text(row[0])}@{row[1]}",) for row in found["trace"]]),
        "absent": len(found["absent"]),
        "errors": digest([(_text(row[3]), row[2]) for row in found["errors"]]),
        "events": digest([(row[2], len(row[5])) for row in found["event"]]),
    }
    return Outcome(answer, figures)


def _plain(row: tuple[Any, ...]) -> tuple[object, ...]:
    return tuple(_text(value) if isinstance(value, str | bytes) else int(value) for value in row)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _sync(path: str) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
