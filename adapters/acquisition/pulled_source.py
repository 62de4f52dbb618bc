"""PulledSource: the port of a source that asks an API, as `ingest` and `follow` see it.

Like the `Source` of files, but it waits: so it is read in a thread of its own, with a clock that can be told to stop.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol, runtime_checkable

from ..source import Source
from .check import Check
from .runtime import Runtime


@runtime_checkable
class PulledSource(Source, Protocol):
    """A source that asks an API; `tally` counts what it did: requests, failures by class, windows."""

    tally: Counter[str]

    @property
    def poll_s(self) -> float:
        """Seconds between two polls when following."""
        ...

    def run_in(self, runtime: Runtime) -> None:
        """Use this clock, and share what it shares with others."""
        ...

    def check(self) -> tuple[Check, ...]:
        """Return what the source needs, and whether that is there."""
        ...
