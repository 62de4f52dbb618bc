"""The order of a search's results, and the token with which a later search goes on behind one of them.

Results are ordered by time, stream and position; the newest first turns time and position round. A token names the
last event that was given, so that it stays good whatever is appended, sealed, compacted or dropped meanwhile.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from ..domain.arguments import check_type
from ..domain.batch import EventBatch
from ..domain.errors import InvalidArgumentError
from ..domain.events import Event
from ..domain.reference import parse_reference

TOKEN_VERSION = 1


class Page(msgspec.Struct, frozen=True):
    """A part of a search's results, in order; `resume` is given to the next search as `after`, None at the end."""

    events: tuple[Event, ...]
    resume: str | None


def page_of(found: Iterator[Event], *, limit: int | None, newest_first: bool) -> Page:
    """Return the first events of a search that gives one more where there is one."""
    events = tuple(found)
    page = events if limit is None else events[:limit]
    more = len(page) < len(events)
    return Page(page, OrderKey.of(page[-1], newest_first=newest_first).token if more and page else None)


class _Token(msgspec.Struct, frozen=True, array_like=True):
    version: int
    newest_first: bool
    occurred_at: int
    stream: str
    position: int


@dataclass(frozen=True)
class OrderKey:
    """The place of one event among the results of a search."""

    newest_first: bool
    occurred_at: int
    stream: str
    position: int

    @classmethod
    def of(cls, event: Event, *, newest_first: bool) -> OrderKey:
        """Return the place of an event that a search gave."""
        stream, position = parse_reference(event.reference)
        return cls(newest_first, event.occurred_at, stream, position)

    @property
    def token(self) -> str:
        """The place as a short text that fits into a URL.

        >>> OrderKey.parse(OrderKey(False, 5, "app", 7).token, newest_first=False).position
        7
        """
        token = _Token(TOKEN_VERSION, self.newest_first, self.occurred_at, self.stream, self.position)
        return base64.urlsafe_b64encode(msgspec.msgpack.encode(token)).rstrip(b"=").decode()

    @classmethod
    def parse(cls, token: str, *, newest_first: bool) -> OrderKey:
        """Return the place that a token names.

        Raises:
            InvalidArgumentError: it is no token, or one of a search in the other order.
        """
        check_type("after", token, str, "give a page's `resume`")
        try:
            found = msgspec.msgpack.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=_Token)
        except (binascii.Error, ValueError, msgspec.MsgspecError):
            raise InvalidArgumentError(f"{token[:60]!r} is no token of a search: give a page's `resume`") from None
        if found.version != TOKEN_VERSION or found.newest_first != newest_first:
            raise InvalidArgumentError(f"{token[:60]!r} is the token of a search in another order")
        return cls(newest_first, found.occurred_at, found.stream, found.position)

    def before(self, batch: EventBatch) -> npt.NDArray[np.bool_]:
        """Return which events of a batch come after this place."""
        times, positions = batch.occurred_at, batch.positions
        later, further = (np.less, np.less) if self.newest_first else (np.greater, np.greater)
        if batch.stream == self.stream:
            same_time = further(positions, self.position)
        else:
            same_time = np.full(len(batch), batch.stream > self.stream)
        return np.asarray(later(times, self.occurred_at) | ((times == self.occurred_at) & same_time))
