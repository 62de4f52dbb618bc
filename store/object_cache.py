"""A bounded local cache of immutable pieces of objects: what was read once from the object store is not asked again.

Between readable objects and their client. Footers and filters (`index`) stay longer than the rest: they decide for
every question which objects are opened at all. An entry is a file that ends with its checksum; what is damaged or gone
is fetched again, and a full or read-only disk only costs the advantage.
"""

from __future__ import annotations

import mmap
import os
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b

from .file_system import Buffer

CACHE_VARIABLE, CACHE_BYTES_VARIABLE = "CLOUDLEDGER_CACHE", "CLOUDLEDGER_CACHE_BYTES"
"""Environment variables for the directory and its budget."""

CACHE_BYTES = 1024 * 1024 * 1024
"""Chosen: footers and filters of some 200 million events, or what a day of questions touches."""

MEMORY_BYTES = 32 * 1024 * 1024
"""Entries that are held open, so that a scan does not open a file per frame."""

INDEX_SUFFIX, DATA_SUFFIX = ".index", ".data"
_CHECKSUM_BYTES = 4


class ObjectCache:
    """Entries in a directory, least recently used ones dropped first; without a directory only in memory.

    Attributes:
        disk_bytes: bytes of all entries in the directory, as far as this process knows.

    >>> cache = ObjectCache(None, budget=1000)
    >>> bytes(cache.get_or_fetch("segment 1", lambda: b"frames", index=False))
    b'frames'
    """

    def __init__(self, directory: str | None, *, budget: int = CACHE_BYTES, memory_bytes: int = MEMORY_BYTES) -> None:
        self._directory, self._budget, self._memory_bytes = directory, budget, memory_bytes
        self._guard = threading.Lock()
        self._held: OrderedDict[str, Buffer] = OrderedDict()
        self._held_bytes = self.disk_bytes = 0
        self._files: dict[str, OrderedDict[str, int]] = {INDEX_SUFFIX: OrderedDict(), DATA_SUFFIX: OrderedDict()}
        if directory is not None:
            self._take_in(directory)

    @classmethod
    def of_environment(cls) -> ObjectCache:
        """Return the cache in the user's cache directory, or where the environment says.

        >>> ObjectCache.of_environment().disk_bytes >= 0
        True
        """
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        directory = os.environ.get(CACHE_VARIABLE) or os.path.join(home, "cloudledger", "objects")
        return cls(directory, budget=int(os.environ.get(CACHE_BYTES_VARIABLE) or CACHE_BYTES))

    def get_or_fetch(self, key: str, fetch: Callable[[], bytes], *, index: bool) -> Buffer:
        """Return an entry; where there is none, fetch it and keep it.

        Args:
            key: names immutable content.
            fetch: gets it.
            index: whether it belongs to what is dropped last.
        """
        found = self.get(key, index=index)
        if found is None:
            found = fetch()
            self.put(key, found, index=index)
        return found

    def get(self, key: str, *, index: bool) -> Buffer | None:
        """Return an entry, None where there is none."""
        name = _name(key, index)
        with self._guard:
            held = self._held.get(name)
            if held is not None:
                self._held.move_to_end(name)
                return held
            loaded = self._load(name)
            if loaded is not None:
                self._hold(name, loaded)
            return loaded

    def put(self, key: str, content: bytes, *, index: bool) -> None:
        """Keep an entry."""
        name = _name(key, index)
        with self._guard:
            self._hold(name, content)
            if self._directory is not None and len(content) + _CHECKSUM_BYTES <= self._budget:
                with suppress(OSError):
                    self._store(self._directory, name, content)

    def _take_in(self, directory: str) -> None:
        """Find what earlier processes left; the least recently used first."""
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            found = [(entry.stat(), entry.name) for entry in os.scandir(directory) if entry.is_file()]
        except OSError:
            self._directory = None
            return
        for stat, name in sorted(found, key=lambda one: one[0].st_mtime_ns):
            if _suffix(name) in self._files:
                self._count(name, stat.st_size)

    def _hold(self, name: str, content: Buffer) -> None:
        before = self._held.pop(name, b"")
        self._held[name] = content
        self._held_bytes += len(content) - len(before)
        while self._held_bytes > self._memory_bytes and len(self._held) > 1:
            self._held_bytes -= len(self._held.popitem(last=False)[1])

    def _load(self, name: str) -> Buffer | None:
        """Map an entry's file; drop it where it is damaged."""
        if self._directory is None:
            return None
        path = os.path.join(self._directory, name)
        try:
            with open(path, "rb") as file:
                mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            os.utime(path)
        except (OSError, ValueError):
            self._count(name, 0)
            return None
        content, checksum = mapped[:-_CHECKSUM_BYTES], mapped[-_CHECKSUM_BYTES:]
        if zlib.crc32(content) != int.from_bytes(checksum, "little"):
            self._drop(name)
            return None
        self._count(name, len(mapped))
        return content

    def _store(self, directory: str, name: str, content: bytes) -> None:
        size = len(content) + _CHECKSUM_BYTES
        while self.disk_bytes + size > self._budget and self._drop_oldest():
            pass
        temporary = os.path.join(directory, f".{name}.{os.getpid()}-{threading.get_ident()}")
        try:
            with open(temporary, "wb") as file:
                file.write(content)
                file.write(zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "little"))
            os.replace(temporary, os.path.join(directory, name))
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        self._count(name, size)

    def _count(self, name: str, size: int) -> None:
        """Note an entry as the most recently used one (as gone, for size 0)."""
        files = self._files[_suffix(name)]
        self.disk_bytes += size - files.pop(name, 0)
        if size:
            files[name] = size

    def _drop_oldest(self) -> bool:
        for suffix in (DATA_SUFFIX, INDEX_SUFFIX):
            if self._files[suffix]:
                self._drop(next(iter(self._files[suffix])))
                return True
        return False

    def _drop(self, name: str) -> None:
        self._count(name, 0)
        with suppress(OSError):
            os.unlink(os.path.join(self._directory or "", name))


def _name(key: str, index: bool) -> str:
    return blake2b(key.encode(errors="surrogatepass"), digest_size=20).hexdigest() + (
        INDEX_SUFFIX if index else DATA_SUFFIX
    )


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1]
