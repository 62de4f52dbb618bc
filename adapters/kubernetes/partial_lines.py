"""Tell which container lines are only the first part of a longer one.

Container runtimes cut lines at 16 KiB and mark the parts (CRI by the tag P, Docker by a missing line feed, its fluentd
driver by `partial_message`); agents may lose the mark, but then a part has exactly the length of the limit. See
https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md,
https://docs.docker.com/engine/logging/drivers/fluentd/ and
https://learn.microsoft.com/azure/azure-monitor/containers/container-insights-logging-v2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

LIMITS: Final = frozenset({16_384, 65_536})
"""Bytes at which containerd and Docker cut a line, and at which the agent of Container Insights cuts a joined one."""


def partial_lines(lines: Sequence[str], marked: Sequence[Any] | None = None) -> npt.NDArray[np.bool_] | None:
    """Return which lines are parts with more to come; None where none is.

    Args:
        lines: the lines as their carrier has them.
        marked: what the carriers say: true (or "true") for a part.

    >>> partial_lines(["x" * 16384, "y"]).tolist()
    [True, False]
    """
    lengths = np.fromiter(map(len, lines), np.int64, len(lines))
    parts = np.zeros(len(lines), np.bool_)
    for row in np.flatnonzero((lengths >= min(LIMITS) // 4) & (lengths <= max(LIMITS))).tolist():
        parts[row] = is_cut(lines[row])
    if marked is not None and any(marked):
        parts |= np.array([mark is True or mark == "true" for mark in marked], np.bool_)
    return parts if parts.any() else None


def is_cut(line: str) -> bool:
    """Say whether a line has exactly the length at which lines are cut.

    >>> is_cut("x" * 16384), is_cut("x" * 16383 + chr(10))
    (True, False)
    """
    return not line.endswith("\n") and len(line.encode("utf-8", "surrogatepass")) in LIMITS
