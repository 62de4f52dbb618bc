"""How the marks of lines travel from the parsers to the linking of stack traces: in the upper bits of `flags`.

A batch is cut, sorted and joined on that way; a column carries them through all of it at no cost. `TraceLinker`, the
last step of the pipeline, takes them out again, so that no stored event has them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ..text.trace_lines import Marks

_SHIFT: Final = 5
_FLAGS: Final = (1 << _SHIFT) - 1


def with_marks(flags: npt.NDArray[np.uint8], marks: Marks) -> npt.NDArray[np.uint8]:
    """Return flags that carry marks.

    >>> with_marks(np.array([1], np.uint8), np.array([7], np.uint8)).tolist()
    [225]
    """
    return ((flags & _FLAGS) | (marks << _SHIFT)).astype(np.uint8)


def marks_of(batch: EventBatch) -> Marks:
    """Return the marks that a batch carries.

    >>> marks_of(EventBatch.build(1, flags=[225])).tolist()
    [7]
    """
    return (batch.flags >> _SHIFT).astype(np.uint8)


def without_marks(flags: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return flags without marks.

    >>> without_marks(np.array([225], np.uint8)).tolist()
    [1]
    """
    return (flags & _FLAGS).astype(np.uint8)
