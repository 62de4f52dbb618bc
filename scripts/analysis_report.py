"""What `analyze` prints: what a run added, what the ledger holds, and the answers."""

from __future__ import annotations

import msgspec

from cloudledger.adapters import IngestReport
from cloudledger.projections import IncidentSummary, LedgerContents, ReadModels, contents_of, summarise_incident


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """What this run read; a second run of the same files reads and appends nothing."""

    read: int
    appended: int
    duplicates: int
    raw_bytes: int
    seconds: float
    formats: dict[str, int]
    rejected: dict[str, int]
    redacted: dict[str, int]
    problems: dict[str, str]


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """The document: `evidence` and `references` in it are opened by `Ledger.open(ledger).event(reference)`."""

    ledger: str
    entered: Entered
    stored: LedgerContents
    answers: IncidentSummary


def analysis_of(report: IngestReport, models: ReadModels) -> Analysis:
    """Ask everything that the document holds."""
    return Analysis(
        ledger=str(models.ledger.location),
        entered=entered(report),
        stored=contents_of(models.ledger),
        answers=summarise_incident(models),
    )


def entered(report: IngestReport) -> Entered:
    """Return the numbers of all sources together."""
    return Entered(
        read=report.read,
        appended=report.appended,
        duplicates=report.duplicates,
        raw_bytes=report.raw_bytes,
        seconds=round(report.seconds, 3),
        formats=report.formats,
        rejected=report.rejected,
        redacted=report.redacted,
        problems={source.stream: source.problem for source in report.sources if source.problem},
    )
