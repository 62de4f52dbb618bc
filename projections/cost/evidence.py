"""References to the events behind a group of rows, few and always the same ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...domain.reference import format_reference
from .frame import Frame, Ints

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


def joined_references(*lists: Sequence[str]) -> tuple[str, ...]:
    """Return references without repeats, in order.

    >>> joined_references(["a@1"], ["a@1", "b@2"])
    ('a@1', 'b@2')
    """
    return tuple(dict.fromkeys(reference for references in lists for reference in references))
