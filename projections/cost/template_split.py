"""Split money further, from a service's cells to the templates of its messages.

Templates are counted per service, format, severity and hour; what their table left out stays as template 0.
"""

from __future__ import annotations

import numpy as np

from ...domain.dictionary import Dictionary
from .frame import Frame, Ints
from .rounding import split_exactly

_CELL = ("service", "provider", "format", "severity", "hour")


def split_by_template(parts: Frame, volume: Frame, templates: Frame) -> Frame:
    """Return parts with a `template` column; the money of each cell is spread over its templates by bytes."""
    shared = {name: Dictionary() for name in ("service", "provider", "format")}
    for name, dictionary in shared.items():
        parts, volume, templates = (frame.recoded(name, dictionary) for frame in (parts, volume, templates))
    counted = templates.totals((*_CELL, "template"), ("bytes",))
    missing = _left_out(volume, counted)
    cells: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for frame in (counted, missing):
        keys = zip(*[frame[name].tolist() for name in _CELL], strict=True)
        for key, template, size in zip(keys, frame["template"].tolist(), frame["bytes"].tolist(), strict=True):
            if size > 0:
                cells.setdefault(key, []).append((template, size))
    return _spread(parts, cells)


def _left_out(volume: Frame, counted: Frame) -> Frame:
    whole, kept = volume.totals(_CELL, ("bytes",)), counted.totals(_CELL, ("bytes",))
    joined = {name: np.concatenate([whole[name], kept[name]]) for name in _CELL}
    joined["bytes"] = np.concatenate([whole["bytes"], -kept["bytes"]])
    left = Frame(joined, {}).totals(_CELL, ("bytes",))
    return left.replaced({"template": np.zeros(len(left), np.int64)})


def _spread(parts: Frame, cells: dict[tuple[int, ...], list[tuple[int, int]]]) -> Frame:
    rows: list[int] = []
    template: list[int] = []
    micros: list[Ints] = []
    keys = zip(*[parts[name].tolist() for name in _CELL], strict=True)
    for row, (key, amount) in enumerate(zip(keys, parts["micros"].tolist(), strict=True)):
        found = cells.get(key, [(0, 1)])
        rows += [row] * len(found)
        template += [name for name, _ in found]
        micros.append(split_exactly(amount, np.array([float(size) for _, size in found])))
    spread = parts.take(np.array(rows, np.int64))
    amounts = np.concatenate(micros) if micros else np.zeros(0, np.int64)
    return spread.replaced({"template": np.array(template, np.int64), "micros": amounts})
