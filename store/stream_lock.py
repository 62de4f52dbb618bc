"""One writer per stream: a lock that dies with its process, and an epoch that only ever rises.

Taken at a stream's first append. The lock (flock) keeps a second writer out; the owner file tells who holds it, and a
writer whose epoch is no longer the newest may not commit (a "zombie" whose lock was lost without its knowledge).
"""

from __future__ import annotations

import os
import socket
from os.path import join

import msgspec

from ..domain.errors import FencedWriterError, StreamLockedError
from .durable_file import read_whole, write_durably
from .file_system import FileLock, FileSystem
from .object_file_system import ObjectFileSystem
from .object_lease import LeaseHeldError, ObjectLease, SharedStreamLock
from .stream_directory import LOCK, OWNER


class Owner(msgspec.Struct, frozen=True):
    """Who writes a stream, as its owner file says."""

    pid: int
    host: str
    epoch: int

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


class StreamLock:
    """The right to write a stream, held until `release` or the end of the process.

    Attributes:
        epoch: number of this writer: higher than that of every writer before it.

    Raises:
        StreamLockedError: somebody living holds it.
    """

    def __init__(self, files: FileSystem, directory: str, stream: str, *, above_epoch: int) -> None:
        self._files, self._path, self._stream = files, join(directory, OWNER), stream
        lock = files.lock(join(directory, LOCK))
        if lock is None:
            raise StreamLockedError(stream, owner=str(self._owner() or "another writer"))
        self._lock: FileLock = lock
        before = self._owner()
        self.epoch = max(above_epoch, before.epoch if before else 0) + 1
        owner = Owner(os.getpid(), socket.gethostname(), self.epoch)
        write_durably(files, self._path, msgspec.json.encode(owner))
        self._identity = files.identity(self._path)

    def check(self) -> None:
        """Make sure that no newer writer has taken the stream over.

        Raises:
            FencedWriterError: one has.
        """
        try:
            if self._files.identity(self._path) == self._identity:
                return
        except FileNotFoundError:
            raise FencedWriterError(self._stream, epoch=self.epoch, newest=self.epoch + 1) from None
        owner = self._owner()
        if owner is None or owner.epoch != self.epoch:
            raise FencedWriterError(self._stream, epoch=self.epoch, newest=owner.epoch if owner else self.epoch + 1)

    def confirm(self) -> None:
        """Make sure of the same after a write, before it is acknowledged.

        Raises:
            FencedWriterError: a newer writer has taken the stream over.
        """
        self.check()

    def release(self) -> None:
        """Give the stream up."""
        self._lock.release()

    def _owner(self) -> Owner | None:
        try:
            return msgspec.json.decode(read_whole(self._files, self._path), type=Owner)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None


def own_stream(files: FileSystem, directory: str, stream: str, *, above_epoch: int) -> StreamLock | SharedStreamLock:
    """Take the right to write a stream, in the way of its file system.

    Raises:
        StreamLockedError: somebody living holds it.
    """
    if not isinstance(files, ObjectFileSystem):
        return StreamLock(files, directory, stream, above_epoch=above_epoch)
    try:
        lease = ObjectLease.take(files.client, files.key(join(directory, LOCK)), above=above_epoch)
    except LeaseHeldError as error:
        raise StreamLockedError(stream, owner=error.holder) from None
    return SharedStreamLock(lease, stream)
