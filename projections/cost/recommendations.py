"""Recommendations: levels to stop and messages to sample, with what that saves.

Saving is avoided bytes times the marginal price, for 30 days at the rate seen. Nothing is applied: every proposal says
what to change, how to take it back, and shows the lines it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np

from ..grouping import Grouping
from ..partitions import HOUR_NS
from .answers import Recommendation, Saving
from .dimensions import severity_name, template_name
from .evidence import first_references
from .frame import DAY_NS, Frame
from .guards import DEBUG_END, ERROR, guards_of_level, guards_of_template, is_protected, is_sensitive
from .marginal import MarginalPrice, MarginalPrices
from .source import CostSource

MIN_DEBUG_SHARE = 0.05
"""Least share of a service's bytes at DEBUG or TRACE that is worth a proposal."""

MIN_TEMPLATE_SHARE = 0.20
"""Least share of a service's bytes in one message that is worth a proposal."""

MIN_EVENTS = 100
"""Fewest events behind a proposal: fewer are no habit."""

SAMPLE_RATE = 0.9
"""Share of a noisy message that sampling drops; one in ten stays. Grafana's Adaptive Logs propose 80 %."""

WANTED_DAYS = 14
"""Days of history from which a proposal carries no caution (the window of adaptive logging products)."""

_HOW = {
    ("aws", "raise_level"): "set the service's log level to INFO (Lambda: ApplicationLogLevel of its LoggingConfig)",
    ("azure", "raise_level"): "set the service's log level to INFO, or drop the level in the data collection rule",
    ("gcp", "raise_level"): "set the service's log level to INFO, or exclude severity<INFO in the log sink",
    ("aws", "sample"): "sample the message in the service's logger or in its Fluent Bit filter",
    ("azure", "sample"): "sample the message in the service's logger, or filter it in the data collection rule",
    ("gcp", "sample"): "exclude it in the log sink with sample(insertId, 0.9), or sample it in the service's logger",
}
_DEFAULT_HOW = {"raise_level": "set the service's log level to INFO", "sample": "sample it in the service's logger"}
_ROLLBACK = {"raise_level": "set the former level again", "sample": "remove the sampling rule"}

TextOf = Callable[[str], str]


