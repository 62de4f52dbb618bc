"""The log lines that all contenders read: the bundled generator's container logs of three clouds, as plain NDJSON.

The common subset is chosen for fairness: JSON lines only, so that every engine's own reader can open them, and not
compressed. EKS comes as CloudWatch subscription envelopes (some dozens of events per line, each message JSON in JSON),
AKS as ContainerLogV2 rows, GKE as LogEntry objects: about 41, 13 and 46 % of the entries.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

import msgspec
import zstandard

from scripts.incident import generate
from scripts.incident.places import EKS_LOG_GROUP

SOURCES = {"eks": "aws/cloudwatch/*", "aks": "azure/container-logs/*", "gke": "gcp/stdout/*"}
"""Kind of line and where the generator puts it."""

SHARE_OF_CONTAINERS = 0.92
"""Container lines among the generator's entries: measured."""

MINUTES = 120


class LogFiles(msgspec.Struct):
    """Log files in two halves, so that two workers can read them apart.

    Attributes:
        halves: folders that hold eks.ndjson, aks.ndjson and gke.ndjson; the second goes on where the first ends.
        entries: log events in them, second deliveries included.
        raw_bytes: size of the files.
    """

    halves: tuple[str, str]
    entries: int
    raw_bytes: int

    @property
    def all(self) -> str:
        """The folder of both halves."""
        return str(Path(self.halves[0]).parent)


def log_files(cache: Path, entries: int) -> LogFiles:
    """Return about so many entries, generated once and kept in the cache folder."""
    folder = cache / f"logs-{entries}"
    if not (folder / "summary.json").exists():
        generated = cache / f"generated-{entries}"
        shutil.rmtree(generated, ignore_errors=True)
        generate(generated, minutes=MINUTES, entries=max(int(entries / SHARE_OF_CONTAINERS), 2_000))
        (folder / "summary.json").write_bytes(msgspec.json.encode(_split(generated / "files", folder / "halves")))
        shutil.rmtree(generated)
    return msgspec.json.decode((folder / "summary.json").read_bytes(), type=LogFiles)


def _split(generated: Path, folder: Path) -> LogFiles:
    halves = (folder / "first", folder / "second")
    count = size = 0
    for half in halves:
        half.mkdir(parents=True, exist_ok=True)
    for kind, pattern in SOURCES.items():
        lines = [line for path in sorted(generated.glob(pattern)) for line in _lines(path) if _is_container(kind, line)]
        count += sum(line.count(b'"timestamp":') for line in lines) if kind == "eks" else len(lines)
        size += sum(map(len, lines))
        middle = len(lines) // 2
        for half, part in zip(halves, (lines[:middle], lines[middle:]), strict=True):
            (half / f"{kind}.ndjson").write_bytes(b"".join(part))
    return LogFiles((str(halves[0]), str(halves[1])), count, size)


def _is_container(kind: str, line: bytes) -> bool:
    return kind != "eks" or b'"logGroup":"%s"' % EKS_LOG_GROUP.encode() in line


def _lines(path: Path) -> Iterator[bytes]:
    with _opened(path) as file:
        yield from file


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.suffix == ".zst":
        return cast(IO[bytes], BufferedReader(zstandard.ZstdDecompressor().stream_reader(path.open("rb")), 1 << 20))
    return path.open("rb")
