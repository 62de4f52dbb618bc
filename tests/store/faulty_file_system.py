"""The local file system, failing at the operation that a test chooses: full disk, I/O error, half a write."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from cloudledger.store.file_system import Buffer
from cloudledger.store.local_file_system import LocalAppendable, LocalFileSystem


class FaultyFileSystem(LocalFileSystem):
    """Fails at the operation of a number, once or for good.

    Attributes:
        operations: how many operations that change something were asked for.
    """

    def __init__(self, fail_at: int, *, code: int = errno.EIO, for_good: bool = False) -> None:
        self.fail_at, self.code, self.for_good, self.operations = fail_at, code, for_good, 0

    def step(self) -> bool:
        """Count an operation; say whether it fails."""
        self.operations += 1
        return self.operations == self.fail_at or (self.for_good and self.operations > self.fail_at)

    def fail(self) -> None:
        """Fail where it is time."""
        if self.step():
            raise OSError(self.code, "injected")

    def open_appendable(self, path: str, *, create: bool) -> FaultyAppendable:  # type: ignore[override]
        self.fail()
        return FaultyAppendable(self, super().open_appendable(path, create=create))

    def rename(self, source: str, target: str) -> None:
        self.fail()
        super().rename(source, target)

    def link_new(self, source: str, target: str) -> None:
        self.fail()
        super().link_new(source, target)

    def sync_directory(self, path: str) -> None:
        self.fail()
        super().sync_directory(path)


@dataclass
class FaultyAppendable:
    """A file open for appending, failing with its file system; a failing write has written half."""

    files: FaultyFileSystem
    opened: LocalAppendable

    def write(self, data: Buffer) -> None:
        if self.files.step():
            self.opened.write(memoryview(data)[: len(data) // 2])
            raise OSError(self.files.code, "injected")
        self.opened.write(data)

    def sync(self) -> None:
        self.files.fail()
        self.opened.sync()

    def truncate(self, length: int) -> None:
        self.files.fail()
        self.opened.truncate(length)

    def size(self) -> int:
        return self.opened.size()

    def close(self) -> None:
        self.opened.close()
