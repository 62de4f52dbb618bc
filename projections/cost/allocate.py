"""Split what logging was billed over the services that logged.

The steps of FOCUS split cost allocation: pools of charges, measured logs that drive them, calibrated shares, parts that
add up to the bill exactly. What no log explains stays visible with an empty service.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...domain.dictionary import Dictionary
from .billed import CHARGE_KEYS
from .calibration import billed_weights
from .drivers import driver_of, vended
from .frame import Array, Frame, Ints, stacked
from .matching import DIRECT, ESTIMATE, NAMED, SHARE, UNALLOCATED, Matcher
from .prices import price_of
from .rounding import split_exactly

CELL_KEYS = ("service", "provider", "account", "region", "resource", "format", "severity", "day", "hour")
"""Dimensions of log volume that money is split over."""

COLUMNS = (*CELL_KEYS, "currency", "log_class", "category", "method", "origin", "micros")


@dataclass(frozen=True)
class Split:
    """Parts of pools.

    Attributes:
        parts: one row per part: cells and pool keys, `method` (index into METHODS), `origin` (row of `pools`, -1 for
            estimates), `micros`.
        pools: the pools.
    """

    parts: Frame
    pools: Frame


def allocate(pools: Frame, volume: Frame, covered: Frame) -> Split:
    """Split pools over log volume; volume that `covered` pools of the same account never billed is estimated.

    Args:
        pools: charges to split, as `logging_pools` gives them.
        volume: hourly log volume (cells with bytes and events) of the same days and those around them.
        covered: all pools of the ledger, whatever the days asked for.
    """
    volume = volume.replaced({"day": volume["hour"] // 24})
    billed = _split(pools, volume)
    estimated = _estimated(volume, covered)
    return Split(stacked([billed, estimated], COLUMNS), pools)


def _split(pools: Frame, volume: Frame) -> Frame:
    matcher = Matcher(volume, pools)
    matches = [
        matcher.match(row, provider, place, log_class, bool(service))
        for row, (provider, place, log_class, service) in enumerate(
            zip(*[pools.text(name) for name in ("provider", "resource", "log_class", "service")], strict=True)
        )
    ]
    weights = billed_weights(volume, _equations(pools, matches))
    origins: list[Ints] = []
    cells: list[Ints] = []
    amounts: list[Ints] = []
    for row, (_, rows) in enumerate(matches):
        whole = not len(rows) or not weights[rows].any()
        cells.append(np.array([-1]) if whole else rows)
        amount = int(pools["micros"][row])
        amounts.append(np.array([amount]) if whole else split_exactly(amount, weights[rows]))
        origins.append(np.full(len(cells[-1]), row))
    methods = np.array([method for method, _ in matches], np.int64)
    return _parts(pools, volume, _flat(origins), _flat(cells), _flat(amounts), methods)


def _equations(pools: Frame, matches: list[tuple[int, Ints]]) -> list[tuple[float, Ints]]:
    """Billed quantities of one day's ingestion and the logs behind them; pools over the same logs are one equation."""
    billed: dict[tuple[int, ...], tuple[float, Ints]] = {}
    usage = pools.where("category", "Usage".__eq__) & pools.where("log_class", _measures_ingestion)
    for row in np.flatnonzero(usage & (pools["quantity_bytes"] > 0)).tolist():
        method, rows = matches[row]
        if method in (DIRECT, SHARE):
            key = (int(pools["day"][row]), int(rows[0]), len(rows))
            billed[key] = (billed.get(key, (0.0, rows))[0] + float(pools["quantity_bytes"][row]), rows)
    return list(billed.values())


def _measures_ingestion(log_class: str) -> bool:
    return driver_of(log_class) in ("custom", "vended")


def _parts(pools: Frame, volume: Frame, origin: Ints, cell: Ints, micros: Ints, methods: Ints) -> Frame:
    """Return parts as a frame: the pool's places and classes, and the finer cells of the logs where there are any."""
    split = cell >= 0
    columns = {name: pools[name][origin] for name in CHARGE_KEYS}
    dictionaries = dict(pools.dictionaries)
    named = pools.recoded("service", volume.dictionaries["service"])
    of_cell = {name: np.append(volume[name], 0)[cell] for name in ("service", "format", "severity", "hour")}
    columns["service"] = np.where(split, of_cell["service"], named["service"][origin])
    columns["format"] = np.where(split, of_cell["format"], 0)
    columns["severity"] = np.where(split, of_cell["severity"], 0)
    columns["hour"] = np.where(split & (of_cell["hour"] // 24 == columns["day"]), of_cell["hour"], columns["day"] * 24)
    whole = np.where(columns["service"] != 0, NAMED, UNALLOCATED)
    columns |= {"origin": origin, "micros": micros, "method": np.where(split, methods[origin], whole)}
    dictionaries |= {name: volume.dictionaries[name] for name in ("service", "format")}
    return Frame(columns, dictionaries)


def _estimated(volume: Frame, covered: Frame) -> Frame:
    """Price the logs of days and accounts that no bill covers."""
    rows = np.flatnonzero(~_covered(volume, covered))
    cells = volume.take(rows).totals(CELL_KEYS, ("bytes",))
    is_vended = vended(cells)
    priced = [_priced(cells, is_vended, provider) for provider in cells.dictionaries["provider"].values]
    frames = [frame for frame in priced if frame is not None and len(frame)]
    return stacked(frames or [_nothing(cells)], COLUMNS)


def _priced(cells: Frame, is_vended: Array, provider: str) -> Frame | None:
    ours = cells.where("provider", provider.__eq__)
    custom, special = price_of(provider, "ingest"), price_of(provider, "vended")
    if custom is None:
        return None
    code = _constant("log_class", ["ingest", "vended"])
    takes_special = is_vended & (special is not None)
    price = np.where(takes_special, special.micros if special else 0, custom.micros)
    cost = np.round(cells["bytes"] * (price / custom.unit_bytes)).astype(np.int64)
    count = len(cells)
    columns = {
        **cells.columns,
        "currency": np.ones(count, np.int64),
        "log_class": np.where(takes_special, 2, 1),
        "category": np.ones(count, np.int64),
        "method": np.full(count, ESTIMATE),
        "origin": np.full(count, -1),
        "micros": cost,
    }
    dictionaries = {**cells.dictionaries, **code, **_constant("currency", ["USD"]), **_constant("category", ["Usage"])}
    return Frame(columns, dictionaries).take(np.flatnonzero(ours))


def _nothing(cells: Frame) -> Frame:
    columns = {name: np.zeros(0, np.int64) for name in COLUMNS}
    names = ("currency", "log_class", "category")
    return Frame(columns, {**cells.dictionaries, **{name: _constant(name, [])[name] for name in names}})


def _constant(name: str, values: list[str]) -> dict[str, Dictionary]:
    return {name: Dictionary(values)}


def _covered(volume: Frame, pools: Frame) -> Array:
    """Return which rows of volume fall into days that their account was billed for."""
    covered = np.zeros(len(volume), np.bool_)
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for provider, account, day in zip(
        pools.text("provider"), pools.text("account"), pools["day"].tolist(), strict=True
    ):
        first, last = spans.get((provider, account), (day, day))
        spans[provider, account] = (min(first, day), max(last, day))
    for (provider, account), (first, last) in spans.items():
        ours = volume.where("provider", provider.__eq__)
        if account:
            ours &= volume.where("account", lambda name, billed=account: not name or name.lower() == billed.lower())
        covered |= ours & (volume["day"] >= first) & (volume["day"] <= last)
    return covered


def _flat(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
