"""The file system of a ledger on an object store, made of what objects have instead of appending and renaming.

The implementation of `file_system` for URLs. What is written aside stays in memory until it gets its name, with one
put; a file that is appended to is a row of pieces (`object_files`); renaming it to its sealed name writes the one
object that replaces them. Objects are durable and listed as soon as they are written (S3, Azure and Google Cloud are
strongly consistent), so that nothing has to be synced.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from os.path import basename

from ..domain.errors import SegmentDamageError
from .durable_file import TEMPORARY
from .file_system import AppendableFile, FileLock, ReadableFile
from .object_aside import AsideFile
from .object_cache import ObjectCache
from .object_client import ObjectClient, ObstoreClient, open_client
from .object_creation import create_once, put_surely
from .object_files import LargeObject, PiecedFile, PieceWriter, SmallObject, piece_key
from .object_lease import LeaseHeldError, ObjectLease
from .stream_directory import OPEN_SUFFIX, SEALED_SUFFIX, TIER_SUFFIX

RANGED_SUFFIXES = (SEALED_SUFFIX, ".pack", TIER_SUFFIX)
"""Objects that are read by ranges; all others are small."""


class ObjectFileSystem:
    """A ledger's files as objects below an URL.

    >>> from obstore.store import MemoryStore
    >>> from cloudledger.store import Ledger
    >>> files = ObjectFileSystem.of_store(MemoryStore(), "memory://ledger")
    >>> with Ledger.open("memory://ledger", files=files) as ledger:
    ...     ledger.append("app", []).appended
    0
    """

    def __init__(self, client: ObjectClient, url: str, *, cache: ObjectCache | None = None) -> None:
        self.client, self.url = client, url.rstrip("/")
        self._cache = cache or ObjectCache.of_environment()
        self._aside: dict[str, AsideFile] = {}

    @classmethod
    def of_url(cls, url: str, *, cache: ObjectCache | None = None) -> ObjectFileSystem:
        """Return the file system of an URL.

        Raises:
            InvalidArgumentError: no object store has such an URL.
            MissingExtraError: obstore is not installed.
        """
        return cls(open_client(url.rstrip("/")), url, cache=cache)

    @classmethod
    def of_store(cls, store: object, url: str, *, cache: ObjectCache | None = None) -> ObjectFileSystem:
        """Return the file system of a store object of `obstore`; the URL is its name here."""
        return cls(ObstoreClient(store), url, cache=cache or ObjectCache(None))

    def names(self, directory: str) -> list[str]:
        """Return the names in a directory, sorted; none where it is missing."""
        return self.client.names(self.key(directory))

    def exists(self, path: str) -> bool:
        """Say whether a file or directory exists."""
        if not path.endswith(OPEN_SUFFIX) and self.key(path):
            try:
                self.client.head(self.key(path))
                return True
            except FileNotFoundError:
                pass
        return bool(self.names(path))

    def size(self, path: str) -> int:
        """Return a file's length."""
        return self._pieces(path).size() if path.endswith(OPEN_SUFFIX) else self.client.head(self.key(path)).size

    def identity(self, path: str) -> tuple[int, ...]:
        """Return what tells a file from one that takes its name later; sealed files are never replaced."""
        if path.endswith(SEALED_SUFFIX) or path in self._aside:
            return (0,)
        key = self.key(path)
        e_tag = self.client.head(piece_key(key, 0) if path.endswith(OPEN_SUFFIX) else key).e_tag
        return (zlib.crc32(e_tag.encode()),)

    def make_directory(self, path: str) -> None:
        """Do nothing: directories are what keys begin with."""

    def open_readable(self, path: str) -> ReadableFile:
        """Open a file for reading."""
        if path in self._aside:
            return self._aside[path]
        if path.endswith(OPEN_SUFFIX):
            return self._pieces(path)
        if path.endswith(RANGED_SUFFIXES):
            return LargeObject(self.client, self._cache, self.url, self.client.head(self.key(path)))
        return SmallObject(self.client.get(self.key(path)))

    def open_appendable(self, path: str, *, create: bool) -> AppendableFile:
        """Open a segment for appending, or something to be written aside."""
        if basename(path).startswith(TEMPORARY):
            return self._aside.setdefault(path, AsideFile())
        if create or not path.endswith(OPEN_SUFFIX):
            raise OSError(f"{path} cannot be appended to on an object store")
        return PieceWriter(self.client, self._cache, self.url, self.key(path), self._pieces(path).size())

    def rename(self, source: str, target: str) -> None:
        """Give what was written aside its name, or a segment that was appended to its sealed object.

        The pieces of the segment stay until they are deleted.
        """
        if source in self._aside and target.endswith((SEALED_SUFFIX, TIER_SUFFIX)):
            self.link_new(source, target)  # a replaced writer must not replace segments
            del self._aside[source]
        elif source in self._aside:
            content = self._aside.pop(source)
            put_surely(self.client, self.key(target), content.read(0, content.size()))
        elif source.endswith(OPEN_SUFFIX) and target.endswith(SEALED_SUFFIX):
            self._merge(source, target)
        else:
            reason = "nothing of it can be read, which no crash does to an object: restore it, or delete it"
            raise SegmentDamageError(source, start=0, end=self.size(source), reason=reason)

    def link_new(self, source: str, target: str) -> None:
        """Give what was written aside a name that must not exist yet."""
        key = self.key(target)
        create_once(
            self.client, piece_key(key, 0) if target.endswith(OPEN_SUFFIX) else key, self._aside[source].content
        )

    def delete(self, path: str) -> None:
        """Delete a file; nothing happens where it is missing."""
        if path in self._aside or basename(path).startswith(TEMPORARY):
            self._aside.pop(path, None)
        elif path.endswith(OPEN_SUFFIX):
            self.client.delete([meta.key for meta in self.client.list(self.key(path))])
        else:
            self.client.delete([self.key(path)])

    def sync_directory(self, path: str) -> None:
        """Do nothing: a written object is listed."""

    def lock(self, path: str) -> FileLock | None:
        """Take the lease of a path; None where somebody holds it."""
        try:
            return ObjectLease.take(self.client, self.key(path))
        except LeaseHeldError:
            return None

    def key(self, path: str) -> str:
        """Return the key of a path."""
        if path != self.url and not path.startswith(f"{self.url}/"):
            raise FileNotFoundError(f"{path} is not below {self.url}")
        return path[len(self.url) + 1 :].rstrip("/")

    def _pieces(self, path: str) -> PiecedFile:
        sealed = self.key(path)[: -len(OPEN_SUFFIX)] + SEALED_SUFFIX
        return PiecedFile(self.client, self._cache, self.url, self.key(path), sealed)

    def _merge(self, source: str, target: str) -> None:
        """Write the sealed object; one that is there must be the same, since pieces and their order are final."""
        pieces = self._pieces(source)

        def chunks() -> Iterator[bytes]:
            return pieces.chunks()

        create_once(self.client, self.key(target), chunks)
