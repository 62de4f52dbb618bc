"""Write one native file, line by line, plain or compressed, and count what it holds.

Compressed content is the same everywhere; the compressed bytes depend on the version of the compressing library.
"""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

import zstandard

LEVEL = 1
"""Fastest level of gzip and zstd: the generator feeds benchmarks, so it must not be the slow part."""

FLUSH_LINES = 512
"""Lines joined before they are compressed. Chosen: about 400 kB."""


class NativeFile:
    """A file being written; its suffix (.gz, .zst) chooses the compression.

    `records` counts log records as their provider does (an envelope may hold many), so the caller says how many a line
    holds; `duplicates` counts those among them that were delivered before.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.records, self.duplicates = path, 0, 0
        self._lines: list[str] = []
        self._stack = ExitStack()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._open(self._stack.enter_context(path.open("wb")))

    def write(self, line: str, records: int = 1) -> None:
        """Append a line."""
        self._lines.append(line)
        self.records += records
        if len(self._lines) >= FLUSH_LINES:
            self._flush()

    def close(self) -> None:
        """Write what waits and close the file."""
        self._flush()
        self._stack.close()

    def _flush(self) -> None:
        if self._lines:
            self._file.write(("\n".join(self._lines) + "\n").encode())
            self._lines.clear()

    def _open(self, raw: IO[bytes]) -> IO[bytes]:
        if self.path.suffix == ".gz":
            zipped = gzip.GzipFile("", "wb", LEVEL, raw, mtime=0)
            self._stack.callback(zipped.close)
            return cast(IO[bytes], zipped)
        if self.path.suffix == ".zst":
            return self._stack.enter_context(zstandard.ZstdCompressor(LEVEL).stream_writer(raw, closefd=False))
        return raw


class FileSet:
    """The native files of an incident, in one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.files: dict[str, NativeFile] = {}

    def open(self, name: str) -> NativeFile:
        """Open a file by its name below the directory; the same name gives the same file."""
        if name not in self.files:
            self.files[name] = NativeFile(self.directory / name)
        return self.files[name]

    def write_document(self, name: str, text: str, records: int) -> None:
        """Write a whole document of some records."""
        file = self.open(name)
        file.write(text, records)
        file.close()

    def close(self) -> None:
        """Close all files."""
        for file in self.files.values():
            file.close()
