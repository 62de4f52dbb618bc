"""Measure the store alone: append, reopen, read of envelope columns, dedupe, lookups. Prints one line per figure.

    python benchmarks/store_throughput.py [EVENTS]

Synthetic batches of 1,400 log records of some 750 bytes, so that parsers take no part.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import BytesColumn, StringColumn
from cloudledger.domain.dictionary import Dictionary
from cloudledger.store import Ledger

BATCH = 1_400
STREAM = "benchmark"
ENVELOPE = ["occurred_at", "service", "severity", "status", "duration_us"]
LINE = (
    '{"timestamp":"2026-11-20T10:%02d:%02d.%06dZ","severity":"INFO","service":"service-%d","traceId":"%032x",'
    '"spanId":"%016x","requestId":"%s","message":"handled request for customer %d of tenant %d in %d ms","http":{'
    '"method":"GET","route":"/api/v1/orders/{order}/items","status":%d,"userAgent":"Mozilla/5.0 (X11; Linux x86_64)",'
    '"peer":"10.%d.%d.%d"},"kubernetes":{"pod":"service-%d-7d9f8b6c5d-%05x","namespace":"shop","node":"ip-10-0-%d-12.'
    'ec2.internal","container":"app","labels":{"app.kubernetes.io/name":"service-%d","team":"checkout"}},"duration":%d}'
)


def batches(count: int, seed: int = 7) -> Iterator[EventBatch]:
    """Yield batches of log records; the strings of all share one dictionary per column, as a parser's do."""
    rng, pick = np.random.default_rng(seed), random.Random(seed)
    services, resources = (Dictionary(f"{kind}-{n}" for n in range(400)) for kind in ("service", "arn:aws:ecs:task"))
    start = 1_790_000_000_000_000_000
    for number in range(count // BATCH):
        traces = rng.integers(1, 1 << 63, (BATCH // 6 + 1, 2), np.uint64)[rng.integers(0, BATCH // 6 + 1, BATCH)]
        spans = rng.integers(1, 1 << 63, BATCH, np.uint64)
        service = rng.zipf(1.3, BATCH).clip(1, 400).astype(np.uint32)
        status, duration = rng.choice([200, 200, 200, 404, 500], BATCH), rng.integers(100, 900_000, BATCH)
        lines = [
            LINE
            % (
                *(
                    row // 60 % 60,
                    row % 60,
                    pick.randrange(10**6),
                    code,
                    high << 64 | low,
                    span,
                    pick.randbytes(12).hex(),
                ),
                *(pick.randrange(10**5), pick.randrange(50), micros // 1000, outcome, pick.randrange(255)),
                *(pick.randrange(255), pick.randrange(255), code, pick.randrange(1 << 20), code % 8, code, micros),
            )
            for row, (code, (high, low), span, outcome, micros) in enumerate(
                zip(
                    *(service.tolist(), traces.tolist(), spans.tolist(), status.tolist(), duration.tolist()),
                    strict=True,
                )
            )
        ]
        yield EventBatch.build(
            BATCH,
            event_id=rng.integers(0, 1 << 63, (BATCH, 2), np.uint64),
            occurred_at=start + (number * BATCH + np.arange(BATCH)) * 1_000_000,
            severity=np.where(status >= 500, 17, 9),
            status=status,
            duration_us=duration,
            trace_id=traces,
            span_id=spans,
            parent_span_id=np.roll(spans, 1),
            format="aws.ecs",
            provider="aws",
            account="123456789012",
            region="us-east-1",
            service=StringColumn(service, services),
            resource=StringColumn(service, resources),
            payload=BytesColumn.of([line.encode() for line in lines]),
        )


def report(what: str, events: int, seconds: float) -> None:
    """Print one figure."""
    print(f"{what:<44} {seconds / events * 1e6:9.3f} us/event {events / seconds:14,.0f} events/s")


def main(events: int) -> None:
    """Run all measurements in a temporary folder."""
    sample = list(batches(min(events, 50 * BATCH)))
    with tempfile.TemporaryDirectory() as folder, Ledger.open(folder) as ledger:
        cpu = wall = 0.0
        total = 0
        for number in range(events // BATCH):
            batch = sample[number % len(sample)]
            batch = batch.with_columns(
                event_id=batch.event_id + np.uint64(number), occurred_at=batch.occurred_at + number * 1_000_000_000
            )
            started, ticked = time.process_time(), time.perf_counter()
            total += ledger.append(STREAM, batch, cursor=b"%d" % number).appended
            cpu, wall = cpu + time.process_time() - started, wall + time.perf_counter() - ticked
        report("append, synced: CPU", total, cpu)
        report("append, synced: wall", total, wall)
        stats = ledger.stats()
        print(
            f"{'bytes per event on disk, raw, ratio':<44} {stats.disk_bytes / total:.1f} {stats.raw_bytes / total:.1f}"
            f" {stats.ratio:.3f}"
        )
        for what in ("first", "next"):
            ticked = time.process_time()
            known = ledger.append(STREAM, batch).duplicates
            report(f"append of duplicates, {what}", known, time.process_time() - ticked)
        measure_reads(ledger, total, sample)
    print(f"{'peak memory':<44} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def measure_reads(ledger: Ledger, total: int, sample: list[EventBatch]) -> None:
    """Print the figures of a reader that opens the ledger afresh."""
    ticked = time.perf_counter()
    reader = Ledger.open(ledger.location, read_only=True)
    reader.last_position(STREAM)
    print(f"{'open a reader':<44} {(time.perf_counter() - ticked) * 1e3:9.2f} ms")
    for _ in range(2):
        ticked = time.process_time()
        read = sum(len(batch) for batch in reader.read(columns=ENVELOPE))
        report("read of five envelope columns", read, time.process_time() - ticked)
    ticked = time.process_time()
    read = sum(len(batch) for batch in reader.read())
    report("read of all columns", read, time.process_time() - ticked)
    traces = [f"{high << 64 | low:032x}" for high, low in sample[-1].trace_id[:20].tolist()]
    ticked = time.perf_counter()
    found = sum(len(list(reader.search(trace_id=trace))) for trace in traces)
    print(f"{'trace lookup':<44} {(time.perf_counter() - ticked) / 20 * 1e3:9.2f} ms ({found} events in 20)")
    ticked = time.perf_counter()
    for position in range(1, total, max(1, total // 20)):
        reader.event(f"{STREAM}@{position}")
    print(f"{'event by reference':<44} {(time.perf_counter() - ticked) / 20 * 1e3:9.2f} ms")
    ticked = time.perf_counter()
    count = len(list(reader.search(text="customer 4711 ", limit=None)))
    seconds = time.perf_counter() - ticked
    print(f"{'text search':<44} {reader.stats().raw_bytes / seconds / 1e6:9.0f} MB/s raw ({count} events)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 280_000)
