"""Jumps in what logging is billed: per place and class of charge, by the day.

Quantity is tested where the bill gives one, else cost: free allowances and tiers begin anew each month, so that the
price of a byte jumps by design. Credits and taxes are left out, and so is the last billed day, which providers still
restate.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from ...domain.timestamps import to_datetime
from ..grouping import Grouping
from .answers import Anomaly, Cause
from .evidence import first_references
from .frame import DAY_NS, Array, Frame
from .jumps import Jump, jumps_in
from .log_place import resource_of_place

DAYS_BEFORE = 14
"""Days that the usual bill is taken from: two weeks, so that each weekday is in it twice."""

_KEYS = ("currency", "provider", "account", "region", "resource", "service", "log_class")


def billed_anomalies(pools: Frame, charges: Frame, min_factor: float) -> Iterator[Anomaly]:
    """Yield the jumps of all places and classes that are billed."""
    usage = pools.take(np.flatnonzero(pools.where("category", "Usage".__eq__))) if len(pools) else pools
    if not len(usage):
        return
    first, days = int(usage["day"].min()), int(usage["day"].max() - usage["day"].min())
    groups = Grouping.of({name: usage[name] for name in _KEYS})
    names = Frame(groups.keys, usage.dictionaries)
    cells = groups.group_of * (days + 1) + (usage["day"] - first)
    costs, quantities = (_table(cells, usage[name], len(groups), days) for name in ("micros", "quantity_bytes"))
    for row in range(len(groups)):
        measured = np.count_nonzero(quantities[row]) * 2 > days
        for jump in jumps_in(
            quantities[row] if measured else costs[row], min_factor=min_factor, before=DAYS_BEFORE, min_before=7
        ):
            yield _anomaly(names.take(np.array([row])), first, costs[row], quantities[row], jump, charges)


def _table(cells: Array, values: Array, groups: int, days: int) -> Array:
    """Return values per group and day, without the last day."""
    table: Array = np.bincount(cells, weights=values, minlength=groups * (days + 1))
    return table.reshape(groups, days + 1)[:, :days]


def _anomaly(names: Frame, first: int, costs: Array, quantities: Array, jump: Jump, charges: Frame) -> Anomaly:
    texts = {name: names.text(name)[0] for name in _KEYS}
    start, length = first + jump.start, jump.end - jump.start
    usual = float(np.median(costs[max(jump.start - DAYS_BEFORE, 0) : jump.start])) / 1e6
    inside = costs[jump.start : jump.end] / 1e6
    extra = quantities[jump.start : jump.end].sum() - np.median(quantities[: jump.start]) * length
    excess = Decimal(repr(float(inside.sum()) - usual * length)).quantize(Decimal("0.000001"))
    place = resource_of_place(texts["resource"], texts["account"], texts["region"])
    evidence = _rows_of(charges, names, start, start + length)
    causes = (("log_class", texts["log_class"]), ("resource", place))
    return Anomaly(
        kind="cost",
        service=texts["service"],
        provider=texts["provider"],
        started_at=to_datetime(start * DAY_NS),
        ended_at=to_datetime((start + length) * DAY_NS),
        slot_s=86_400,
        expected=usual,
        actual=float(inside.mean()),
        factor=float(inside.mean()) / usual if usual else 0.0,
        score=jump.score,
        excess_bytes=max(int(extra), 0),
        currency=texts["currency"],
        impact=excess,
        monthly_impact=(excess * 30 / length).quantize(Decimal("0.000001")),
        causes=tuple(
            Cause(dimension=name, value=value, share=1.0, text="", evidence=()) for name, value in causes if value
        ),
        evidence=evidence,
    )


def _rows_of(charges: Frame, names: Frame, first_day: int, end_day: int) -> tuple[str, ...]:
    """Return references to the billing rows of the jump."""
    days = charges["start"] // DAY_NS
    kept = (days >= first_day) & (days < end_day)
    for name in _KEYS:
        kept &= charges[name] == int(names[name][0])
    rows = charges.take(np.flatnonzero(kept))
    return first_references(rows, np.zeros(len(rows), np.int64), 1)[0]
