"""Cost and volume per group: the answers of `report` and `log_volume`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from ..grouping import Grouping
from .allocate import CELL_KEYS, Split, allocate
from .answers import CostLine, VolumeLine
from .dimensions import grouped_by, labels
from .evidence import billing_references, first_references, joined_references
from .frame import DAY_NS, Frame, Ints
from .matching import ESTIMATE, METHODS
from .source import CostSource, in_days, within
from .template_split import split_by_template

MICROS = 1_000_000


def split_costs(
    source: CostSource, by: Sequence[str], since_ns: int | None = None, until_ns: int | None = None
) -> Split:
    """Return the money of [since, until) split as finely as `by` needs."""
    fine = {name for name in ("severity", "hour") if name in by}
    if "template" in by:
        fine.add("severity")
    if not (_on_day(since_ns) and _on_day(until_ns)):
        fine.add("hour")
    pools = in_days(source.pools, since_ns, until_ns)
    split = allocate(pools, _volume_cells(source.volume, fine), source.pools)
    parts = within(split.parts, since_ns, until_ns) if "hour" in fine else in_days(split.parts, since_ns, until_ns)
    if "template" in by:
        parts = split_by_template(parts, source.volume, source.templates, hourly="hour" in fine)
    return Split(parts, split.pools)


def cost_lines(
    source: CostSource, by: tuple[str, ...], since_ns: int | None = None, until_ns: int | None = None
) -> tuple[CostLine, ...]:
    """Return cost per group and currency, the dearest first."""
    split = split_costs(source, by, since_ns, until_ns)
    parts = split.parts
    if not len(parts):
        return ()
    parts = parts.replaced({"estimated": (parts["method"] == ESTIMATE).astype(np.int64)})
    keys = (*grouped_by(by), "currency", "estimated")
    groups = Grouping.of({name: parts[name] for name in keys})
    frame = Frame(groups.keys, parts.dictionaries)
    credits = parts.where("category", "Credit".__eq__)
    taxes = parts.where("category", "Tax".__eq__)
    amounts = {
        "credits": groups.sums(parts["micros"] * credits),
        "taxes": groups.sums(parts["micros"] * taxes),
        "total": groups.sums(parts["micros"]),
    }
    methods = _methods(groups, parts["method"])
    counted = _volume_of_groups(source, by, frame, since_ns, until_ns)
    bills = billing_references(parts, groups.group_of, len(groups), split.pools, source.charges)
    whole = {
        code: max(int(amounts["total"][frame["currency"] == code].sum()), 1) for code in set(frame["currency"].tolist())
    }
    currency = frame.text("currency")
    lines = [
        CostLine(
            group=group,
            currency=currency[row],
            cost=money(amounts["total"][row] - amounts["credits"][row] - amounts["taxes"][row]),
            credits=money(amounts["credits"][row]),
            taxes=money(amounts["taxes"][row]),
            total=money(amounts["total"][row]),
            estimated=bool(frame["estimated"][row]),
            share=int(amounts["total"][row]) / whole[int(frame["currency"][row])],
            methods=methods[row],
            events=counted[row][0],
            bytes=counted[row][1],
            evidence=joined_references(bills[row], counted[row][2]),
        )
        for row, group in enumerate(labels(frame, by))
    ]
    return tuple(
        sorted(lines, key=lambda line: (-line.total, list(line.group.values()), line.currency, line.estimated))
    )


def volume_lines(
    source: CostSource, by: tuple[str, ...], since_ns: int | None = None, until_ns: int | None = None
) -> tuple[VolumeLine, ...]:
    """Return log volume per group, the largest first."""
    rows = within(source.templates if "template" in by else source.volume, since_ns, until_ns)
    if not len(rows):
        return ()
    rows = rows.replaced({"day": rows["hour"] // 24})
    groups = Grouping.of({name: rows[name] for name in grouped_by(by)} or {"hour": rows["hour"] * 0})
    frame = Frame(groups.keys, rows.dictionaries)
    events, sizes = groups.sums(rows["events"]), groups.sums(rows["bytes"])
    references = first_references(rows, groups.group_of, len(groups))
    whole = max(int(sizes.sum()), 1)
    lines = [
        VolumeLine(
            group=group,
            events=int(events[row]),
            bytes=int(sizes[row]),
            share=int(sizes[row]) / whole,
            evidence=references[row],
        )
        for row, group in enumerate(labels(frame, by))
    ]
    return tuple(sorted(lines, key=lambda line: (-line.bytes, list(line.group.values()))))


def money(micros: int | np.int64) -> Decimal:
    """Return micro-units as a decimal amount.

    >>> money(1_250_000)
    Decimal('1.250000')
    """
    return Decimal(int(micros)).scaleb(-6)


def _on_day(instant_ns: int | None) -> bool:
    return instant_ns is None or instant_ns % DAY_NS == 0


def _volume_cells(volume: Frame, fine: set[str]) -> Frame:
    """Return volume only as fine as is asked for: coarse cells are far fewer."""
    hours = volume["hour"] if "hour" in fine else volume["hour"] // 24 * 24
    severities = volume["severity"] if "severity" in fine else np.zeros(len(volume), np.int64)
    keys = tuple(name for name in CELL_KEYS if name != "day")
    return volume.replaced({"hour": hours, "severity": severities}).totals(keys, ("bytes", "events"))


def _methods(groups: Grouping, methods: Ints) -> list[tuple[str, ...]]:
    found: list[set[str]] = [set() for _ in range(len(groups))]
    pairs = np.unique(groups.group_of * len(METHODS) + methods)
    for pair in pairs.tolist():
        found[pair // len(METHODS)].add(METHODS[pair % len(METHODS)])
    return [tuple(sorted(names)) for names in found]


def _volume_of_groups(
    source: CostSource, by: tuple[str, ...], frame: Frame, since_ns: int | None, until_ns: int | None
) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return events, bytes and sample references of the logs of each line (none where a line is by log class only)."""
    shared = tuple(name for name in by if name != "log_class")
    if not shared:
        total = volume_lines(source, (), since_ns, until_ns)
        return [(total[0].events, total[0].bytes, total[0].evidence) if total else (0, 0, ())] * len(frame)
    lines = volume_lines(source, shared, since_ns, until_ns)
    known = {tuple(line.group.values()): (line.events, line.bytes, line.evidence) for line in lines}
    return [known.get(tuple(group.values()), (0, 0, ())) for group in labels(frame, shared)]
