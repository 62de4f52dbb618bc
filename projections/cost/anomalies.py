"""Anomalies: services whose log volume or logging bill jumped, what it costs, and what the excess consists of.

Volume is looked at by minutes, five minutes or hours, as the span asks; bills by `billed_anomalies`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec
import numpy as np

from ...domain.timestamps import to_datetime
from ..grouping import Grouping
from ..partitions import HOUR_NS
from .answers import Anomaly, Cause
from .billed_anomalies import billed_anomalies
from .dimensions import severity_name, template_name
from .evidence import first_references
from .frame import DAY_NS, Frame
from .jumps import Jump, jumps_in
from .marginal import MarginalPrices
from .schemas import SLOT_NS
from .source import CostSource, in_days, within
from .volume_series import VolumeSeries, volume_series

MIN_MINUTES = 3
"""Shortest jump that is told. Chosen: a burst of a minute changes no bill."""

MONTH_NS = 30 * DAY_NS
CAUSE_SHARE = 0.2
"""Least share of an excess that is worth naming."""


class AnomalySearch:
    """Looks for anomalies in [since, until)."""

    def __init__(
        self,
        source: CostSource,
        *,
        since_ns: int | None,
        until_ns: int | None,
        min_impact: Decimal,
        min_percent: float,
        text_of: Callable[[str], str],
    ) -> None:
        self._source, self._since, self._until = source, since_ns, until_ns
        self._min_impact, self._factor = min_impact, 1 + min_percent / 100
        self._prices, self._text_of = MarginalPrices(source), text_of

    def all(self) -> tuple[Anomaly, ...]:
        """Return all anomalies, the dearest per month first."""
        pools = in_days(self._source.pools, self._since, self._until)
        found = [*self._volume(), *billed_anomalies(pools, self._source.charges, self._factor)]
        kept = [anomaly for anomaly in found if anomaly.monthly_impact >= self._min_impact]
        return tuple(sorted(kept, key=lambda a: (-a.monthly_impact, a.service, a.started_at)))

    def _volume(self) -> Iterator[Anomaly]:
        for series in volume_series(within(self._source.pulse, self._since, self._until)):
            for jump in jumps_in(series.sizes, series.counts, min_factor=self._factor):
                if (jump.end - jump.start) * series.width >= MIN_MINUTES:
                    yield self._volume_anomaly(series, jump)

    def _volume_anomaly(self, series: VolumeSeries, jump: Jump) -> Anomaly:
        start, end = series.instant_ns(jump.start), series.instant_ns(jump.end)
        inside = series.sizes[jump.start : jump.end]
        excess = int(inside.sum() - jump.usual * len(inside))
        price = self._prices.of(series.provider)
        impact = price.cost_of(excess)
        causes, evidence = self._causes(series.service, series.provider, start, end)
        return Anomaly(
            kind="volume",
            service=series.service,
            provider=series.provider,
            started_at=to_datetime(start),
            ended_at=to_datetime(end),
            slot_s=series.width * SLOT_NS // 10**9,
            expected=jump.usual,
            actual=float(inside.mean()),
            factor=float(inside.mean()) / jump.usual,
            score=jump.score,
            excess_bytes=excess,
            currency=price.currency,
            impact=impact,
            monthly_impact=(impact * MONTH_NS / (end - start)).quantize(Decimal("0.000001")),
            causes=causes,
            evidence=evidence,
        )

    def _causes(self, service: str, provider: str, start: int, end: int) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
        """Return what grew, by severity and template: bytes per hour inside the anomaly against those before."""
        causes: list[Cause] = []
        for dimension, frame in (("severity", self._source.volume), ("template", self._source.templates)):
            ours = frame.where("service", service.__eq__) & frame.where("provider", provider.__eq__)
            causes += _grown(frame.take(np.flatnonzero(ours)), dimension, start // HOUR_NS, -(-end // HOUR_NS))
        causes = [self._with_text(cause) for cause in causes]
        causes.sort(key=lambda cause: (-cause.share, cause.dimension, cause.value))
        references = [reference for cause in causes for reference in cause.evidence]
        return tuple(causes), tuple(dict.fromkeys(references))[:6]

    def _with_text(self, cause: Cause) -> Cause:
        """Return a cause with its message, where it is one and the ledger has it."""
        if cause.dimension != "template" or not cause.evidence:
            return cause
        return msgspec.structs.replace(cause, text=self._text_of(cause.evidence[0]))


def _grown(frame: Frame, dimension: str, first_hour: int, end_hour: int) -> list[Cause]:
    """Return the values of a dimension that make up an excess, by bytes per hour inside against before."""
    inside = (frame["hour"] >= first_hour) & (frame["hour"] < end_hour)
    outside = frame["hour"] < first_hour
    if not inside.any():
        return []
    groups = Grouping.of({dimension: frame[dimension]})
    hours_before = max(len(np.unique(frame["hour"][outside])), 1)
    before = groups.sums(frame["bytes"] * outside) / hours_before
    grown = groups.sums(frame["bytes"] * inside) / (end_hour - first_hour) - before
    whole = float(grown[grown > 0].sum())
    chosen = [int(row) for row in np.argsort(-grown, kind="stable")[:3] if whole and grown[row] >= CAUSE_SHARE * whole]
    references = first_references(frame.take(np.flatnonzero(inside)), groups.group_of[inside], len(groups))
    name = severity_name if dimension == "severity" else template_name
    return [
        Cause(
            dimension=dimension,
            value=name(int(groups.keys[dimension][row])),
            share=float(grown[row]) / whole,
            text="",
            evidence=references[row],
        )
        for row in chosen
    ]
