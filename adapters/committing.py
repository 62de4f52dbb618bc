"""Commit what sources give: parse chunks, append them with the cursor after them, count.

Between sources and the ledger, for `ingest` and `follow` alike. A commit holds whole chunks and the cursor behind them;
messages are acknowledged after it.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.batch_rows import batch_of
from ..domain.errors import CloudledgerError
from ..domain.events import Kind
from ..store import Ledger
from .ingest_report import SourceReport
from .joining.entry_joiner import HOLD_NS
from .pipeline import Pipeline
from .source import Source, SourceChunk

COMMIT_BYTES = 1 << 21
"""Raw bytes of a commit, which makes one frame. Measured: syncing one costs 1 ms, opening one of its events 2 ms, and
an ingest that was killed does at most this much work again."""

MAX_COMMIT_BYTES = 4 * COMMIT_BYTES
"""Raw bytes of a commit that waits for the rest of a split entry. Chosen: parts of an entry follow closely."""

COLLECT_AFTER = 200_000
"""Allocations before a garbage collection while parsing. Measured: the usual 700 cost 2 us per entry for nothing."""

KEPT_BYTES = 31 * 1024 * 1024
"""What the C library shall keep of freed memory. Chosen: the most that glibc adapts to is 32 MiB."""

Progress = Callable[[SourceReport], None]


@dataclass
class Commits:
    """Commits the chunks of one source and keeps its report.

    Attributes:
        ledger, source: where to, and from where.
        pipeline: parses; kept from poll to poll for what it has learnt of the formats.
        holds: whether another poll follows, so that parts of split entries may wait for it.
        report: what was done so far.
    """

    ledger: Ledger
    source: Source
    pipeline: Pipeline
    on_progress: Progress | None = None
    holds: bool = False
    report: SourceReport = field(default_factory=lambda: SourceReport(stream=""))

    def __post_init__(self) -> None:
        self.report = SourceReport(stream=self.source.stream)
        self.pipeline.joiner.remembers = self.holds
        self._spent_s = 0.0

    def run(self) -> SourceReport:
        """Read the source until it ends, commit, and return the report with what it gave.

        A source that breaks keeps what it gave, and says why in `problem`; errors of the library itself are raised.
        """
        self._started = time.monotonic()
        self.report = msgspec.structs.replace(self.report, problem="")
        waiting: list[SourceChunk] = []
        batches: list[EventBatch] = []
        for chunks in commits_of(self._chunks()):
            waiting += chunks
            batches += self._parsed(chunks)
            if self.pipeline.is_waiting and not _must_commit(waiting):
                continue
            self._commit(waiting, batches)
            waiting, batches = [], []
            if self.on_progress:
                self.on_progress(self.report)
        if waiting:
            self._commit(waiting, batches)
            if self.on_progress:
                self.on_progress(self.report)
        self._spent_s += time.monotonic() - self._started
        return self.report

    def _chunks(self) -> Iterator[SourceChunk]:
        """Yield the source's chunks; one that breaks ends here with its problem, what it gave before stays."""
        try:
            yield from self.source.chunks(self.ledger.cursor(self.source.stream))
        except CloudledgerError:
            raise
        except Exception as error:  # a source runs code of many libraries; whatever it raises must not lose the rest
            self.note(f"{type(error).__name__}: {error}")

    def note(self, problem: str) -> None:
        """Say in the report what went wrong."""
        self.report = msgspec.structs.replace(self.report, problem=problem)

    def _commit(self, chunks: list[SourceChunk], batches: list[EventBatch]) -> None:
        """Commit what was parsed of chunks, then let their source acknowledge them."""
        batch = EventBatch.concat([*batches, *self.pipeline.finish(but=self._held())])
        cursor = next((found for chunk in reversed(chunks) if (found := chunk.cursor()) is not None), None)
        result = self.ledger.append(self.report.stream, batch, cursor=cursor)
        report = self.report
        rejected = np.flatnonzero(batch.kind == Kind.RECORD_REJECTED).tolist()
        self.report = SourceReport(
            stream=report.stream,
            read=report.read + len(batch),
            appended=report.appended + result.appended,
            duplicates=report.duplicates + result.duplicates,
            raw_bytes=report.raw_bytes + sum(chunk.raw_bytes for chunk in chunks),
            formats=_added(report.formats, _histogram(batch.format.codes, batch.format.values)),
            rejected=_added(report.rejected, Counter(batch.error[row] for row in rejected)),
            redacted=dict(self.pipeline.redacted),
            activity=dict(getattr(self.source, "tally", {})),
            problem=next((chunk.problem for chunk in reversed(chunks) if chunk.problem), report.problem),
            seconds=self._spent_s + time.monotonic() - self._started,
        )
        for chunk in chunks:
            self._acknowledge(chunk)

    def _held(self) -> tuple[int, int] | None:
        """Return the span of time whose parts of split entries wait beyond a commit; None where they do not.

        They may where the next poll reads them again, so that none is lost if there is no next one in this process.
        """
        reread_ns = int(getattr(self.source, "rereads_s", 0.0) * 1e9)
        if not (self.holds and reread_ns):
            return None
        now_ns, held_ns = self.source.runtime.now_ns(), min(reread_ns, HOLD_NS)  # type: ignore[attr-defined]
        return now_ns - held_ns, now_ns + held_ns

    def _parsed(self, chunks: list[SourceChunk]) -> list[EventBatch]:
        batches: list[EventBatch] = []
        for chunk in chunks:
            batches += self.pipeline.parse(chunk.records, more=True)
            if chunk.rejected:
                batches.append(batch_of(self.pipeline.without_secrets(chunk.rejected)))
            if chunk.observed:
                batches.append(batch_of(chunk.observed))
        return batches

    def _acknowledge(self, chunk: SourceChunk) -> None:
        """Tell the source that a chunk is durable; where that fails it comes again, and is stored once."""
        try:
            chunk.committed()
        except Exception as error:  # as for a source that breaks
            self.note(f"{type(error).__name__}: {error}")


def _must_commit(chunks: Sequence[SourceChunk]) -> bool:
    """Say whether chunks cannot wait for the rest of a split entry."""
    return chunks[-1].urgent or sum(chunk.raw_bytes for chunk in chunks) >= MAX_COMMIT_BYTES


def commits_of(chunks: Iterator[SourceChunk]) -> Iterator[list[SourceChunk]]:
    """Gather chunks until they are worth a commit, or one of them is urgent."""
    waiting: list[SourceChunk] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += chunk.raw_bytes
        if size >= COMMIT_BYTES or chunk.urgent:
            yield waiting
            waiting, size = [], 0
    if waiting:
        yield waiting


def _histogram(codes: npt.NDArray[np.uint32], values: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(codes)
    return {values[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}


def _added(total: Mapping[str, int], part: Mapping[str, int]) -> dict[str, int]:
    return {key: total.get(key, 0) + part.get(key, 0) for key in (*total, *part)}


@contextmanager
def set_up_for_parsing() -> Iterator[None]:
    """Let the garbage collector run rarely, and the memory of one chunk serve the next, while sources are read."""
    _keep_freed_memory()
    thresholds = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _keep_freed_memory() -> None:
    """Let the memory of one chunk serve the next.

    glibc gives freed memory back to the system, page by page, until a large block was freed: from then on it keeps as
    much as that (man 3 mallopt, "dynamic mmap threshold"). The block is never touched, so that it costs nothing.
    Measured: 0.8 us of page faults less per entry, and the same peak.
    """
    bytes(KEPT_BYTES)
