"""Files as an object store holds them: a sealed one is one object, one that is being written is a row of pieces.

Between the file system of objects and the cache. A piece holds what one sync made durable and is named by its offset in
the file; two writers that go on from the same end collide on the name, so that the pieces are one history. The sealed
object has the same bytes at the same offsets: a reader that loses pieces to sealing goes on in there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from ..domain.errors import SegmentDamageError
from .file_system import Buffer
from .object_cache import ObjectCache
from .object_client import ObjectClient, ObjectMeta
from .object_creation import create_once
from .stream_directory import TIER_SUFFIX

BLOCK_BYTES = 256 * 1024
"""Unit of reading and caching. Chosen: at 30 ms a request and 50 MB/s, half of a request's time."""

READ_AHEAD_BLOCKS = 16
"""Blocks fetched with one request when blocks are read in a row: 4 MiB."""

TRAILER_BYTES = 40
FETCHERS = 8
"""Pieces fetched at the same time, so that a file of many small commits is not read at one request's pace."""


def piece_key(prefix: str, offset: int) -> str:
    """Return the key of the piece at an offset of a file.

    >>> piece_key("streams/app/1.open", 89)
    'streams/app/1.open/00000000000000000089'
    """
    return f"{prefix}/{offset:020d}"


class SmallObject:
    """An object read at once."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes of a range, fewer where the object ends."""
        return self._content[offset : offset + length]

    def view(self, offset: int, length: int) -> Buffer:
        """Return a range."""
        return memoryview(self._content)[offset : offset + length]

    def size(self) -> int:
        """Return the length."""
        return len(self._content)

    def sync(self) -> None:
        """Do nothing: objects are durable when they can be read."""


class LargeObject:
    """An immutable object, read by ranges through the cache; `url` tells its store from others."""

    def __init__(self, client: ObjectClient, cache: ObjectCache, url: str, meta: ObjectMeta) -> None:
        self._client, self._cache, self._meta = client, cache, meta
        self._name = f"{url}\0{meta.key}\0{meta.e_tag}\0{meta.size}"
        self._index_start = 0 if meta.key.endswith(TIER_SUFFIX) else meta.size
        self._last_block = -2
        if meta.key.endswith(".seg") and meta.size > TRAILER_BYTES:
            trailer = self._range(meta.size - TRAILER_BYTES, TRAILER_BYTES, index=True)
            self._index_start = int.from_bytes(bytes(trailer[:8]), "little")

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes of a range, fewer where the object ends."""
        end = min(offset + length, self._meta.size)
        first, last = offset // BLOCK_BYTES, (end - 1) // BLOCK_BYTES
        if offset >= end:
            return b""
        if first == last:
            start = offset - first * BLOCK_BYTES
            return bytes(self._block(first)[start : start + end - offset])
        joined = b"".join([self._block(block) for block in range(first, last + 1)])
        return joined[offset - first * BLOCK_BYTES : end - first * BLOCK_BYTES]

    def view(self, offset: int, length: int) -> Buffer:
        """Return a range as an entry of its own, mapped from the cache where it was kept on disk."""
        self._range(offset, length, index=True)
        return memoryview(self._range(offset, length, index=True))

    def size(self) -> int:
        """Return the length."""
        return self._meta.size

    def sync(self) -> None:
        """Do nothing: objects are durable when they can be read."""

    def _range(self, start: int, length: int, *, index: bool) -> Buffer:
        key = f"{self._name}\0{start}+{length}"
        return self._cache.get_or_fetch(key, lambda: self._client.get_range(self._meta.key, start, length), index=index)

    def _block(self, block: int) -> Buffer:
        in_a_row, self._last_block = block == self._last_block + 1, block
        found = self._cache.get(self._block_name(block), index=self._is_index(block))
        if found is not None:
            return found
        return self._fetch(block, READ_AHEAD_BLOCKS if in_a_row else 1)

    def _fetch(self, block: int, blocks: int) -> Buffer:
        start = block * BLOCK_BYTES
        length = min(blocks * BLOCK_BYTES, self._meta.size - start)
        content = self._client.get_range(self._meta.key, start, length)
        pieces = [content[at : at + BLOCK_BYTES] for at in range(0, length, BLOCK_BYTES)]
        for number in reversed(range(len(pieces))):  # the one that is asked for is the last to be dropped
            name, index = self._block_name(block + number), self._is_index(block + number)
            self._cache.put(name, pieces[number], index=index)
        return pieces[0]

    def _block_name(self, block: int) -> str:
        return f"{self._name}\0{block}"

    def _is_index(self, block: int) -> bool:
        return (block + 1) * BLOCK_BYTES > self._index_start


class PiecedFile:
    """A file that is being written, as the pieces that are there now; what follows a hole does not count."""

    def __init__(self, client: ObjectClient, cache: ObjectCache, url: str, prefix: str, sealed_key: str) -> None:
        self._client, self._cache, self._url = client, cache, url
        self._prefix, self._sealed_key = prefix, sealed_key
        self._pieces: list[ObjectMeta] = []
        self._starts: list[int] = []
        self._end = 0
        if not self.size():
            raise FileNotFoundError(prefix)

    def size(self) -> int:
        """Return the present length, after looking for new pieces."""
        after = self._pieces[-1].key if self._pieces else ""
        for meta in self._client.list(self._prefix, after=after):
            if meta.key != piece_key(self._prefix, self._end):
                break
            self._pieces.append(meta)
            self._starts.append(self._end)
            self._end += meta.size
        return self._end

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes of a range, fewer where the file ends."""
        end = min(offset + length, self._end)
        if offset >= end:
            return b""
        first, last = bisect_right(self._starts, offset) - 1, bisect_right(self._starts, end - 1) - 1
        try:
            content = [self._piece(number) for number in range(first, last + 1)]
        except FileNotFoundError:
            return self._client.get_range(self._sealed_key, offset, end - offset)
        start = offset - self._starts[first]
        if first == last:
            return bytes(content[0][start : start + end - offset])
        return b"".join(content)[start : start + end - offset]

    def view(self, offset: int, length: int) -> Buffer:
        """Return a range."""
        return memoryview(self.read(offset, length))

    def sync(self) -> None:
        """Do nothing: pieces are durable when they can be read."""

    def chunks(self) -> Iterator[bytes]:
        """Yield all pieces, one after the other."""
        for number in range(len(self._pieces)):
            yield self.read(self._starts[number], self._pieces[number].size)

    def _piece(self, number: int) -> Buffer:
        found = self._cache.get(self._name(number), index=False)
        return found if found is not None else self._fetch(number)

    def _fetch(self, number: int) -> Buffer:
        """Fetch a piece and, beside it, the ones that follow."""
        wanted = self._within_a_block(number)
        if len(wanted) == 1:
            contents = [self._client.get(self._pieces[number].key)]
        else:
            with ThreadPoolExecutor(FETCHERS) as fetchers:
                contents = [*fetchers.map(lambda one: self._client.get(self._pieces[one].key), wanted)]
        for one, content in reversed([*zip(wanted, contents, strict=True)]):
            self._cache.put(self._name(one), content, index=False)
        return contents[0]

    def _within_a_block(self, number: int) -> Sequence[int]:
        """Return the pieces from a number on that are not larger than some blocks together."""
        most = self._starts[number] + BLOCK_BYTES * READ_AHEAD_BLOCKS // 4
        return range(number, max(number + 1, min(number + 4 * FETCHERS, bisect_right(self._starts, most))))

    def _name(self, number: int) -> str:
        return _entry(self._url, self._pieces[number].key, self._pieces[number].e_tag)


