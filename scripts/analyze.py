"""Analyse log files and print the answers as one JSON document.

    analyze.py [PATH...] [--ledger DIR] [--processes N]

Without a path it analyses the bundled incident. What was read is kept in a ledger, by default in `.cloudledger/` of
the checkout: a run that was killed is continued by the next, and a second run of the same paths adds nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from hashlib import blake2b
from pathlib import Path

import msgspec

if not __package__:  # run as a file: the checkout is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cloudledger.adapters import FileSource, SourceReport, ingest
from cloudledger.domain.errors import CloudledgerError
from cloudledger.projections import catch_up
from cloudledger.store import Ledger
from scripts.analysis_report import Analysis, analysis_of
from scripts.bundled_incident import bundled_incident

CACHE = Path(__file__).resolve().parents[1] / ".cloudledger"


def main(arguments: Sequence[str]) -> int:
    """Analyse, print, and return the exit code."""
    options = parse(arguments)
    try:
        paths = options.paths or [str(bundled_incident(CACHE))]
        analysis = analyse(paths, options.ledger or ledger_of(paths), options.processes)
    except CloudledgerError as error:
        print(f"analyze: {error}", file=sys.stderr)
        return 2
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(analysis), indent=2) + b"\n")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="analyze", description="Analyse log files and print the answers as JSON.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders or globs of logs")
    parser.add_argument("--ledger", metavar="DIR", help="where to keep what was read")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="processes to use (%(default)s)")
    return parser.parse_args(arguments)


def ledger_of(paths: Sequence[str]) -> str:
    """Return the default ledger of these paths."""
    resolved = sorted(Path(path).resolve() for path in paths)
    digest = blake2b("\n".join(map(str, resolved)).encode(), digest_size=4).hexdigest()
    return str(CACHE / f"{'-'.join(resolved[0].parts[-2:])}-{digest}.ledger")


def analyse(paths: Sequence[str], location: str, processes: int) -> Analysis:
    """Read what is new, fold it, and ask the read models."""
    workers = ProcessPoolExecutor(processes) if processes > 1 else nullcontext(None)
    with Ledger.open(location) as ledger, workers as executor:
        report = ingest(ledger, [FileSource(path) for path in paths], executor=executor, on_progress=show)
        print("\nfolding", file=sys.stderr, flush=True)
        return analysis_of(report, catch_up(ledger, executor=executor))


def show(report: SourceReport) -> None:
    """Print how far a source is read."""
    print(f"\r{report.stream}: {report.read:,} read, {report.appended:,} new", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
