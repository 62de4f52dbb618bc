"""The state of the cost read model as frames, loaded once and kept.

Between the tables and the queries; all times here are whole hours.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..partitions import HOUR_NS, ProjectionState
from .billed import in_force, logging_pools
from .frame import DAY_NS, Frame, load


class CostSource:
    """Frames of the cost state; each is read on first use."""

    def __init__(self, state: ProjectionState) -> None:
        self._state = state

    @cached_property
    def volume(self) -> Frame:
        """Hourly log volume by all dimensions but the template."""
        return load(self._state["volume"])

    @cached_property
    def templates(self) -> Frame:
        """Hourly log volume by template."""
        return load(self._state["templates"])

    @cached_property
    def pulse(self) -> Frame:
        """Five-minute log volume by service and severity."""
        return load(self._state["pulse"])

    @cached_property
    def charges(self) -> Frame:
        """The billing rows in force."""
        return in_force(load(self._state["charges"]))

    @cached_property
    def pools(self) -> Frame:
        """What was charged for logging, per pool and day."""
        return logging_pools(self.charges)


def within(frame: Frame, since_ns: int | None, until_ns: int | None) -> Frame:
    """Return the rows whose hour overlaps [since, until)."""
    kept = np.ones(len(frame), np.bool_)
    if since_ns is not None:
        kept &= (frame["hour"] + 1) * HOUR_NS > since_ns
    if until_ns is not None:
        kept &= frame["hour"] * HOUR_NS < until_ns
    return frame if bool(kept.all()) else frame.take(np.flatnonzero(kept))


def in_days(frame: Frame, since_ns: int | None, until_ns: int | None) -> Frame:
    """Return the rows whose day overlaps [since, until)."""
    kept = np.ones(len(frame), np.bool_)
    if since_ns is not None:
        kept &= (frame["day"] + 1) * DAY_NS > since_ns
    if until_ns is not None:
        kept &= frame["day"] * DAY_NS < until_ns
    return frame if bool(kept.all()) else frame.take(np.flatnonzero(kept))