def _entry(url: str, key: str, tag: str) -> str:
    """Return the name of a piece in the cache."""
    return f"{url}\0{key}\0{tag}"


class PieceWriter:
    """A file open for appending: each sync makes one piece of what was written since."""

    def __init__(self, client: ObjectClient, cache: ObjectCache, url: str, prefix: str, stored: int) -> None:
        self._client, self._cache, self._url, self._prefix, self._stored = client, cache, url, prefix, stored
        self._waiting: list[bytes] = []

    def write(self, data: Buffer) -> None:
        """Take in bytes; they are stored by `sync`."""
        self._waiting.append(bytes(data))

    def sync(self) -> None:
        """Store what was written.

        Raises:
            FileExistsError: another writer has gone on from this end.
        """
        piece = b"".join(self._waiting)
        if piece:
            key = piece_key(self._prefix, self._stored)
            tag = create_once(self._client, key, piece)
            if tag:  # sealing reads all pieces again
                self._cache.put(_entry(self._url, key, tag), piece, index=False)
            self._waiting, self._stored = [], self._stored + len(piece)

    def truncate(self, length: int) -> None:
        """Take back what is not stored yet.

        Raises:
            SegmentDamageError: less is asked for: pieces are whole or not there, so that this is damage, not a crash.
        """
        if length < self._stored:
            reason = "the last commits are damaged, which no crash does to an object: restore or delete their objects"
            raise SegmentDamageError(self._prefix, start=length, end=self._stored, reason=reason)
        self._waiting = []

    def size(self) -> int:
        """Return the length with what was written and not stored yet."""
        return self._stored + sum(map(len, self._waiting))

    def close(self) -> None:
        """Forget what was not stored."""
        self._waiting = []
