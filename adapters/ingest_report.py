"""What an ingest did, in numbers: per source, per format, per reason of rejection."""

from __future__ import annotations

import msgspec


class SourceReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one source.

    `read` are records taken from the source, `appended` the events stored, `duplicates` those that were stored before,
    `rejected` the stored RecordRejected events by reason class, `redacted` the secrets replaced by rule, `activity` the
    requests, failures by class and windows of a source that asks an API, `problem` why it gave no more at last.
    """

    stream: str
    read: int = 0
    appended: int = 0
    duplicates: int = 0
    raw_bytes: int = 0
    formats: dict[str, int] = {}
    rejected: dict[str, int] = {}
    redacted: dict[str, int] = {}
    activity: dict[str, int] = {}
    problem: str = ""
    seconds: float = 0.0


class IngestReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of an ingest over all its sources; `problems` names installed formats that could not be used.

    >>> total = IngestReport(sources=(SourceReport(stream="a", appended=2), SourceReport(stream="b", appended=1)))
    >>> total.appended
    3
    """

    sources: tuple[SourceReport, ...] = ()
    problems: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def read(self) -> int:
        """Events made from what was read."""
        return sum(source.read for source in self.sources)

    @property
    def appended(self) -> int:
        """Events stored."""
        return sum(source.appended for source in self.sources)

    @property
    def duplicates(self) -> int:
        """Events that were stored before."""
        return sum(source.duplicates for source in self.sources)

    @property
    def raw_bytes(self) -> int:
        """Bytes read, decompressed."""
        return sum(source.raw_bytes for source in self.sources)

    @property
    def formats(self) -> dict[str, int]:
        """Events read, by format."""
        return _summed([source.formats for source in self.sources])

    @property
    def rejected(self) -> dict[str, int]:
        """Rejected records read, by reason class."""
        return _summed([source.rejected for source in self.sources])

    @property
    def redacted(self) -> dict[str, int]:
        """Secrets replaced, by rule."""
        return _summed([source.redacted for source in self.sources])

    @property
    def activity(self) -> dict[str, int]:
        """Requests, failures by class and windows of the sources that ask APIs."""
        return _summed([source.activity for source in self.sources])


def _summed(parts: list[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for key, count in part.items():
            total[key] = total.get(key, 0) + count
    return dict(sorted(total.items()))
