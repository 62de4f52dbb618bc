"""Manifests: what is sealed in a stream, as numbered immutable files of which the highest valid one counts.

Written when a segment is sealed or dropped. With every segment's size and checksum, so that a missing or shortened
file is noticed; with its times, so that a query is planned without opening it.
"""

from __future__ import annotations

from os.path import join

import msgspec

from ..domain.errors import NewerFormatError
from .durable_file import open_content, read_whole, seal_content, write_durably
from .file_system import FileSystem
from .stream_directory import MANIFEST_SUFFIX, MANIFESTS

MANIFEST_MAGIC = b"CLMANIF\n"
MANIFEST_VERSION = 1
KEPT_MANIFESTS = 4
"""Chosen: the present one, and three to fall back on when it is damaged."""


class SealedSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed segment as its stream's manifest knows it.

    `footer_checksum` is that of the footer's table; `cold` says that compaction wrote it, or found nothing to save.
    """

    name: str
    size: int
    footer_checksum: int
    first_position: int
    next_position: int
    events: int
    raw_bytes: int
    min_occurred: int
    max_occurred: int
    min_recorded: int
    max_recorded: int
    kinds: int
    severities: int
    epoch: int
    damaged: bool = False
    cold: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed in a stream: its segments in order, the next position and the source's cursor after them."""

    number: int = 0
    stream: str = ""
    epoch: int = 0
    next_position: int = 1
    cursor: bytes | None = None
    segments: tuple[SealedSegment, ...] = ()


def read_manifest(files: FileSystem, directory: str, stream: str) -> tuple[Manifest, list[str]]:
    """Return the highest valid manifest of a stream (an empty one where there is none) and the damaged ones above it.

    Raises:
        NewerFormatError: a newer version of the library wrote it.
    """
    folder = join(directory, MANIFESTS)
    damaged: list[str] = []
    for name in reversed(manifest_names(files, directory)):
        path = join(folder, name)
        try:
            manifest = _parse(path, read_whole(files, path))
        except FileNotFoundError:
            continue
        if manifest is not None:
            return manifest, damaged
        damaged.append(path)
    return Manifest(stream=stream), damaged


def manifest_names(files: FileSystem, directory: str) -> list[str]:
    """Return the names of a stream's manifests, oldest first."""
    return [name for name in files.names(join(directory, MANIFESTS)) if name.endswith(MANIFEST_SUFFIX)]


def write_manifest(files: FileSystem, directory: str, manifest: Manifest) -> None:
    """Commit a manifest durably and delete all but the newest few.

    Raises:
        FileExistsError: another writer has committed this number.
    """
    folder = join(directory, MANIFESTS)
    files.make_directory(folder)
    content = seal_content(MANIFEST_MAGIC, MANIFEST_VERSION, msgspec.json.encode(manifest))
    write_durably(files, join(folder, f"{manifest.number:020d}{MANIFEST_SUFFIX}"), content, exclusive=True)
    for name in manifest_names(files, directory)[:-KEPT_MANIFESTS]:
        files.delete(join(folder, name))


def _parse(path: str, data: bytes) -> Manifest | None:
    opened = open_content(MANIFEST_MAGIC, data)
    if opened is None:
        return None
    version, content = opened
    if version > MANIFEST_VERSION:
        raise NewerFormatError(path, found=version, supported=MANIFEST_VERSION)
    try:
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError:
        return None
