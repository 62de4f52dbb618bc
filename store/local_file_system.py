"""Files on a local disk, with the calls that make them durable.

The implementation of `file_system` for directories. Files and directories are synced explicitly (fsync(2), "Calling
fsync() does not necessarily ensure that the entry in the directory containing the file has also reached disk").
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import weakref
from functools import cache

from .file_system import Buffer

_held_locks: weakref.WeakSet[_LocalLock] = weakref.WeakSet()


class LocalReadable:
    """A local file open for reading."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes of a range, fewer where the file ends."""
        data = os.pread(self._descriptor, length, offset)
        if len(data) == length or not data:
            return data
        return data + self.read(offset + len(data), length - len(data))

    def view(self, offset: int, length: int) -> Buffer:
        """Map a range; the kernel loads the pages that are touched and may drop them again."""
        start = offset - offset % mmap.ALLOCATIONGRANULARITY
        mapped = mmap.mmap(self._descriptor, offset - start + length, access=mmap.ACCESS_READ, offset=start)
        return memoryview(mapped)[offset - start :]

    def size(self) -> int:
        """Return the present length."""
        return os.fstat(self._descriptor).st_size

    def sync(self) -> None:
        """Wait until the file's content is durable, whoever wrote it (on a disk mounted read-only it is)."""
        try:
            _data_sync(self._descriptor)
        except OSError as error:
            if error.errno not in (errno.EROFS, errno.EINVAL):
                raise

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


class LocalAppendable:
    """A local file open for appending."""

    def __init__(self, path: str, *, create: bool) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if create else 0)
        self._descriptor = os.open(path, flags, 0o644)

    def write(self, data: Buffer) -> None:
        """Append all bytes."""
        rest = memoryview(data)
        while len(rest):
            rest = rest[os.write(self._descriptor, rest) :]

    def sync(self) -> None:
        """Make content and length durable."""
        _data_sync(self._descriptor)

    def truncate(self, length: int) -> None:
        """Cut the file to a length."""
        os.ftruncate(self._descriptor, length)

    def size(self) -> int:
        """Return the present length."""
        return os.fstat(self._descriptor).st_size

    def close(self) -> None:
        """Release the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            self.close()


class _LocalLock:
    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._process = descriptor, os.getpid()

    def release(self) -> None:
        """Give the lock up; a forked child only forgets it, since unlocking its copy would unlock the parent's."""
        if self._descriptor < 0:
            return
        if os.getpid() == self._process:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)
        self._descriptor = -1

    def __del__(self) -> None:
        self.release()


class LocalFileSystem:
    """The local disk.

    >>> LocalFileSystem().exists("no-such-file")
    False
    """

    def names(self, directory: str) -> list[str]:
        """Return the names in a directory, sorted; none where it is missing."""
        try:
            return sorted(os.listdir(directory))
        except FileNotFoundError:
            return []

    def exists(self, path: str) -> bool:
        """Say whether a file or directory exists."""
        return os.path.exists(path)

    def size(self, path: str) -> int:
        """Return a file's length."""
        return os.stat(path).st_size

    def identity(self, path: str) -> tuple[int, ...]:
        """Return inode and time of the last change."""
        found = os.stat(path)
        return found.st_ino, found.st_mtime_ns

    def make_directory(self, path: str) -> None:
        """Make a directory and its parents, durably."""
        if os.path.isdir(path):
            return
        parent = os.path.dirname(os.path.abspath(path))
        self.make_directory(parent)
        os.makedirs(path, exist_ok=True)
        self.sync_directory(parent)

    def open_readable(self, path: str) -> LocalReadable:
        """Open a file for reading."""
        return LocalReadable(path)

    def open_appendable(self, path: str, *, create: bool) -> LocalAppendable:
        """Open a file for appending; with `create` it must not exist yet."""
        return LocalAppendable(path, create=create)

    def rename(self, source: str, target: str) -> None:
        """Rename a file, replacing the target."""
        os.rename(source, target)

    def link_new(self, source: str, target: str) -> None:
        """Give a file a second name that must not exist yet."""
        os.link(source, target)

    def delete(self, path: str) -> None:
        """Delete a file; nothing happens where it is missing."""
        try:
            os.unlink(path)
        except FileNotFoundError:
            return

    def sync_directory(self, path: str) -> None:
        """Make the names in a directory durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _name_sync(descriptor)
        finally:
            os.close(descriptor)

    def lock(self, path: str) -> _LocalLock | None:
        """Lock a file with flock(2): held per open file, so that it also excludes others of the same process."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        lock = _LocalLock(descriptor)
        _forget_in_children(lock)
        return lock


def _data_sync(descriptor: int) -> None:
    """Make a file's content and length durable (macOS: fsync(2) leaves it in the drive's buffer, F_FULLFSYNC not)."""
    full_sync = getattr(fcntl, "F_FULLFSYNC", None)
    if full_sync is not None:
        fcntl.fcntl(descriptor, full_sync)
    else:
        os.fdatasync(descriptor)


def _name_sync(descriptor: int) -> None:
    """Make the names in a directory durable."""
    os.fsync(descriptor)


def _forget_in_children(lock: _LocalLock) -> None:
    """A forked child inherits the lock's file; unless it closes it, the lock would outlive the parent."""
    _watch_forks()
    _held_locks.add(lock)


@cache
def _watch_forks() -> None:
    os.register_at_fork(after_in_child=_release_all)


def _release_all() -> None:
    for held in list(_held_locks):
        held.release()
