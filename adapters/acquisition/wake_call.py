"""WakeCall: a request for an early poll, from a tail to the source that it hints for; picklable, unlike an Event."""

from __future__ import annotations


class WakeCall:
    """A flag that one thread sets and another clears; both are single assignments, so that it needs no lock.

    >>> wake = WakeCall()
    >>> wake.set()
    >>> wake.is_set()
    True
    """

    def __init__(self) -> None:
        self._asked = False

    def set(self) -> None:
        """Ask."""
        self._asked = True

    def is_set(self) -> bool:
        """Say whether somebody asked."""
        return self._asked

    def clear(self) -> None:
        """Take it as heard."""
        self._asked = False
