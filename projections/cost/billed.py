"""The billing rows that are in force: later versions of a row replace earlier ones, whatever order they came in.

Between the charges table and every answer about money. Newest is: latest export time, then latest recorded, then the
later stream name and position. Rows of one exported object that share a key add up (exports leave out what tells them
apart); rows of a newer object replace them.
"""

from __future__ import annotations

import numpy as np

from ..grouping import Grouping
from .frame import DAY_NS, Array, Frame

PICOS = 1_000_000
"""Parts that `picos` cut a micro-unit into."""

CHARGE_KEYS = ("currency", "provider", "account", "region", "resource", "service", "log_class", "category", "day")
"""What tells pools of money apart."""


def in_force(charges: Frame) -> Frame:
    """Return the rows that no newer version replaces."""
    if not len(charges):
        return charges
    key, export = charges["charge_key"], charges["export"]
    age = (_rank(charges, "stream"), charges["recorded_at"], charges["exported_at"], key)
    order = np.lexsort((charges["position"], *age))
    last = np.append(key[order][1:] != key[order][:-1], True)
    newest = np.zeros(int(key.max()) + 1, np.int64)
    newest[key[order][last]] = order[last]
    winner = newest[key]
    kept = np.where(export == 0, winner == np.arange(len(key)), export == export[winner])
    return charges.take(np.flatnonzero(kept))


def logging_pools(charges: Frame) -> Frame:
    """Return what was charged for logging, per pool and day, in micro-units; `row` is a charge of each pool."""
    chosen = np.flatnonzero(charges["log_class"] != 0)
    logging = charges.take(chosen)
    days = np.where(logging["start"] != 0, logging["start"] // DAY_NS, logging["hour"] // 24)
    logging = logging.replaced({"day": days})
    groups = Grouping.of({name: logging[name] for name in CHARGE_KEYS})
    columns = {name: groups.sums(logging[name]) for name in ("micros", "picos", "quantity_bytes")}
    columns["micros"] += carried(columns["picos"])
    largest = np.lexsort((-np.abs(logging["micros"]), groups.group_of))
    columns["row"] = chosen[largest[np.searchsorted(groups.group_of[largest], np.arange(len(groups)))]]
    return Frame(
        {**groups.keys, **columns}, {name: charges.dictionaries[name] for name in CHARGE_KEYS if name != "day"}
    )


def carried(picos: Array) -> Array:
    """Return whole micro-units of rests; what one row rounds away is carried to the next, so that sums stay exact.

    >>> carried(np.array([400_000, 400_000, 400_000, -200_000])).tolist()
    [0, 1, 0, 0]
    """
    return np.diff((np.cumsum(picos) + PICOS // 2) // PICOS, prepend=0)


def _rank(frame: Frame, name: str) -> Array:
    values = frame.dictionaries[name].values
    rank = np.empty(len(values), np.int64)
    rank[sorted(range(len(values)), key=values.__getitem__)] = np.arange(len(values))
    return rank[frame[name]]
