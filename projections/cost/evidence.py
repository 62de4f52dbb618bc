"""References to the events behind a group of rows, few and always the same ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...domain.reference import format_reference
from ..grouping import Grouping
from .frame import Frame, Ints

BILLS = 2
"""References to billing rows per line."""

SAMPLES = 3
"""References per answer. Chosen: enough to look at, and a bound on the size of answers."""


def first_references(frame: Frame, group_of: Ints, groups: int, limit: int = SAMPLES) -> list[tuple[str, ...]]:
    """Return, per group, references to its first rows (frames are in order of hours, and canonical within them).

    Args:
        frame: rows with stream and position.
        group_of: the group of each row.
        groups: number of groups.
        limit: most references per group.
    """
    if not len(frame):
        return [()] * groups
    # Numbers of 16 bits are sorted by radix, ten times as fast.
    order = np.argsort(group_of.astype(np.uint16) if groups < 1 << 16 else group_of, kind="stable")
    ordered = group_of[order]
    starts = np.searchsorted(ordered, np.arange(groups))
    ends = np.searchsorted(ordered, np.arange(groups), side="right")
    streams = frame.dictionaries["stream"].values
    return [
        tuple(
            format_reference(streams[int(frame["stream"][row])], int(frame["position"][row]))
            for row in order[start : min(end, start + limit)].tolist()
        )
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]


def billing_references(
    parts: Frame, group_of: Ints, groups: int, pools: Frame, charges: Frame
) -> list[tuple[str, ...]]:
    """Return, per group of parts, references to the billing rows that most of its money is from.

    Args:
        parts: parts of pools, with `origin` and `micros`.
        group_of: the group of each part.
        groups: number of groups.
        pools: the pools, with a `row` of `charges` each.
        charges: billing rows with stream and position.
    """
    billed = np.flatnonzero(parts["origin"] >= 0)
    money = Grouping.of({"group": group_of[billed], "origin": parts["origin"][billed]})
    amounts = np.abs(money.sums(parts["micros"][billed]))
    order = np.lexsort((-amounts, money.keys["group"]))
    bounds = np.searchsorted(money.keys["group"][order], np.arange(groups + 1))
    rows = pools["row"][money.keys["origin"][order]]
    streams = charges.dictionaries["stream"].values
    return [
        tuple(
            format_reference(streams[int(charges["stream"][row])], int(charges["position"][row]))
            for row in rows[start : min(end, start + BILLS)].tolist()
        )
        for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]


def joined_references(*lists: Sequence[str]) -> tuple[str, ...]:
    """Return references without repeats, in order.

    >>> joined_references(["a@1"], ["a@1", "b@2"])
    ('a@1', 'b@2')
    """
    return tuple(dict.fromkeys(reference for references in lists for reference in references))
