"""The file system as the store sees it: the one small interface through which all input and output passes.

Below everything in the store. Small on purpose, so that a simulated disk can stand in for it and enumerate every state
that a crash may legally leave behind. Paths are plain strings; `join` of `os.path` makes them.
"""

from __future__ import annotations

from typing import Protocol

Buffer = bytes | bytearray | memoryview
"""Bytes that need not be copied."""


class ReadableFile(Protocol):
    """A file open for reading at any offset; closed when it is no longer referenced."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes of a range, fewer where the file ends."""
        ...

    def view(self, offset: int, length: int) -> Buffer:
        """Return a range without reading it all at once (mapped where that is possible)."""
        ...

    def size(self) -> int:
        """Return the present length."""
        ...

    def sync(self) -> None:
        """Wait until what was read is durable, also where another process wrote it."""
        ...


class AppendableFile(Protocol):
    """A file open for appending."""

    def write(self, data: Buffer) -> None:
        """Append all bytes, or raise `OSError` (some may have been written)."""
        ...

    def sync(self) -> None:
        """Make content and length durable."""
        ...

    def truncate(self, length: int) -> None:
        """Cut the file to a length."""
        ...

    def size(self) -> int:
        """Return the present length."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class FileLock(Protocol):
    """A lock held on a file until it is released or its process ends."""

    def release(self) -> None:
        """Give the lock up."""
        ...


class FileSystem(Protocol):
    """Everything that the store asks of a file system. Failures are `OSError`, a missing file `FileNotFoundError`."""

    def names(self, directory: str) -> list[str]:
        """Return the names in a directory, sorted; none where it is missing."""
        ...

    def exists(self, path: str) -> bool:
        """Say whether a file or directory exists."""
        ...

    def size(self, path: str) -> int:
        """Return a file's length."""
        ...

    def identity(self, path: str) -> tuple[int, ...]:
        """Return what changes whenever a file is replaced."""
        ...

    def make_directory(self, path: str) -> None:
        """Make a directory and its parents, durably; nothing happens where it exists."""
        ...

    def open_readable(self, path: str) -> ReadableFile:
        """Open a file for reading."""
        ...

    def open_appendable(self, path: str, *, create: bool) -> AppendableFile:
        """Open a file for appending; with `create` it must not exist yet."""
        ...

    def rename(self, source: str, target: str) -> None:
        """Rename a file, replacing the target; durable after `sync_directory`."""
        ...

    def link_new(self, source: str, target: str) -> None:
        """Give a file a second name that must not exist yet (`FileExistsError`)."""
        ...

    def delete(self, path: str) -> None:
        """Delete a file; nothing happens where it is missing."""
        ...

    def sync_directory(self, path: str) -> None:
        """Make the names in a directory durable."""
        ...

    def lock(self, path: str) -> FileLock | None:
        """Lock a file that is created when missing; None where somebody holds it."""
        ...
