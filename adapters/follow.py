"""Follow sources as they grow: pull and stream together, each in a thread of its own, the ledger kept current.

Beside `ingest`, which ends when everything has been read. A provider that is down is degraded in the ledger and delays
none of the others; read models catch up beside it (`projections.follow_models`), in this process or another one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from ..domain.errors import CloudledgerError, InvalidArgumentError, LedgerError, MissingExtraError
from ..domain.redaction import Redactor
from ..domain.timestamps import to_instant_ns
from ..store import Ledger
from .acquisition import PulledSource, Runtime, StoppedError
from .acquisition.window import Instant
from .committing import Commits, Progress, set_up_for_parsing
from .ingest import checked_formats, checked_sources
from .ingest_report import IngestReport
from .pipeline import Pipeline
from .registry import Registry
from .source import Source

FILE_POLL_S = 1.0
"""Seconds between two looks at a folder. Chosen: a listing costs little."""

LONGEST_PAUSE_S = 60.0
"""Between two polls of a source that fails. Chosen: an outage that ends is noticed within a minute."""

_LOOK_S = 0.1

_NOT_TO_BE_WAITED_OUT = (LedgerError, InvalidArgumentError, MissingExtraError)
"""What no later poll can mend: it ends following, and is raised."""


def follow(
    ledger: Ledger,
    sources: Sequence[Source],
    *,
    until: Instant | None = None,
    stop: threading.Event | None = None,
    on_progress: Progress | None = None,
    registry: Registry | None = None,
    redaction: Redactor | None = None,
) -> IngestReport:
    """Append what the sources have and what they get, until told to stop.

    Ends at `until`, when `stop` is set, or at a KeyboardInterrupt; then each source finishes its commit. What it had
    not finished, it reads again when it is followed or ingested the next time.

    Args:
        ledger: where to; each source writes its own stream.
        sources: any mix of files and APIs; each needs a stream of its own.
        until: the instant to stop at.
        stop: stops when it is set, within a fraction of a second.
        on_progress: called after each commit with the source's report so far, from the source's thread.
        registry: formats; by default all that are installed.
        redaction: what is a secret; by default all rules of the library.

    Returns:
        Counts per source and format; `problem` says what ails a source at the end.

    Raises:
        InvalidArgumentError: `sources` is no list of sources, or two have one stream.
        LedgerError: the ledger cannot be written.

    >>> from cloudledger.store import Ledger
    >>> with Ledger.open("follow-example") as ledger:
    ...     follow(ledger, [], until="2026-01-01T00:00:00Z").appended
    0
    """
    started = time.monotonic()
    runtime = Runtime(stop=stop or threading.Event(), live=True)
    until_ns = None if until is None else to_instant_ns(until)
    formats, redactor = checked_formats(registry, redaction)
    followed = _with_companions(checked_sources(sources), runtime)
    commits = [Commits(ledger, source, Pipeline(formats, redactor), on_progress, holds=True) for source in followed]
    loops = [_Loop(one, runtime) for one in commits]
    with set_up_for_parsing():
        _run(loops, runtime, until_ns)
    return IngestReport(sources=tuple(loop.commits.report for loop in loops), seconds=time.monotonic() - started)


def _with_companions(sources: Sequence[Source], runtime: Runtime) -> list[Source]:
    """Return the sources, each with what runs beside it, ready to run."""
    streams = [source.stream for source in sources]
    twice = sorted({stream for stream in streams if streams.count(stream) > 1})
    if twice:
        raise InvalidArgumentError(f"two sources write the stream {twice[0]!r}: give each one of its own")
    found: list[Source] = []
    for source in sources:
        if isinstance(source, PulledSource):
            source.run_in(runtime)
        found += [source, *getattr(source, "companions", ())]
    return found


def _run(loops: Sequence[_Loop], runtime: Runtime, until_ns: int | None) -> None:
    """Run the loops until it is time; let each finish; raise what ended one of them."""
    for loop in loops:
        loop.start()
    try:
        while any(loop.is_alive() for loop in loops) and not _over(runtime, until_ns):
            runtime.stop.wait(_LOOK_S)
    except KeyboardInterrupt:
        pass
    finally:
        runtime.stop.set()
        for loop in loops:
            loop.join()
    for loop in loops:
        if loop.error is not None:
            raise loop.error


def _over(runtime: Runtime, until_ns: int | None) -> bool:
    return runtime.stopped or (until_ns is not None and runtime.now_ns() >= until_ns)


class _Loop(threading.Thread):
    """Polls one source again and again."""

    def __init__(self, commits: Commits, runtime: Runtime) -> None:
        super().__init__(name=f"follow {commits.source.stream}", daemon=True)
        self.commits, self.runtime = commits, runtime
        self.error: BaseException | None = None

    def run(self) -> None:
        """Poll until stopped; whatever cannot be waited out stops all."""
        try:
            self._polls()
        except StoppedError:
            pass
        except BaseException as error:
            self.error = error
            self.runtime.stop.set()

    def _polls(self) -> None:
        source, failures = self.commits.source, 0
        while not self.runtime.stopped:
            failures = 0 if self._poll() else failures + 1
            pause_s = getattr(source, "poll_s", FILE_POLL_S)
            longest = max(pause_s, LONGEST_PAUSE_S)
            self.runtime.wait(min(pause_s * 2 ** min(failures, 16), longest), getattr(source, "wake", None))

    def _poll(self) -> bool:
        """Read what is new; say whether that went well."""
        try:
            return not self.commits.run().problem
        except _NOT_TO_BE_WAITED_OUT:
            raise
        except CloudledgerError as error:  # a folder that is not there yet, an object store that is away
            self.commits.note(f"{type(error).__name__}: {error}")
            return False
