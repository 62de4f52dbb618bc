"""What every contender is given and gives back, and the process it runs in: `python -m benchmarks.peers.contender`.

A contender is a module of this folder with a function per task. It does the work inside the stopwatch, and outside of
it computes the answer that is compared with the others'.
"""

from __future__ import annotations

import importlib
import resource
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import msgspec

Found = TypeVar("Found")

ERROR = 17
"""Severity number from which an event is an error."""

NEWEST = 100
"""How many errors of a service are looked up."""

PEER_LOOKUPS = 8
"""Lookups that peers do, the first of those that the ledger does; their answers are compared."""

Answer = dict[str, int | str]
"""What a contender found: equal for all contenders of a task."""


class Question(msgspec.Struct):
    """What is looked up: a trace that some events have, one that none has, and a service's errors in a window."""

    traces: list[tuple[int, int]]
    absent: list[tuple[int, int]]
    windows: list[tuple[str, int, int]]
    references: list[tuple[str, int]]


class Task(msgspec.Struct):
    """What a contender does.

    Attributes:
        name: the function of the contender's module.
        inputs: files or folders to read.
        output: a path to write to.
        cores: how many threads or processes may work.
        question: what is looked up.
    """

    name: str
    inputs: list[str] = []
    output: str = ""
    cores: int = 1
    question: Question | None = None


class Stopwatch:
    """Measures the blocks it is used in: CPU time, of waited-for children too, wall time, and the peak of memory.

    The peak is that of the largest process so far, so it includes imports, but not what computes the answer later.
    """

    def __init__(self) -> None:
        self.cpu_s = self.wall_s = self.peak_mb = 0.0

    def __enter__(self) -> None:
        self._started = _cpu_s(), perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu_s += _cpu_s() - self._started[0]
        self.wall_s += perf_counter() - self._started[1]
        self.peak_mb = _peak_mb()


class Outcome(msgspec.Struct):
    """What a contender's process prints: its answer, further figures, and the times of the work alone."""

    answer: Answer
    figures: dict[str, float]
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0


def digest(rows: list[tuple[object, ...]]) -> str:
    """Return a short name of rows, whatever their order.

    >>> digest([("a", 1), ("b", 2)]) == digest([("b", 2), ("a", 1)])
    True
    """
    text = "\n".join(sorted("|".join(map(str, row)) for row in rows))
    return f"{len(rows)} rows {blake2b(text.encode(), digest_size=6).hexdigest()}"


def counts_answer(services: Mapping[str, int], severities: Mapping[int, int], traced: int) -> Answer:
    """Return what an ingest is compared by: events per service and per severity, and events with a trace."""
    answer: Answer = {f"service {name}": count for name, count in services.items()}
    answer |= {f"severity {number}": count for number, count in severities.items()}
    return answer | {"events": sum(services.values()), "traced": traced}


def timed(calls: Sequence[Callable[[], list[Found]]]) -> tuple[list[list[Found]], list[float]]:
    """Call all, one after the other; return what they gave and how long each took."""
    results, walls = [], []
    for call in calls:
        started = perf_counter()
        results.append(call())
        walls.append(perf_counter() - started)
    return results, walls


def timings(name: str, walls_s: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile of some times, in milliseconds."""
    ordered = sorted(walls_s)
    last = len(ordered) - 1
    return {f"{name} p50 ms": 1e3 * ordered[last // 2], f"{name} p95 ms": 1e3 * ordered[round(last * 0.95)]}


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak_mb() -> float:
    """Return the most memory that this process, or a child that it waited for, has used.

    Not this process's ru_maxrss: on Linux that begins with what the parent had when it forked.
    """
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    else:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit)


def main(module: str, task_json: str) -> None:
    """Do a task and print its outcome as JSON in the last line."""
    task, watch = msgspec.json.decode(task_json, type=Task), Stopwatch()
    contender = importlib.import_module(f"benchmarks.peers.{module}")
    outcome: Outcome = getattr(contender, task.name)(task, watch)
    outcome.cpu_s, outcome.wall_s = watch.cpu_s, watch.wall_s
    outcome.peak_mb = watch.peak_mb
    print(msgspec.json.encode(outcome).decode(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
