"""Anomalies: services whose log volume or logging bill jumped, what it costs, and what the excess consists of.

Volume is looked at in five-minute slots (hours beyond two days); bills by `billed_anomalies`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

import numpy as np

from ...domain.timestamps import to_datetime
from ..partitions import HOUR_NS
from .answers import Anomaly, Cause
from .billed_anomalies import billed_anomalies
from .dimensions import severity_name, template_name
from .evidence import first_references
from .frame import DAY_NS, Array, Frame
from .grouping import Grouping
from .jumps import Jump, jumps_in
from .marginal import MarginalPrices
from .schemas import SLOT_NS
from .source import CostSource, in_days, within

LONG_NS = 2 * DAY_NS
"""Span beyond which volume is looked at by the hour."""

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
    ) -> None:
        self._source, self._since, self._until = source, since_ns, until_ns
        self._min_impact, self._factor = min_impact, 1 + min_percent / 100
        self._prices = MarginalPrices(source)

    def all(self) -> tuple[Anomaly, ...]:
        """Return all anomalies, the dearest per month first."""
        pools = in_days(self._source.pools, self._since, self._until)
        found = [*self._volume(), *billed_anomalies(pools, self._source.charges, self._factor)]
        kept = [anomaly for anomaly in found if anomaly.monthly_impact >= self._min_impact]
        return tuple(sorted(kept, key=lambda a: (-a.monthly_impact, a.service, a.started_at)))

    @cached_property
    def _pulse(self) -> Frame:
        return within(self._source.pulse, self._since, self._until)

    def _volume(self) -> Iterator[Anomaly]:
        pulse = self._pulse
        if not len(pulse):
            return
        first, last = int(pulse["slot"].min()), int(pulse["slot"].max())
        width = 1 if (last - first) * SLOT_NS <= LONG_NS else HOUR_NS // SLOT_NS
        groups = Grouping.of({name: pulse[name] for name in ("service", "provider")})
        names = Frame(groups.keys, pulse.dictionaries)
        count = last // width - first // width + 1
        cells = groups.group_of * count + (pulse["slot"] // width - first // width)
        series, counts = (
            np.bincount(cells, weights=pulse[name], minlength=len(groups) * count).reshape(len(groups), count)
            for name in ("bytes", "events")
        )
        for row, (service, provider) in enumerate(zip(names.text("service"), names.text("provider"), strict=True)):
            start = int(np.argmax(series[row] > 0))
            for jump in jumps_in(series[row, start:], counts[row, start:], min_factor=self._factor):
                moved = Jump(jump.start + start, jump.end + start, jump.usual, jump.score)
                yield self._volume_anomaly(service, provider, series[row], moved, first // width, width)

    def _volume_anomaly(
        self, service: str, provider: str, values: Array, jump: Jump, origin: int, width: int
    ) -> Anomaly:
        slot_ns = width * SLOT_NS
        start, end = (origin + jump.start) * slot_ns, (origin + jump.end) * slot_ns
        actual = float(values[jump.start : jump.end].mean())
        excess = int(values[jump.start : jump.end].sum() - jump.usual * (jump.end - jump.start))
        price = self._prices.of(provider)
        impact = price.cost_of(excess)
        causes, evidence = self._causes(service, provider, start, end)
        return Anomaly(
            kind="volume",
            service=service,
            provider=provider,
            started_at=to_datetime(start),
            ended_at=to_datetime(end),
            slot_s=slot_ns // 10**9,
            expected=jump.usual,
            actual=actual,
            factor=actual / jump.usual,
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
        causes.sort(key=lambda cause: (-cause.share, cause.dimension, cause.value))
        references = [reference for cause in causes for reference in cause.evidence]
        return tuple(causes), tuple(dict.fromkeys(references))[:6]


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
