"""Names of a stream's files: where each segment, manifest and lock lies below the ledger's location.

Under everything that opens files. A stream's name is percent-encoded into one folder name.
"""

from __future__ import annotations

import re
from os.path import join
from typing import NamedTuple
from urllib.parse import quote, unquote

from ..domain.arguments import check_type
from ..domain.errors import InvalidArgumentError

STREAMS = "streams"
OPEN_SUFFIX = ".open"
SEALED_SUFFIX = ".seg"
TIER_SUFFIX = ".tier"
MANIFESTS = "manifest"
MANIFEST_SUFFIX = ".man"
LOCK = "LOCK"
OWNER = "OWNER"

_SEGMENT_NAME = re.compile(r"(\d{20})(?:-(\d{20})(?=\.seg))?(\.open|\.seg)", re.ASCII)
_LONGEST_NAME = 255
"""Bytes in a file name: the limit of ext4, XFS, APFS and NTFS."""


class SegmentName(NamedTuple):
    """Name of a segment file: its first position, whether it is sealed, and of a compacted one the last position."""

    first_position: int
    sealed: bool
    last_position: int = 0

    @property
    def file(self) -> str:
        """The file's name."""
        last = f"-{self.last_position:020d}" if self.last_position else ""
        return f"{self.first_position:020d}{last}{SEALED_SUFFIX if self.sealed else OPEN_SUFFIX}"


def stream_folder(stream: str) -> str:
    """Return the folder name of a stream.

    >>> stream_folder("terraform/prod")
    'terraform%2Fprod'

    Raises:
        InvalidArgumentError: the name is no text, empty, or too long for a file system.
    """
    check_type("stream", stream, str, "give its name")
    folder = quote(stream, safe=" @:,+=", errors="surrogatepass")
    folder = "%2E" + folder[1:] if folder.startswith(".") else folder
    if not 0 < len(folder) <= _LONGEST_NAME:
        raise InvalidArgumentError(
            f"stream name {stream[:80]!r} takes {len(folder)} bytes as a folder name: give 1 to {_LONGEST_NAME}"
        )
    return folder


def stream_name(folder: str) -> str:
    """Return the stream that a folder belongs to.

    >>> stream_name("terraform%2Fprod")
    'terraform/prod'
    """
    return unquote(folder, errors="surrogatepass")


def stream_path(location: str, stream: str) -> str:
    """Return a stream's folder below a ledger's location."""
    return join(location, STREAMS, stream_folder(stream))


def parse_segment_name(name: str) -> SegmentName | None:
    """Return what a file name says of a segment; None for other files.

    >>> parse_segment_name("00000000000000000001.open")
    SegmentName(first_position=1, sealed=False, last_position=0)
    """
    found = _SEGMENT_NAME.fullmatch(name)
    return found and SegmentName(int(found[1]), found[3] == SEALED_SUFFIX, int(found[2] or 0))
