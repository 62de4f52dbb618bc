"""Measure the ledger beside its peers: same data, same answers checked, one process per run, interleaved rounds.

    python benchmarks/store_peers.py {ingest,folds,lookups,live,disk} [--cache DIR] [--events N] [--rounds N]

Peers come with the extra `benchmark`; one that is not installed is named and left out. Data is made by the bundled
generator once and kept in the cache folder.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file: the checkout is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.peers.contender import Task
from benchmarks.peers.event_set import EventSet, event_set
from benchmarks.peers.live_flush import print_live_flush
from benchmarks.peers.log_files import log_files
from benchmarks.peers.rounds import Contender, compare
from benchmarks.peers.section_sizes import print_section_sizes

LEDGER = ("ledger", "ledger_contender", "msgspec")
PEERS = (("DuckDB", "duckdb_peer", "duckdb"), ("polars", "polars_peer", "polars"), ("chDB", "chdb_peer", "chdb"))
CORES = (1, 2)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    options = _options(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    COMMANDS[options.command](options)


def ingest(options: argparse.Namespace) -> None:
    """Compare reading log lines into a durable form that keeps the original."""
    logs = log_files(options.cache, options.events)
    print(f"{logs.entries:,} entries, {logs.raw_bytes / 1e6:.0f} MB, {logs.raw_bytes / logs.entries:.0f} B each")
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        for cores in options.cores:
            chosen = [LEDGER, *PEERS]
            contenders = [_ingesting(one, cores, folder, logs.halves) for one in chosen]
            if cores == 1:
                task = Task("ingest", [logs.halves[0]], f"{folder}/events.sqlite")
                contenders.append(
                    Contender("eventsourcing (scaled)", "eventsourcing_peer", "eventsourcing", task, units=20_000)
                )
            compare(f"ingest on {cores} core(s)", contenders, rounds=options.rounds, units=logs.entries)


def _ingesting(who: tuple[str, str, str], cores: int, folder: str, halves: tuple[str, str]) -> Contender:
    inputs = [str(Path(halves[0]).parent)] if who == LEDGER and cores == 1 else list(halves)  # one stream, or two
    return Contender(*who, Task("ingest", inputs, f"{folder}/{who[1]}", cores))


def folds(options: argparse.Namespace) -> None:
    """Compare rebuilding four aggregates from all events, and print our own read models apart."""
    made = event_set(options.cache, options.events)
    for cores in options.cores:
        contenders = [Contender(*LEDGER, Task("folds", [made.ledger], "", cores))]
        contenders += [Contender(*peer, Task("folds", [made.parquet], "", cores)) for peer in peers_of(made)]
        compare(f"four aggregates on {cores} core(s)", contenders, rounds=options.rounds, units=made.events)
        own = Contender(*LEDGER, Task("own_projections", [made.ledger], "", cores))
        compare(f"the library's read models on {cores} core(s)", [own], rounds=options.rounds, units=made.events)


def peers_of(made: EventSet) -> tuple[tuple[str, str, str], ...]:
    """Return the peers that can take part: all read the Parquet file."""
    if Path(made.parquet).exists():
        return PEERS
    print("peers left out: their Parquet file is made with pyarrow, which is not installed")
    return ()


def lookups(options: argparse.Namespace) -> None:
    """Compare finding few events among all."""
    made = event_set(options.cache, options.events)
    contenders = [Contender(*LEDGER, Task("lookups", [made.ledger], question=made.question))]
    contenders += [
        Contender(*peer, Task("lookups", [made.parquet], cores=max(CORES), question=made.question))
        for peer in peers_of(made)
    ]
    title = f"lookups in {made.events:,} events (peers use {max(CORES)} threads)"
    compare(title, contenders, rounds=options.rounds)


def live(options: argparse.Namespace) -> None:
    """Measure how soon a small batch is durable."""
    print_live_flush(options.cache)


def disk(options: argparse.Namespace) -> None:
    """Print what each section of the files costs."""
    print_section_sizes(Path(event_set(options.cache, options.events).ledger))


COMMANDS = {"ingest": ingest, "folds": folds, "lookups": lookups, "live": live, "disk": disk}


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the ledger beside its peers.")
    parser.add_argument("command", choices=COMMANDS)
    cache = Path(tempfile.gettempdir()) / "cloudledger-benchmarks"
    parser.add_argument("--cache", type=Path, default=cache, help="where made data is kept (%(default)s)")
    parser.add_argument("--events", type=int, default=1_000_000, help="about how many (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each contender (%(default)s)")
    parser.add_argument("--cores", type=int, nargs="+", default=CORES, help="threads or processes (1 2)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
