"""Tell the severity of a logger's object: by its word, else by the number scale of the logger that uses the name.

Under the parser of JSON logs. bunyan and pino count 10 to 60, Python's `levelno` 10 to 50, GELF 7 to 0, OpenTelemetry
1 to 24; Serilog leaves Information out, and klog names no level at all. See https://go2docs.graylog.org/current/getting_in_log_data/gelf.html,
https://github.com/serilog/serilog-formatting-compact#reified-properties and https://github.com/kubernetes/klog.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.severity import (
    SEVERITY_OF_PINO,
    SEVERITY_OF_PYTHON_LEVEL,
    SEVERITY_OF_SYSLOG,
    SEVERITY_OF_TEXT,
    Severity,
    severity_of_text,
)
from . import app_json_names as names
from .field_paths import Row, Rows


def json_severities(rows: Rows) -> npt.NDArray[np.uint8]:
    """Return severity numbers, 0 where an object says nothing of it.

    >>> json_severities(Rows([{"level": 50}, {"levelno": 40}, {"@t": "x", "@mt": "y"}])).tolist()
    [17, 17, 9]
    """
    found = _of_levels(rows.values(names.LEVELS))
    open_rows = [row for row, severity in enumerate(found) if not severity]
    if open_rows:
        rest = Rows([rows.rows[row] for row in open_rows])
        python, numeric = rest.values(names.PYTHON_LEVELS), rest.values(names.NUMERIC_LEVELS)
        for row, level, number in zip(open_rows, python, numeric, strict=True):
            found[row] = (
                _of_scale(SEVERITY_OF_PYTHON_LEVEL, level)
                or (number if type(number) is int and 0 < number <= 24 else 0)
                or _implied(rows.rows[row])
            )
    return np.array(found, np.uint8)


def _of_levels(levels: Sequence[Any]) -> list[int]:
    """Return the severities of level values; the few distinct words of a chunk are looked up in C."""
    known = SEVERITY_OF_TEXT
    return [
        (known.get(level) or _severity(level)) if type(level) is str else _of_scale(SEVERITY_OF_PINO, level)
        for level in levels
    ]


def _severity(level: str) -> int:
    return severity_of_text(level) if not level.isdecimal() else _of_scale(SEVERITY_OF_PINO, level)


def _of_scale(scale: Mapping[Any, int], level: Any) -> int:
    return scale.get(level, 0) if type(level) in (int, str) else 0


def _implied(row: Row) -> int:
    """Return what a logger's other fields imply where it writes no level, or one on a scale of its own."""
    if "short_message" in row:
        return _of_scale(SEVERITY_OF_SYSLOG, row.get("level"))
    if "@t" in row and "@l" not in row and ("@mt" in row or "@m" in row):
        return int(Severity.INFO)
    if "caller" in row and "msg" in row and "ts" in row and "level" not in row:
        return int(Severity.ERROR if "err" in row and "v" not in row else Severity.INFO if "v" in row else 0)
    return 0
