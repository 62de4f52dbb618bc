"""A disk in memory that knows what a power loss may leave: only what was synced is sure, the rest may be there or not.

Stands in for the local file system. After every operation, `images` gives the disks that a crash at that moment may
legally leave behind: a file's unsynced bytes lost, there, cut in half or read as zeros; a directory's unsynced names
old or new. (Files become durable by `sync`, names by `sync_directory`.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from os.path import basename, dirname

from cloudledger.store.file_system import Buffer

_numbers = count(1)


@dataclass(eq=False)
class File:
    """A file's content now, and as it surely is on the disk."""

    data: bytes = b""
    durable: bytes = b""
    number: int = field(default_factory=lambda: next(_numbers))

    def variants(self) -> list[bytes]:
        """Return what may be found after a crash."""
        if self.data == self.durable:
            return [self.durable]
        found = [self.durable, self.data]
        added = len(self.data) - len(self.durable)
        if self.data.startswith(self.durable) and added > 1:
            found += [self.data[: len(self.durable) + added // 2], self.durable + bytes(added)]
            middle = len(self.durable) + added // 2
            found.append(self.data[:middle] + bytes(len(self.data) - middle))
        return found


Names = dict[str, File]


class SimulatedDisk:
    """A file system in memory.

    Attributes:
        after_operation: called after each operation that changes something.
    """

    def __init__(self, directories: dict[str, Names] | None = None) -> None:
        self.directories: dict[str, Names] = directories or {}
        self.durable_directories = {path: dict(names) for path, names in self.directories.items()}
        self.after_operation: Callable[[], None] = lambda: None
        self.locked: set[str] = set()

    def images(self) -> Iterator[SimulatedDisk]:
        """Yield the disks that a crash now may leave."""
        for directories in (self.durable_directories, self.directories):
            unsynced = {f.number: f for names in directories.values() for f in names.values() if len(f.variants()) > 1}
            yield _image(directories, {})
            for file in unsynced.values():
                for data in file.variants()[1:]:
                    yield _image(directories, {file.number: data})
            if len(unsynced) > 1:
                yield _image(directories, {number: file.data for number, file in unsynced.items()})

    def file(self, path: str) -> File:
        """Return a file."""
        try:
            return self.directories[dirname(path)][basename(path)]
        except KeyError:
            raise FileNotFoundError(path) from None

    def names(self, directory: str) -> list[str]:
        inside = [path[len(directory) + 1 :] for path in self.directories if path.startswith(f"{directory}/")]
        return sorted({*self.directories.get(directory, {}), *[path for path in inside if "/" not in path]})

    def exists(self, path: str) -> bool:
        return path in self.directories or basename(path) in self.directories.get(dirname(path), {})

    def size(self, path: str) -> int:
        return len(self.file(path).data)

    def identity(self, path: str) -> tuple[int, ...]:
        return (self.file(path).number,)

    def make_directory(self, path: str) -> None:
        while path and path not in self.directories:
            self.directories[path], self.durable_directories[path] = {}, {}
            path = dirname(path)

    def open_readable(self, path: str) -> Readable:
        return Readable(self.file(path))

    def open_appendable(self, path: str, *, create: bool) -> Appendable:
        if create:
            if self.exists(path):
                raise FileExistsError(path)
            self.directories[dirname(path)][basename(path)] = File()
            self.after_operation()
        return Appendable(self, self.file(path))

    def rename(self, source: str, target: str) -> None:
        self.directories[dirname(target)][basename(target)] = self.file(source)
        del self.directories[dirname(source)][basename(source)]
        self.after_operation()

    def link_new(self, source: str, target: str) -> None:
        if self.exists(target):
            raise FileExistsError(target)
        self.directories[dirname(target)][basename(target)] = self.file(source)
        self.after_operation()

    def delete(self, path: str) -> None:
        if self.directories.get(dirname(path), {}).pop(basename(path), None):
            self.after_operation()

    def sync_directory(self, path: str) -> None:
        self.durable_directories[path] = dict(self.directories[path])
        self.after_operation()

    def lock(self, path: str) -> Lock | None:
        if path in self.locked:
            return None
        self.locked.add(path)
        return Lock(self, path)


@dataclass
class Readable:
    """A simulated file open for reading."""

    opened: File

    def read(self, offset: int, length: int) -> bytes:
        return self.opened.data[offset : offset + max(0, length)]

    def view(self, offset: int, length: int) -> Buffer:
        return self.read(offset, length)

    def size(self) -> int:
        return len(self.opened.data)

    def sync(self) -> None:
        self.opened.durable = self.opened.data


@dataclass
class Appendable:
    """A simulated file open for appending."""

    disk: SimulatedDisk
    opened: File

    def write(self, data: Buffer) -> None:
        self.opened.data += bytes(data)
        self.disk.after_operation()

    def sync(self) -> None:
        self.opened.durable = self.opened.data
        self.disk.after_operation()

    def truncate(self, length: int) -> None:
        self.opened.data = self.opened.data[:length]
        self.disk.after_operation()

    def size(self) -> int:
        return len(self.opened.data)

    def close(self) -> None:
        return


@dataclass
class Lock:
    """A simulated lock."""

    disk: SimulatedDisk
    path: str

    def release(self) -> None:
        self.disk.locked.discard(self.path)


def _image(directories: dict[str, Names], contents: dict[int, bytes]) -> SimulatedDisk:
    """Return a disk after a crash: all that is there is durable."""
    copies: dict[int, File] = {}
    for names in directories.values():
        for file in names.values():
            data = contents.get(file.number, file.durable)
            copies.setdefault(file.number, File(data, data))
    return SimulatedDisk({p: {n: copies[f.number] for n, f in names.items()} for p, names in directories.items()})
