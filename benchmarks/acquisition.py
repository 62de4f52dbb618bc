"""Measure acquisition: exactly once through faults, speed and memory of retrieval, and how fresh read models are.

    python benchmarks/acquisition.py faults [--seeds 20]
    python benchmarks/acquisition.py speed [--entries 1000000]
    python benchmarks/acquisition.py live [--rate 10000] [--seconds 20]

Reads CloudWatch Logs with the real boto3 from a fake on loopback. `faults` prints entries, faults by kind, duplicates
suppressed and windows read again, and fails where an entry is missing or doubled. `speed` runs the fake in a process of
its own and counts this process's CPU time. `live` follows, and measures from the instant at which the provider's answer
first held an entry until a read model could be asked for it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import boto3
import msgspec

from cloudledger.adapters import SourceReport, follow, ingest
from cloudledger.adapters.acquisition import Overlap, RateLimit, WindowSettings, open_gaps
from cloudledger.adapters.aws.sources import CloudWatchLogs
from cloudledger.projections import follow_models
from cloudledger.store import Ledger

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the fake stands among the tests

from tests.adapters.aws.sources.cloudwatch_world import CloudWatchWorld
from tests.wire.cloudwatch_logs import ACCOUNT, Entry, FakeCloudWatchLogs

REGION, GROUP = "eu-west-1", "/ecs/pay"
SESSION = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none")
POLLS = 80
"""Of 30 seconds each: until every late entry has become visible, and was looked for once more."""

WARM_UP_S = 8
"""Seconds of entries more than are measured: the first ones wait for everything to be imported."""

UNLIMITED = RateLimit(per_s=1e6, burst=1000)


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure acquisition.")
    parser.add_argument("what", choices=["faults", "speed", "live"])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args(arguments)
    measure = {"faults": faults, "speed": speed, "live": live}[options.what]
    measured = measure(options)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(measured), indent=2) + b"\n")
    return int(bool(measured.get("missing") or measured.get("doubled")))


def faults(options: argparse.Namespace) -> dict[str, Any]:
    """Read through seeded schedules; compare what is stored with what exists."""
    total: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for seed in range(options.seeds):
        world = CloudWatchWorld(credentials=SESSION)
        world.be_late_and_doubled(seed)
        world.faults.restart(seed, world.shares)
        with world.fake, temporary_ledger() as ledger:
            reports = [world.poll(ledger) for _ in range(POLLS)]
            reports += world.poll_until_calm(ledger)
            stored, expected = world.stored(ledger), world.expected()
            total += Counter(
                entries=len(expected),
                stored=sum(stored.values()),
                missing=len(expected - stored),
                doubled=len(stored - expected),
                gaps=len(open_gaps(ledger)),
                duplicates_suppressed=sum(report.duplicates for report in reports),
                polls=len(reports),
            )
            for report in reports:
                total += Counter({name.replace(" ", "_"): count for name, count in report.activity.items()})
        kinds += world.faults.injected
    return {"seeds": options.seeds, **total, "faults": sum(kinds.values()), "faults_by_kind": dict(kinds)}


def speed(options: argparse.Namespace) -> dict[str, Any]:
    """Read many entries from a fake in another process."""
    memory: list[tuple[int, int]] = []

    def watch(report: SourceReport) -> None:
        memory.append((report.appended, resident_mb()))

    with serving(options.entries) as (url, since_ns), temporary_ledger() as ledger:
        source = cloudwatch(url, since_ns=since_ns, windows=WindowSettings(window_s=600))
        wall, cpu = perf_counter(), process_time()
        report = ingest(ledger, [source], on_progress=watch)
        wall, cpu = perf_counter() - wall, process_time() - cpu
    return {
        "entries": report.appended,
        "problem": report.sources[0].problem,
        "entries_per_s_of_cpu": round(report.appended / cpu),
        "entries_per_s_of_wall": round(report.appended / wall),
        "resident_mb": dict(memory[:: max(1, len(memory) // 10)]),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def live(options: argparse.Namespace) -> dict[str, Any]:
    """Follow entries that come at a rate; ask the read models when they have them."""
    stop = threading.Event()
    with serving(0, rate=options.rate, seconds=options.seconds) as (url, since_ns), temporary_ledger() as ledger:
        windows = WindowSettings(poll_s=0.25, window_s=60)
        overlap = Overlap(each_poll_s=0.5, deep_s=2, deep_every_s=2)
        source = cloudwatch(url, since_ns=since_ns, windows=windows, overlap=overlap)
        answered: list[tuple[float, int]] = []

        def note(report: SourceReport) -> None:
            answered.append((perf_counter(), report.appended))

        following = threading.Thread(target=follow, args=(ledger, [source]), kwargs={"stop": stop, "on_progress": note})
        following.start()
        delays = delays_of_models(ledger, stop, options.seconds)
        following.join()
    return {"rate": options.rate, "entries": answered[-1][1] if answered else 0, **delays}


def delays_of_models(ledger: Ledger, stop: threading.Event, seconds: float) -> dict[str, Any]:
    """Return how old the newest entry is whenever read models have taken it in."""
    started, delays = perf_counter(), list[float]()
    for models in follow_models(ledger, stop=stop, poll_s=0.05):
        newest = newest_ns(ledger, models.positions)
        if newest and perf_counter() - started > WARM_UP_S:
            delays.append(time.time() - newest / 1e9)
        if perf_counter() - started > seconds + WARM_UP_S / 2:
            stop.set()
    delays.sort()
    if not delays:
        return {}
    return {
        "models": len(delays),
        "median_s": round(delays[len(delays) // 2], 3),
        "p99_s": round(delays[int(len(delays) * 0.99)], 3),
        "most_s": round(delays[-1], 3),
    }


def newest_ns(ledger: Ledger, positions: dict[str, dict[str, int]]) -> int:
    """Return the time of the last event that the models hold."""
    reached = {stream: min(at.get(stream, 0) for at in positions.values()) for stream in ledger.streams()}
    after = {stream: max(0, position - 1) for stream, position in reached.items()}
    for batch in ledger.read(after=after, columns=["occurred_at"]):
        return int(batch.occurred_at[0])
    return 0


def cloudwatch(url: str, *, since_ns: int, **settings: Any) -> CloudWatchLogs:
    """Return the source."""
    return CloudWatchLogs(
        GROUP,
        account=ACCOUNT,
        region=REGION,
        credentials=SESSION,
        endpoint_url=url,
        since=since_ns,
        rate=UNLIMITED,
        **settings,
    )


@contextmanager
def serving(entries: int, *, rate: int = 0, seconds: int = 0) -> Iterator[tuple[str, int]]:
    """Run a fake in a process of its own; give its address and the time of its first entry."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs, entries, rate, seconds), daemon=True
    )
    process.start()
    theirs.close()  # so that a fake that cannot start is noticed
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join()


