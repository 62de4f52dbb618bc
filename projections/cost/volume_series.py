"""Log volume of each service over time, in slots that suit how long the service is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..grouping import Grouping
from ..partitions import HOUR_NS
from .frame import DAY_NS, Array, Frame
from .schemas import SLOT_NS

WIDTHS = ((4 * HOUR_NS, 1), (2 * DAY_NS, 5))
"""Longest span of each width of slots, in minutes; beyond them hours. Chosen: a series has a few hundred slots."""


@dataclass(frozen=True)
class VolumeSeries:
    """Bytes and events of a service per slot; slot 0 begins at `origin` times the width."""

    service: str
    provider: str
    width: int
    origin: int
    sizes: Array
    counts: Array

    def instant_ns(self, slot: int) -> int:
        """Return when a slot begins.

        >>> VolumeSeries("s", "aws", 5, 2, np.zeros(3), np.zeros(3)).instant_ns(1) // SLOT_NS
        15
        """
        return (self.origin + slot) * self.width * SLOT_NS


def volume_series(pulse: Frame) -> Iterator[VolumeSeries]:
    """Yield one series per service and provider, from its first event to its last."""
    if not len(pulse):
        return
    groups = Grouping.of({name: pulse[name] for name in ("service", "provider")})
    names = Frame(groups.keys, pulse.dictionaries)
    order = np.argsort(groups.group_of, kind="stable")
    bounds = np.searchsorted(groups.group_of[order], np.arange(len(groups) + 1))
    for group, (service, provider) in enumerate(zip(names.text("service"), names.text("provider"), strict=True)):
        yield _series(service, provider, pulse.take(order[bounds[group] : bounds[group + 1]]))


def _series(service: str, provider: str, rows: Frame) -> VolumeSeries:
    first, last = int(rows["slot"].min()), int(rows["slot"].max())
    width = next((minutes for span, minutes in WIDTHS if (last - first) * SLOT_NS <= span), 60)
    slots = rows["slot"] // width - first // width
    sizes, counts = (np.bincount(slots, weights=rows[name]) for name in ("bytes", "events"))
    return VolumeSeries(service, provider, width, first // width, sizes, counts)
