"""The cost read model: what logging costs, where, since when, and what to do about it.

Answers the queries over the folded state; a ledger is only used to show a message's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ...domain.errors import CloudledgerError
from ...domain.events import Event, LogRecorded
from ...domain.message_template import mask_message
from ...domain.timestamps import window_ns
from ..partitions import ProjectionState
from .anomalies import AnomalySearch
from .answers import Allocation, Anomaly, CostLine, Recommendation, Trend, VolumeLine
from .dimensions import dimensions_of
from .focus_allocation import allocation_rows
from .message_text import message_of
from .period import Period, period_ns
from .recommendations import Recommender
from .report import cost_lines, volume_lines
from .source import CostSource
from .trends import trends_of


class EventLookup(Protocol):
    """What is needed of a ledger: it opens references."""

    def event(self, reference: str) -> Event:
        """Return the event of a reference."""
        ...


Instant = datetime | str | int
By = str | Sequence[str]


class CostModel:
    """Queries of log volume and cost.

    `by` names one dimension or several: service, provider, account, region, resource, format, severity, template, day,
    hour, log_class. Times are rounded outward to whole hours. Currencies are never mixed: each has lines of its own.

    >>> from .projection import CostProjection
    >>> CostModel(CostProjection().empty()).report(by="service")
    ()
    """

    def __init__(self, state: ProjectionState, *, ledger: EventLookup | None = None) -> None:
        self._source = CostSource(state)
        self._ledger = ledger

    def report(
        self, by: By = "service", since: Instant | None = None, until: Instant | None = None
    ) -> tuple[CostLine, ...]:
        """Return what logging cost per group, the dearest first.

        Billed rows are split over services (see `allocation`); logs that no bill covers are priced from lists and
        marked `estimated`.

        Raises:
            InvalidArgumentError: an unknown dimension or time, or `since` after `until`.

        >>> from .projection import CostProjection
        >>> CostModel(CostProjection().empty()).report(by=["provider", "day"], since="2026-11-01")
        ()
        """
        return cost_lines(self._source, dimensions_of(by), *window_ns(since, until))

    def log_volume(
        self, by: By = "service", since: Instant | None = None, until: Instant | None = None
    ) -> tuple[VolumeLine, ...]:
        """Return events and bytes per group, the largest first.

        Raises:
            InvalidArgumentError: an unknown dimension or time, or `since` after `until`.

        >>> from .projection import CostProjection
        >>> CostModel(CostProjection().empty()).log_volume(by="severity")
        ()
        """
        without = ("log_class", "account", "region", "resource") if "template" in _names(by) else ("log_class",)
        return volume_lines(self._source, dimensions_of(by, without=without), *window_ns(since, until))

    def allocation(self, period: Period) -> tuple[Allocation, ...]:
        """Return how each charge of a period was split, in FOCUS 1.3's columns; ratios of a charge add up to 1.

        Args:
            period: `"2026-11"`, `"2026-11-20"`, or (since, until).

        Raises:
            InvalidArgumentError: no such period.

        >>> from .projection import CostProjection
        >>> CostModel(CostProjection().empty()).allocation("2026-11")
        ()
        """
        return allocation_rows(self._source, *period_ns(period))

    def trends(
        self, by: By = "service", since: Instant | None = None, until: Instant | None = None
    ) -> tuple[Trend, ...]:
        """Return the daily course of each group, the dearest first.

        Raises:
            InvalidArgumentError: an unknown dimension or time, or `since` after `until`.

        >>> from .projection import CostProjection
        >>> CostModel(CostProjection().empty()).trends(by="provider")
        ()
        """
        names = dimensions_of(by, without=("day", "hour", "template"))
        return trends_of(self._source, names, *window_ns(since, until))

    def anomalies(
        self,
        since: Instant | None = None,
        until: Instant | None = None,
        *,
        min_impact: Decimal | str = "0.01",
        min_percent: float = 100.0,
    ) -> tuple[Anomaly, ...]:
        """Return services whose log volume or bill jumped, the dearest first.

        Args:
            since: start of what is looked at.
            until: its end.
            min_impact: least extra cost in 30 days at the jump's rate, in units of the currency.
            min_percent: least rise above the usual level.

        Raises:
            InvalidArgumentError: `since` is after `until`.

        >>> from .projection import CostProjection
        >>> CostModel(CostProjection().empty()).anomalies()
        ()
        """
        since_ns, until_ns = window_ns(since, until)
        search = AnomalySearch(
            self._source,
            since_ns=since_ns,
            until_ns=until_ns,
            min_impact=Decimal(min_impact),
            min_percent=min_percent,
            text_of=self._text,
        )
        return search.all()

    def recommendations(self) -> tuple[Recommendation, ...]:
        """Return what to log less of, the largest saving first; audit, security and errors are never proposed.

        >>> from .projection import CostProjection
        >>> CostModel(CostProjection().empty()).recommendations()
        ()
        """
        return Recommender(self._source, self._text).all()

    def _text(self, reference: str) -> str:
        """Return the masked message of an event, where a ledger is at hand and still holds it."""
        if self._ledger is None:
            return ""
        try:
            event = self._ledger.event(reference)
        except CloudledgerError:
            return ""
        return mask_message(message_of(event.payload)) if isinstance(event, LogRecorded) else ""


def _names(by: By) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by)
