"""Measure the main path on one core: native files to folded read models, and the replay of what was stored.

    python benchmarks/end_to_end.py FOLDER [--ledger DIR]

Prints one JSON document: entries a second and peak memory from files to folded models, events a second of reading the
envelope's columns, and of each fold by itself with the encoding of its state. Rates are per second of this process's
CPU time, which other processes on the machine hardly change; the times that a clock on the wall shows stand beside.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

import msgspec

from cloudledger.adapters import FileSource, ingest
from cloudledger.domain.columns import ALL_COLUMNS
from cloudledger.projections import catch_up, default_projections
from cloudledger.projections.projection import Projection
from cloudledger.projections.reading import EVERYTHING, Part, columns_of, narrowed, read_part
from cloudledger.store import Ledger

ENVELOPE = [name for name in ALL_COLUMNS if name != "payload"]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure files to read models, and replay.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ledger", type=Path, help="where to keep the ledger (default: a temporary folder)")
    options = parser.parse_args(arguments)
    with kept_or_temporary(options.ledger) as location, Ledger.open(location) as ledger:
        measured = measure(ledger, options.folder)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(measured), indent=2) + b"\n")


def measure(ledger: Ledger, folder: Path) -> dict[str, object]:
    """Return all figures of a folder's files."""
    ingesting, folding, reading = Stopwatch(), Stopwatch(), Stopwatch()
    with ingesting:
        report = ingest(ledger, [FileSource(folder)])
    with folding:
        catch_up(ledger)
    memory_mb = peak_memory_mb()
    with reading:
        events = sum(len(batch) for batch in ledger.read(columns=ENVELOPE))
    folds = {projection.name: fold(ledger, projection) for projection in default_projections()}
    return {
        "entries": report.read,
        "raw_mb": round(report.raw_bytes / 1e6, 1),
        "end_to_end_entries_per_s": rate(report.read, ingesting, folding),
        "ingest_entries_per_s": rate(report.read, ingesting),
        "catch_up_events_per_s": rate(events, folding),
        "peak_memory_mb": memory_mb,
        "replay_columns_events_per_s": rate(events, reading),
        "folds_events_per_s": {name: rate(events, watch) for name, watch in folds.items()}
        | {"all": rate(events, *folds.values())},
        "stored_bytes_per_event": round(stored_bytes(Path(ledger.location)) / max(events, 1), 1),
        "wall_s": {"ingest": round(ingesting.wall_s, 3), "catch_up": round(folding.wall_s, 3)},
    }


class Stopwatch:
    """Sums CPU and wall time of the blocks that it is used around."""

    def __init__(self) -> None:
        self.cpu_s = self.wall_s = 0.0

    def __enter__(self) -> None:
        self._started = process_time(), perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu_s += process_time() - self._started[0]
        self.wall_s += perf_counter() - self._started[1]


def rate(count: int, *watches: Stopwatch) -> int:
    """Return how many per second of CPU time."""
    return round(count / max(sum(watch.cpu_s for watch in watches), 1e-9))


def fold(ledger: Ledger, projection: Projection) -> Stopwatch:
    """Measure one fold of everything, reading not counted."""
    watch, state = Stopwatch(), projection.empty()
    for stream in ledger.streams():
        part = Part(stream, 0, sys.maxsize, (projection.name,))
        for batch in read_part(ledger, part, columns_of([projection]), EVERYTHING, []):
            narrow = narrowed(batch, projection.columns)
            with watch:
                state = projection.fold(state, narrow)
    with watch:
        state.encoded()
    return watch


def stored_bytes(location: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in location.rglob("*") if path.is_file())


def peak_memory_mb() -> int:
    """Return the most memory that this process has used (ru_maxrss is in KiB on Linux, in bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak // (1024 * 1024 if sys.platform == "darwin" else 1024))


@contextmanager
def kept_or_temporary(location: Path | None) -> Iterator[Path]:
    """Give the place of the ledger."""
    if location is not None:
        yield location
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "ledger"


if __name__ == "__main__":
    main(sys.argv[1:])
