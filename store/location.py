"""Where a ledger is: a directory, or a place in an object store.

Between `Ledger.open` and the two file systems. Local files never go through an object client: its local store does not
sync.
"""

from __future__ import annotations

from .file_system import FileSystem
from .local_file_system import LocalFileSystem
from .object_file_system import ObjectFileSystem


def is_url(location: str) -> bool:
    """Say whether a location is an URL.

    >>> is_url("s3://bucket/ledger"), is_url("ledger")
    (True, False)
    """
    return "://" in location


def file_system_of(location: str) -> FileSystem:
    """Return the file system of a location.

    Raises:
        InvalidArgumentError: it is an URL of something else than an object store.
        MissingExtraError: it is an object store, and obstore is not installed.
    """
    return ObjectFileSystem.of_url(location) if is_url(location) else LocalFileSystem()
