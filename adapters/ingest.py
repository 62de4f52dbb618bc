"""Bring sources into a ledger: read, parse, append with the cursor, report.

The loop between adapters and store. A commit holds whole chunks and the cursor after them, so that an ingest that was
killed goes on where the last commit stands, and one that is run again adds nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed

from ..domain.arguments import check_type
from ..domain.errors import InvalidArgumentError
from ..domain.redaction import Redactor
from ..store import Ledger
from .acquisition import PulledSource, Runtime
from .committing import Commits, Progress, set_up_for_parsing
from .ingest_report import IngestReport, SourceReport
from .installed_formats import installed_formats
from .pipeline import Pipeline
from .registry import Registry
from .source import Source


def ingest(
    ledger: Ledger,
    sources: Sequence[Source],
    *,
    executor: Executor | None = None,
    on_progress: Progress | None = None,
    registry: Registry | None = None,
    redaction: Redactor | None = None,
) -> IngestReport:
    """Append what the sources have and the ledger has not.

    Args:
        ledger: where to; each source writes its own stream.
        sources: any mix; two of one stream are read one after the other. Sources of APIs are read beside the files
            and beside each other, so that a provider that is down or slow delays none of the others.
        executor: reads sources in parallel; its workers open the ledger themselves by its location, so that a
            process pool or a cluster works where the location is shared. Sources must be picklable then.
        on_progress: called after each commit with the source's report so far (for sources of APIs from threads of
            their own; with an executor after each source).
        registry: formats; by default all that are installed (`Registry.installed`).
        redaction: what is a secret; by default all rules of the library. `Redactor(add=[rule], without=["jwt"])`
            changes them.

    Returns:
        Counts per source and format. A source that fails keeps what it committed and says why in `problem`.

    Raises:
        InvalidArgumentError: `sources` is no list of sources, `registry` no Registry or `redaction` no Redactor.
        LedgerError: the ledger itself cannot be written.
        SourceNotFoundError: a source names nothing.
    """
    started = time.monotonic()
    sources = checked_sources(sources)
    formats, redactor = checked_formats(registry, redaction)
    if executor is None:
        reports = _ingest_here(ledger, sources, formats, redactor, on_progress)
    else:
        reports = _ingest_parallel(str(ledger.location), sources, executor, formats, redactor, on_progress)
    problems = installed_formats().problems if registry is None else ()
    return IngestReport(sources=tuple(reports), problems=problems, seconds=time.monotonic() - started)


def checked_sources(sources: object) -> list[Source]:
    """Return sources as a list, or refuse what is none.

    >>> checked_sources([])
    []
    """
    if not isinstance(sources, Iterable) or isinstance(sources, str | bytes):
        raise InvalidArgumentError(f"sources is {sources!r}: give a list of sources, like [FileSource('exports/')]")
    given: list[Source] = list(sources)
    for source in given:
        if not hasattr(source, "chunks"):
            raise InvalidArgumentError(
                f"{source!r} is no source: give a list of sources, like [FileSource('exports/')]"
            )
    _check_cursors(given)
    return given


def _check_cursors(sources: Sequence[Source]) -> None:
    """Refuse two API sources of one stream: the second would go on where the first ended, and lose what was before."""
    owners: dict[str, Source] = {}
    for source in sources:
        if isinstance(source, PulledSource) and owners.setdefault(source.stream, source) is not source:
            raise InvalidArgumentError(
                f"two sources read into the stream {source.stream!r} and would share one cursor: "
                "give each one of its own, with stream=..."
            )


def checked_formats(registry: object, redaction: object) -> tuple[Registry, Redactor]:
    """Return what reads and what redacts the records: what was given, else all that is installed."""
    check_type("registry", registry, (Registry, type(None)), "give a Registry, like Registry().with_parser(...)")
    check_type("redaction", redaction, (Redactor, type(None)), 'give a Redactor, like Redactor(without=["jwt"])')
    formats = registry if isinstance(registry, Registry) else Registry.installed()
    return formats, redaction if isinstance(redaction, Redactor) else Redactor()


def _ingest_here(
    ledger: Ledger,
    sources: Sequence[Source],
    registry: Registry,
    redactor: Redactor,
    on_progress: Progress | None,
) -> list[SourceReport]:
    """Read files one after the other, and each provider in a thread beside them."""
    commits = [Commits(ledger, source, Pipeline(registry, redactor), on_progress) for source in sources]
    runtime = Runtime()
    pulled = _pulled_by_stream(commits, runtime)
    with set_up_for_parsing(), ThreadPoolExecutor(max(1, len(pulled)), "cloudledger-source") as threads:
        futures = [threads.submit(_run_all, own) for own in pulled]
        try:
            for one in commits:
                if not isinstance(one.source, PulledSource):
                    one.run()
            for future in futures:
                future.result()
        finally:
            runtime.stop.set()
    return [one.report for one in commits]


def _run_all(commits: Sequence[Commits]) -> None:
    for one in commits:
        one.run()


def _pulled_by_stream(commits: Sequence[Commits], runtime: Runtime) -> list[list[Commits]]:
    """Return the sources of APIs, those of one stream together, ready to run."""
    grouped: dict[str, list[Commits]] = {}
    for one in commits:
        if isinstance(one.source, PulledSource):
            one.source.run_in(runtime)
            grouped.setdefault(one.source.stream, []).append(one)
    return list(grouped.values())


def _ingest_parallel(
    location: str,
    sources: Sequence[Source],
    executor: Executor,
    registry: Registry,
    redactor: Redactor,
    on_progress: Progress | None,
) -> list[SourceReport]:
    by_stream: dict[str, list[Source]] = {}
    for source in sources:
        by_stream.setdefault(source.stream, []).append(source)
    futures = [executor.submit(_ingest_streams, location, group, registry, redactor) for group in by_stream.values()]
    for future in as_completed(futures):
        for report in future.result():
            if on_progress:
                on_progress(report)
    return [report for future in futures for report in future.result()]


def _ingest_streams(
    location: str, sources: Sequence[Source], registry: Registry, redactor: Redactor
) -> list[SourceReport]:
    with Ledger.open(location) as ledger:
        return _ingest_here(ledger, sources, registry, redactor, None)