def serve(pipe: Connection, entries: int, rate: int, seconds: int) -> None:
    """Serve entries of the last hour, or such as come at a rate from a moment on."""
    count = entries or rate * (seconds + WARM_UP_S)
    span_ms = 3_600_000 if entries else count * 1000 // rate
    made = [made_entry(number, number * span_ms // count) for number in range(count)]
    first_ms = time.time_ns() // 1_000_000 + (-span_ms if entries else 3_000)
    made = [entry._replace(timestamp_ms=first_ms + entry.timestamp_ms) for entry in made]
    made = [entry._replace(visible_ms=entry.timestamp_ms) for entry in made]
    with FakeCloudWatchLogs(made, page_entries=10_000) as fake:
        pipe.send((fake.url, first_ms * 1_000_000))
        pipe.recv()


def made_entry(number: int, timestamp_ms: int) -> Entry:
    """Return an entry as services write them: JSON with a level, a message and a trace."""
    message = (
        f'{{"level":"info","msg":"order {number} placed","service":"pay","duration_ms":{number % 900},'
        f'"trace_id":"{number:032x}","user":"u{number % 5000}","path":"/api/orders/{number % 1000}"}}'
    )
    return Entry(timestamp_ms, f"{number:056d}", message, f"task-{number % 20}")


@contextmanager
def temporary_ledger() -> Iterator[Ledger]:
    """Give a ledger that is thrown away."""
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger") as ledger:
        yield ledger


def resident_mb() -> int:
    """Return this process's resident memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
