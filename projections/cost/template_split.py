"""Split money further, from a service's cells to the templates of its messages.

Templates are counted per service, format, severity and hour; what their table left out stays as template 0.
"""

from __future__ import annotations

import numpy as np

from ...domain.dictionary import Dictionary
from ..grouping import Grouping
from .frame import Array, Frame, Ints
from .rounding import split_groups

_CELL = ("service", "provider", "format", "severity", "hour")


def split_by_template(parts: Frame, volume: Frame, templates: Frame, *, hourly: bool) -> Frame:
    """Return parts with a `template` column; the money of each cell is spread over its templates by bytes.

    Args:
        parts: money, with the hour (or the first hour of the day) of each part.
        volume: hourly volume, which tells what the templates left out.
        templates: hourly volume by template.
        hourly: whether cells are hours or days.
    """
    shared = {name: Dictionary() for name in ("service", "provider", "format")}
    for name, dictionary in shared.items():
        parts, volume, templates = (frame.recoded(name, dictionary) for frame in (parts, volume, templates))
    if not hourly:
        volume, templates = (frame.replaced({"hour": frame["hour"] // 24 * 24}) for frame in (volume, templates))
    counted = templates.totals((*_CELL, "template"), ("bytes",))
    return _spread(parts, _with_rest(volume, counted))


def _with_rest(volume: Frame, counted: Frame) -> Frame:
    """Return the bytes of templates, and as template 0 what the volume of each cell has beyond them."""
    names = (*_CELL, "bytes")
    joined = {name: np.concatenate([volume[name], counted[name]]) for name in names}
    joined["bytes"][len(volume) :] *= -1
    rest = Frame(joined, {}).totals(_CELL, ("bytes",))
    columns = {name: np.concatenate([counted[name], rest[name]]) for name in names}
    columns["template"] = np.concatenate([counted["template"], np.zeros(len(rest), np.int64)])
    return Frame(columns, {}).take(np.flatnonzero(columns["bytes"] > 0))


def _spread(parts: Frame, cells: Frame) -> Frame:
    """Repeat each part for every template of its cell; a part whose cell nobody counted stays whole."""
    both = {name: np.concatenate([parts[name], cells[name]]) for name in _CELL}
    groups = Grouping.of(both)
    of_part, of_cell = groups.group_of[: len(parts)], groups.group_of[len(parts) :]
    order = np.argsort(of_cell, kind="stable")
    starts = np.searchsorted(of_cell[order], np.arange(len(groups) + 1))
    found = starts[of_part + 1] - starts[of_part]
    lengths = np.maximum(found, 1)
    row = np.repeat(np.arange(len(parts)), lengths)
    within = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    template, weight = _picked(cells, order, starts[of_part][row] + within, found[row] > 0)
    micros: Ints = split_groups(parts["micros"], weight, row)
    return parts.take(row).replaced({"template": template, "micros": micros})


def _picked(cells: Frame, order: Ints, place: Ints, known: Array) -> tuple[Ints, Array]:
    if not len(order):
        return np.zeros(len(place), np.int64), np.ones(len(place))
    rows = order[np.minimum(place, len(order) - 1)]
    template = np.where(known, cells["template"][rows], 0)
    return template, np.where(known, cells["bytes"][rows], 1).astype(np.float64)
