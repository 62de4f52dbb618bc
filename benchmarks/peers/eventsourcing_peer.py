"""The eventsourcing library into SQLite as a contender.

It stores one aggregate per log line, a hundred per transaction, and decodes no JSON and derives nothing: less work
than the others do. (A hundred lines as events of one aggregate take half the time, but then no line has a name of its
own.) It is given `UNITS` lines only, and its figures are scaled.
"""

from __future__ import annotations

import os
from itertools import chain, islice
from pathlib import Path

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate

from .contender import Outcome, Stopwatch, Task

UNITS = 20_000
LINES_PER_SAVE = 100


class Entry(Aggregate):
    """A log line."""

    def __init__(self, line: str) -> None:
        self.line = line


def ingest(task: Task, watch: Stopwatch) -> Outcome:
    """Save log lines as aggregates."""
    files = [Path(folder) / f"{kind}.ndjson" for folder in task.inputs for kind in ("aks", "gke")]
    lines = islice(chain.from_iterable(map(_lines, files)), UNITS)
    environment = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": task.output}
    saved = 0
    with watch:
        application: Application = Application(os.environ | environment)
        while some := list(islice(lines, LINES_PER_SAVE)):
            application.save(*[Entry(line=line) for line in some])
            saved += len(some)
    return Outcome({}, {"saved": saved, "disk bytes/event": Path(task.output).stat().st_size / saved})


def _lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return list(islice(file, UNITS))