class Recommender:
    """Makes recommendations from log volume by service, level and template."""

    def __init__(self, source: CostSource, text_of: TextOf) -> None:
        self._source, self._text_of = source, text_of
        self._prices = MarginalPrices(source)

    def all(self) -> tuple[Recommendation, ...]:
        """Return all recommendations, the largest saving first."""
        found = [*self._levels(), *self._templates()]
        return tuple(sorted(found, key=lambda r: (-r.saving.expected, -r.bytes, r.service, r.level, r.template)))

    def _levels(self) -> Iterator[Recommendation]:
        """Propose to stop the debug level where it makes up much of a service's volume."""
        volume = self._source.volume
        if not len(volume):
            return
        levels = np.where((volume["severity"] > 0) & (volume["severity"] < DEBUG_END), 1, 0)
        frame = volume.replaced({"debug": levels})
        for names, rows in _services(frame):
            service, _, log_format = names
            debug = rows.take(np.flatnonzero(rows["debug"] == 1))
            share = int(debug["bytes"].sum()) / max(int(rows["bytes"].sum()), 1)
            if is_protected(log_format, service) or share < MIN_DEBUG_SHARE or debug["events"].sum() < MIN_EVENTS:
                continue
            level = severity_name(int(debug["severity"].max()))
            yield self._recommendation("raise_level", names, debug, rows, share, 1.0, level, 0, guards_of_level())

    def _templates(self) -> Iterator[Recommendation]:
        """Propose to sample messages that make up much of a service's volume."""
        for names, rows in _services(self._source.templates):
            service, _, log_format = names
            if is_protected(log_format, service) or is_sensitive(service):
                continue
            whole = max(int(rows["bytes"].sum()), 1)
            groups = Grouping.of({"severity": rows["severity"], "template": rows["template"]})
            sizes, events = groups.sums(rows["bytes"]), groups.sums(rows["events"])
            severity, template = groups.keys["severity"], groups.keys["template"]
            noisy = (sizes >= MIN_TEMPLATE_SHARE * whole) & (events >= MIN_EVENTS) & (template != 0)
            for group in np.flatnonzero(noisy & (severity >= DEBUG_END) & (severity < ERROR)).tolist():
                mine = rows.take(np.flatnonzero(groups.group_of == group))
                level = severity_name(int(severity[group]))
                share = int(sizes[group]) / whole
                key, passed = int(template[group]), guards_of_template()
                yield self._recommendation("sample", names, mine, rows, share, SAMPLE_RATE, level, key, passed)

    def _recommendation(
        self,
        action: str,
        names: tuple[str, str, str],
        avoided: Frame,
        service_rows: Frame,
        share: float,
        rate: float,
        level: str,
        template: int,
        guards: tuple[str, ...],
    ) -> Recommendation:
        service, provider, log_format = names
        price, days = self._prices.of(provider), _days(self._source.volume, provider)
        evidence = first_references(avoided, np.zeros(len(avoided), np.int64), 1)[0]
        size = int(avoided["bytes"].sum())
        return Recommendation(
            action=action,
            service=service,
            provider=provider,
            format=log_format,
            level=level,
            template=template_name(template),
            text=self._text_of(evidence[0]) if template and evidence else "",
            events=int(avoided["events"].sum()),
            bytes=size,
            share=share,
            rate=rate,
            period_days=days,
            unit_price=price.per_unit,
            price_source=price.source,
            saving=_saving(price, size * rate, int(service_rows["bytes"].sum()), days),
            guards_passed=guards,
            cautions=_cautions(days, price),
            how=_HOW.get((provider, action), _DEFAULT_HOW[action]),
            rollback=_ROLLBACK[action],
            evidence=evidence,
        )


def _services(frame: Frame) -> Iterator[tuple[tuple[str, str, str], Frame]]:
    """Yield service, provider and format with their rows; logs without a service cannot be acted on."""
    if not len(frame):
        return
    groups = Grouping.of({name: frame[name] for name in ("service", "provider", "format")})
    names = Frame(groups.keys, frame.dictionaries)
    order = np.argsort(groups.group_of, kind="stable")
    bounds = np.searchsorted(groups.group_of[order], np.arange(len(groups) + 1))
    texts = zip(names.text("service"), names.text("provider"), names.text("format"), strict=True)
    for group, text in enumerate(texts):
        if text[0]:
            yield text, frame.take(order[bounds[group] : bounds[group + 1]])


def _saving(price: MarginalPrice, avoided: float, logged: int, days: float) -> Saving:
    """Return the saving of 30 days; the low one pays first what a free allowance would have covered anyway."""
    month = 30 / days
    expected = price.cost_of(avoided * month)
    paid = max(logged * month - price.free_bytes, 0.0)
    low = price.cost_of(min(avoided * month, paid) / 2)
    stored = (price.storage_per_unit * Decimal(int(avoided * month)) / price.unit_bytes).quantize(Decimal("0.000001"))
    return Saving(low=low, expected=expected, high=expected + stored, currency=price.currency)


def _days(volume: Frame, provider: str) -> float:
    """Return how long a provider's logs were seen, in days (records without a time of their own would stretch it)."""
    hour = volume["hour"][volume["provider"] == volume.dictionaries["provider"].find(provider)]
    return (int(hour.max()) - int(hour.min()) + 1) * HOUR_NS / DAY_NS


def _cautions(days: float, price: MarginalPrice) -> tuple[str, ...]:
    cautions = ["check that no alert, metric filter or dashboard needs these lines"]
    if days < WANTED_DAYS:
        cautions.append(f"seen for {days:.1f} days only, {WANTED_DAYS} are wanted")
    if price.source.startswith("list"):
        cautions.append("priced from a list, since no bill covers these logs")
    return tuple(cautions)
