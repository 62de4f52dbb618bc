"""The ports of acquisition: what a provider's folder implements so that an engine can run it.

Three ways to read, one reader each: windows of time (`WindowReader`), objects of a listing (`ObjectReader`), messages
that arrive (`StreamReader`). A reader only asks and frames; waiting, repeating, cursors, gaps and commits are the
engines'. Whatever a reader sends goes through `Requests.call`, with the SDK's own retries switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ...domain.errors import CloudledgerError
from .check import Check
from .failure import Verdict
from .identity import SourceIdentity
from .page import Page
from .requests import Requests
from .window import Window


class Reader(Protocol):
    """What every reader has; picklable, so that a source can run in another process: it connects when first asked."""

    @property
    def identity(self) -> SourceIdentity:
        """The source's names."""
        ...

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        ...

    def refresh(self) -> None:
        """Make new credentials, and the client anew: the old ones have expired."""
        ...

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return what the source needs and whether it is there, found out by the cheapest real requests."""
        ...


class WindowReader(Reader, Protocol):
    """Reads windows of time: queries, filtered lists, metrics, costs."""

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield all entries of a window, page after page; an empty page is not the end.

        Raises:
            IncompleteWindowError: the provider says that it gave only a part.
            RequestFailedError: raised by `requests`; passed on.
        """
        ...


class IncompleteWindowError(CloudledgerError):
    """A provider gave only a part of a window; `page` is that part, `reason` its word for it."""

    def __init__(self, reason: str, page: Page | None = None) -> None:
        super().__init__(reason)
        self.reason, self.page = reason, page


class ObjectInfo(NamedTuple):
    """An object of a listing.

    `version` changes when the content does (etag, generation, version id); one that only grows keeps its `key`, has
    `grows` set, and is read on from where it ended.
    """

    key: str
    size: int
    version: str = ""
    modified_ns: int = 0
    grows: bool = False


class ObjectContent(Protocol):
    """Reads objects that were found one way or another."""

    def blocks(self, found: ObjectInfo, offset: int) -> Iterator[bytes]:
        """Yield an object's bytes as stored (compressed or not) from an offset on, up to the size listed.

        Asks the SDK itself: the engine repeats the whole of it where it fails or falls short.
        """
        ...

    def metadata(self, found: ObjectInfo) -> Mapping[str, str]:
        """Return what the place says of the records: provider, account, region, ..."""
        ...


class ObjectReader(Reader, ObjectContent, Protocol):
    """Lists and reads objects: exports in S3, Blob Storage, Cloud Storage."""

    def listing(self, requests: Requests) -> Iterator[ObjectInfo]:
        """Yield the objects that may hold something new: re-list the last days, late files land in old folders."""
        ...


class Lost(NamedTuple):
    """A span of time of which a stream gave only a part: it was sampled, cut, or fell behind.

    `resource` is the object that is missing, where it is one.
    """

    since_ns: int
    until_ns: int
    reason: str
    sampled: bool = True
    resource: str = ""


def _no_acknowledgement() -> None:
    """Do nothing: most streams keep no account of who read what."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a stream gave at once.

    Attributes:
        page: the records; None for a hint that entries exist, or for nothing.
        positions: place of each partition after these records; they become part of the cursor.
        lost: what the stream did not give.
        acknowledge: called after the commit.
        hint: entries exist that the stream itself does not (wholly) give: the pull shall read them now.
        caught_up: nothing more is waiting at present: reading what is there (not following) ends.
        found: what it gave after all: the gap is healed.
    """

    page: Page | None = None
    positions: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[Lost, ...] = ()
    acknowledge: Callable[[], None] = _no_acknowledgement
    hint: bool = False
    caught_up: bool = False
    found: tuple[Lost, ...] = ()


class StreamReader(Reader, Protocol):
    """Receives messages: partitions with offsets, queues with acknowledgements, live tails."""

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        """Yield what arrives after the positions, at least once a second an (empty) delivery.

        Ends when the session does; it is opened anew. Deliveries come in sizes worth a commit where much arrives.
        """
        ...
