"""Partitions of checkpoints: immutable blobs named by their content, many to a file.

Under `checkpoints`. A save writes its new blobs as one pack (one sync for all of them); a blob that is there already is
not written again. A pack starts with a table of what it holds, so that all names are known from the heads of packs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from os.path import join

import msgspec

from ..domain.errors import NewerFormatError, SegmentDamageError, UnknownCheckpointError
from .compression import compress, decompress
from .durable_file import TEMPORARY, write_durably
from .file_system import FileSystem

PACK_MAGIC = b"CLPACKS\n"
PACK_VERSION = 1
PACKS = "packs"
PACK_SUFFIX = ".pack"
_HEAD_BYTES = 24
REWRITE_BELOW = 0.5
"""A pack of which less than this share is still used is rewritten when checkpoints are pruned. Chosen as a garbage
collector's usual trade: at most twice the space, each byte copied about once."""


class PackedBlob(msgspec.Struct, frozen=True, array_like=True):
    """Where a blob lies in its pack, counted from the end of the pack's head; `checksum` is of the stored bytes."""

    name: str
    offset: int
    stored_length: int
    raw_length: int
    checksum: int


class _Place(msgspec.Struct, frozen=True):
    pack: str
    start: int
    blob: PackedBlob


def content_name(content: bytes) -> str:
    """Return the name of a blob: 128 bits of BLAKE2b of its content.

    >>> content_name(b"hours of counts")
    '00dd9631648e9aecd56ef106a5367f88'
    """
    return blake2b(content, digest_size=16).hexdigest()


