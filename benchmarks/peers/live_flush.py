"""How soon a small batch is durable: appends of a hundred events, each synced before the next."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np

from cloudledger.adapters import FileSource, ingest
from cloudledger.domain.batch import EventBatch
from cloudledger.store import Ledger

from .event_set import ANOTHER
from .log_files import log_files

FLUSHED = 100
FLUSHES = 500


def print_live_flush(cache: Path) -> None:
    """Print the latency of flushes into a ledger, and of a plain synced write of as many bytes, interleaved."""
    logs = log_files(cache, 10_000)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        batch = _a_hundred(Path(folder) / "made", logs.all)
        raw = bytes(batch.payload.data)
        ours, plain = [], []
        with Ledger.open(Path(folder) / "ledger") as ledger, (Path(folder) / "plain").open("wb") as file:
            cpu = -process_time()
            for number in range(FLUSHES):
                fresh = _fresh(batch, number)
                started = perf_counter()
                ledger.append("live", fresh, cursor=b"%d" % number)
                ours.append(perf_counter() - started)
                started = perf_counter()
                file.write(raw)
                file.flush()
                os.fdatasync(file.fileno())
                plain.append(perf_counter() - started)
            cpu += process_time()
        print(f"\nlive: {FLUSHES} flushes of {FLUSHED} events, {len(raw) / FLUSHED:.0f} B each, durable after each")
        _show("ledger", ours)
        _show("plain write and fdatasync", plain)
        print(f"  CPU {cpu / FLUSHES * 1e3:.2f} ms per flush, both together")


def _a_hundred(location: Path, files: str) -> EventBatch:
    with Ledger.open(location) as ledger:
        ingest(ledger, [FileSource(files, stream="made")])
        return next(ledger.read("made"))[:FLUSHED]


def _fresh(batch: EventBatch, number: int) -> EventBatch:
    ids = batch.event_id.copy()
    ids[:, 1] += np.uint64((number + 1) * ANOTHER % 2**64)
    return batch.with_columns(event_id=ids, recorded_at=0)


def _show(label: str, walls_s: list[float]) -> None:
    ordered = sorted(walls_s)
    p95 = ordered[round((len(ordered) - 1) * 0.95)]
    print(f"  {label:<28} median {median(ordered) * 1e3:6.2f} ms, p95 {p95 * 1e3:6.2f}, most {ordered[-1] * 1e3:6.2f}")
