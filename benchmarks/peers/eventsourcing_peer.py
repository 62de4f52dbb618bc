"""The eventsourcing library into SQLite as a contender.

It stores one aggregate event per log line, a hundred per transaction, and decodes no JSON and derives nothing: less
work than the others do. It is given `UNITS` lines only, and its figures are scaled.
"""

from __future__ import annotations

import os
from itertools import chain, islice
from pathlib import Path

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from .contender import Outcome, Stopwatch, Task

UNITS = 20_000
EVENTS_PER_SAVE = 100


class Log(Aggregate):
    """A run of log lines."""

    @event("Recorded")
    def record(self, line: str) -> None:
        """Take a line in."""


def ingest(task: Task, watch: Stopwatch) -> Outcome:
    """Save log lines as aggregate events."""
    files = [Path(folder) / f"{kind}.ndjson" for folder in task.inputs for kind in ("aks", "gke")]
    lines = islice(chain.from_iterable(map(_lines, files)), UNITS)
    environment = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": task.output}
    saved = 0
    with watch:
        application: Application = Application(os.environ | environment)
        while some := list(islice(lines, EVENTS_PER_SAVE)):
            log = Log()
            for line in some:
                log.record(line)
            application.save(log)
            saved += len(some)
    return Outcome({}, {"saved": saved, "disk bytes/event": Path(task.output).stat().st_size / saved})


def _lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return list(islice(file, UNITS))