class CheckpointPacks:
    """All packs of a ledger.

    >>> from .local_file_system import LocalFileSystem
    >>> packs = CheckpointPacks(LocalFileSystem(), "checkpoints")
    >>> name, = packs.write({"hour": b"counts"}).values()
    >>> packs.read(name)
    b'counts'
    """

    def __init__(self, files: FileSystem, directory: str) -> None:
        self._files, self._directory = files, join(directory, PACKS)
        self._places: dict[str, list[_Place]] = {}
        self._heads: set[str] = set()
        self._sound: set[str] = set()

    def write(self, contents: Mapping[str, bytes]) -> dict[str, str]:
        """Store blobs durably; return the name of each by its key."""
        names = {key: content_name(content) for key, content in contents.items()}
        self._refresh()
        # A stored blob that is damaged is written again, else every later checkpoint would refer to the damage.
        new = {name: contents[key] for key, name in names.items() if not self.sound([name])}
        if new:
            self._write_pack([(name, len(raw), compress(raw)) for name, raw in new.items()])
        return names

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the names of blobs that no pack holds."""
        wanted = list(names)
        if any(name not in self._places for name in wanted):
            self._refresh()
        return [name for name in wanted if name not in self._places]

    def sound(self, names: Iterable[str]) -> bool:
        """Say whether all these blobs are there and undamaged."""
        for name in set(names) - self._sound:
            if self.missing([name]) or not any(self._holds(place) for place in self._places[name]):
                return False
            self._sound.add(name)
        return True

    def read(self, name: str) -> bytes:
        """Return a blob.

        Raises:
            UnknownCheckpointError: there is no such blob (any more).
            SegmentDamageError: it is damaged.
        """
        if self.missing([name]):
            raise UnknownCheckpointError(name, ())
        places = self._places[name]
        place = next((place for place in places if self._holds(place)), places[0])
        try:
            content = decompress(self._stored(place), place.blob.raw_length)
        except ValueError as error:
            raise self._damaged(place, str(error)) from error
        if content_name(content) != name:
            raise self._damaged(place, "the content does not match its name")
        return content

    def damaged(self) -> Iterator[SegmentDamageError]:
        """Yield what is damaged in all packs."""
        self._refresh()
        for name in self._files.names(self._directory):
            if name.endswith(PACK_SUFFIX) and name not in self._heads:
                path = join(self._directory, name)
                reason = "the table of a pack of checkpoint partitions is damaged"
                yield SegmentDamageError(path, start=0, end=self._files.size(path), reason=reason)
        for places in self._places.values():
            for place in places:
                if not self._holds(place):
                    yield self._damaged(place, "a checkpoint's partition is damaged")

    def keep(self, names: set[str]) -> None:
        """Delete what is not among these names: whole packs, or by rewriting packs that are mostly unused."""
        self._refresh()
        by_pack: dict[str, list[_Place]] = {pack: [] for pack in self._heads}
        for places in self._places.values():
            for place in places:
                by_pack[place.pack].append(place)
        for pack, places in by_pack.items():
            used = [place for place in places if place.blob.name in names]
            size, total = _stored_bytes(used), _stored_bytes(places)
            if size == total and places:
                continue
            if size < REWRITE_BELOW * total or not used:
                self._rewrite(pack, used)

    def _rewrite(self, pack: str, used: list[_Place]) -> None:
        blobs = [(place.blob.name, place.blob.raw_length, self._stored(place)) for place in used]
        self._forget(pack)
        if blobs:
            self._write_pack(blobs)
        self._files.delete(join(self._directory, pack))

    def _forget(self, pack: str) -> None:
        self._heads.discard(pack)
        kept = {name: [place for place in places if place.pack != pack] for name, places in self._places.items()}
        self._places = {name: places for name, places in kept.items() if places}
        self._sound.clear()

    def _write_pack(self, blobs: list[tuple[str, int, bytes]]) -> None:
        table, offset = [], 0
        for name, raw_length, stored in blobs:
            table.append(PackedBlob(name, offset, len(stored), raw_length, zlib.crc32(stored)))
            offset += len(stored)
        encoded = msgspec.msgpack.encode(table)
        head = PACK_MAGIC + PACK_VERSION.to_bytes(4, "little") + zlib.crc32(encoded).to_bytes(4, "little")
        data = head + len(encoded).to_bytes(8, "little") + encoded + b"".join([stored for _, _, stored in blobs])
        self._files.make_directory(self._directory)
        pack = f"{content_name(encoded)}{PACK_SUFFIX}"
        write_durably(self._files, join(self._directory, pack), data)
        self._take_in(pack, len(head) + 8 + len(encoded), table)

    def _take_in(self, pack: str, start: int, table: list[PackedBlob]) -> None:
        self._heads.add(pack)
        for blob in table:
            self._places.setdefault(blob.name, []).append(_Place(pack, start, blob))

    def _refresh(self) -> None:
        """Read the heads of packs that came since; forget those that went."""
        present = {name for name in self._files.names(self._directory) if name.endswith(PACK_SUFFIX)}
        for pack in self._heads - present:
            self._forget(pack)
        for pack in sorted(present - self._heads):
            self._read_head(pack)

    def _read_head(self, pack: str) -> None:
        path = join(self._directory, pack)
        try:
            file = self._files.open_readable(path)
        except FileNotFoundError:
            return
        head = file.read(0, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES or not head.startswith(PACK_MAGIC):
            return
        version = int.from_bytes(head[8:12], "little")
        if version > PACK_VERSION:
            raise NewerFormatError(path, found=version, supported=PACK_VERSION)
        encoded = file.read(_HEAD_BYTES, int.from_bytes(head[16:24], "little"))
        if zlib.crc32(encoded) != int.from_bytes(head[12:16], "little"):
            return  # its checkpoints are skipped: `sound` misses their blobs
        table = msgspec.msgpack.decode(encoded, type=list[PackedBlob])
        self._take_in(pack, _HEAD_BYTES + len(encoded), table)

    def _holds(self, place: _Place) -> bool:
        return zlib.crc32(self._stored(place)) == place.blob.checksum

    def _stored(self, place: _Place) -> bytes:
        try:
            file = self._files.open_readable(join(self._directory, place.pack))
        except FileNotFoundError:
            return b""
        return file.read(place.start + place.blob.offset, place.blob.stored_length)

    def _damaged(self, place: _Place, reason: str) -> SegmentDamageError:
        start = place.start + place.blob.offset
        path = join(self._directory, place.pack)
        return SegmentDamageError(path, start=start, end=start + place.blob.stored_length, reason=reason)


def sweep(files: FileSystem, directory: str) -> None:
    """Delete packs that a crash left half-written."""
    for name in files.names(join(directory, PACKS)):
        if name.startswith(TEMPORARY):
            files.delete(join(directory, PACKS, name))


def _stored_bytes(places: Iterable[_Place]) -> int:
    return sum(place.blob.stored_length for place in places)
