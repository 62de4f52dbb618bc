"""FileSource: the records of files, streamed, restartable from its cursor.

Reads plain, gzip and zstd files of any size in blocks. Records of a file are named by its resolved path, so that a
file read again gives the same events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import blake2b
from itertools import chain
from pathlib import Path

import msgspec

from ..records import Origin, Records
from ..source import SourceChunk
from .decompression import BLOCK_BYTES, DamagedStreamError, is_compressed, read_blocks
from .file_cursor import FileCursor, FileMark, checked_mark, decode_cursor, encode_cursor, is_finished, with_head
from .file_discovery import discover_files
from .framed_chunk import framed_chunk, rejected_piece
from .framing import frame


class FileSource:
    """Files of one location, as one source.

    Args:
        location: a file, a folder (read recursively, sorted) or a glob.
        stream: the stream to write; by default `files/` and a name made of the location.
        metadata: what the files do not say of themselves: provider, account, region, cluster, stack, workspace,
            component, actor, commit, run. Parsers use it where a record is silent.

    Raises:
        SourceNotFoundError: when read, if nothing is there.

    >>> FileSource("/var/log/pay.log", stream="files/pay").stream
    'files/pay'
    """

    def __init__(
        self, location: str | Path, *, stream: str | None = None, metadata: Mapping[str, str] | None = None
    ) -> None:
        self.location = str(location)
        self.stream = stream or _stream_name(self.location)
        self.metadata = dict(metadata or {})

    def __repr__(self) -> str:
        return f"FileSource({self.location!r}, stream={self.stream!r})"

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        """Yield the records after a cursor, file by file in sorted order."""
        state = decode_cursor(cursor)
        for path in discover_files(self.location):
            key = path.as_posix()
            mark = state.marks.get(key)
            if mark is None or not is_finished(mark, path):
                yield from self._file_chunks(path, key, mark, state)

    def _file_chunks(self, path: Path, key: str, mark: FileMark | None, state: FileCursor) -> Iterator[SourceChunk]:
        try:
            status = path.stat()
            position = with_head(checked_mark(mark, path), path)
        except OSError as error:
            yield _unreadable(key, error, partial(encode_cursor, state))
            return
        origin = Origin(_object_key(key, position.generation), self.metadata, status.st_mtime_ns)
        damage = ""
        try:
            for framed in frame(
                _blocks(path, position.offset), start=position.offset, head=_head(path, position.offset)
            ):
                position = msgspec.structs.replace(position, offset=framed.end)
                yield framed_chunk(framed, origin, partial(_cursor_at, state, key, position))
        except (DamagedStreamError, OSError) as error:
            damage = str(error)
        finished = msgspec.structs.replace(position, finished_size=status.st_size, finished_mtime_ns=status.st_mtime_ns)
        state.marks[key] = finished
        yield _end(origin, position.offset, damage, partial(encode_cursor, state))


def _cursor_at(state: FileCursor, key: str, mark: FileMark) -> bytes:
    return encode_cursor(FileCursor(marks={**state.marks, key: mark}))


def _stream_name(location: str) -> str:
    resolved = Path(location).resolve().as_posix()
    name = Path(location).resolve().name.replace("*", "_") or "root"
    return f"files/{name}-{blake2b(resolved.encode(), digest_size=4).hexdigest()}"


def _object_key(key: str, generation: int) -> str:
    return f"{key}#{generation}" if generation else key


def _blocks(path: Path, offset: int) -> Iterator[bytes]:
    """Yield decompressed blocks from an offset on."""
    if not offset:
        yield from read_blocks(path)
    elif is_compressed(path):
        yield from _after(read_blocks(path), offset)
    else:
        with path.open("rb") as file:
            file.seek(offset)
            yield from iter(lambda: file.read(BLOCK_BYTES), b"")


def _after(blocks: Iterator[bytes], offset: int) -> Iterator[bytes]:
    for block in blocks:
        if offset < len(block):
            yield block[offset:] if offset else block
        offset = max(0, offset - len(block))


def _head(path: Path, offset: int) -> bytes | None:
    return next(chain(read_blocks(path), [b""])) if offset else None


def _end(origin: Origin, offset: int, damage: str, cursor: partial[bytes]) -> SourceChunk:
    """Commit that a file was read to its end, and what was wrong with that end."""
    rejected = [rejected_piece(origin, b"", offset, damage)] if damage else []
    return SourceChunk(Records.of([], origin), cursor, 0, rejected)


def _unreadable(key: str, error: OSError, cursor: partial[bytes]) -> SourceChunk:
    origin = Origin(key)
    return SourceChunk(Records.of([], origin), cursor, 0, [rejected_piece(origin, b"", 0, f"unreadable file: {error}")])
