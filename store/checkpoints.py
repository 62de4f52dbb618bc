"""Checkpoints: positions of streams and the partitions of read models at them, like commits over immutable blobs.

Beside the streams, written by projections. A partition that did not change is referred to by its content name, so that
a checkpoint costs what changed. A damaged one is passed over for the one before it: checkpoints can always be made
again from the events, and never cause any event to be deleted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from os.path import join

import msgspec

from ..domain.errors import (
    InvalidArgumentError,
    NewerFormatError,
    ReadOnlyLedgerError,
    SegmentDamageError,
    StreamLockedError,
    UnknownCheckpointError,
)
from .checkpoint_packs import CheckpointPacks, sweep
from .durable_file import TEMPORARY, open_content, read_whole, seal_content, write_durably
from .file_system import FileSystem
from .stream_directory import LOCK, stream_folder, stream_name

CHECKPOINTS = "checkpoints"
NAMES = "names"
CHECKPOINT_MAGIC = b"CLCHECK\n"
CHECKPOINT_VERSION = 1
CHECKPOINT_SUFFIX = ".ckpt"

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
LOCK_TRIES = 200
LOCK_WAIT_S = 0.05
"""Saving takes milliseconds, so that ten seconds without the lock mean that its holder hangs."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One checkpoint.

    Attributes:
        id: its number among those of its name.
        name: whose checkpoint it is (a projection's name).
        positions: last position folded, per stream.
        partitions: content name per partition key.
        recorded_at: when it was saved, nanoseconds.
        extra: what its writer noted.
    """

    id: str
    name: str
    positions: dict[str, int]
    partitions: dict[str, str]
    recorded_at: int
    extra: dict[str, str] = {}


# Names of types that the method `list` would hide.
_Found = list[Checkpoint]
_Numbers = list[int]
_Names = list[str]


class Checkpoints:
    """The checkpoints of a ledger.

    >>> from .local_file_system import LocalFileSystem
    >>> checkpoints = Checkpoints(LocalFileSystem(), "ledger")
    >>> first = checkpoints.save("cost@1", {"aws/1": 70}, {"events/5": b"table"})
    >>> second = checkpoints.save("cost@1", {"aws/1": 90}, {"events/5": first.partitions["events/5"]})
    >>> checkpoints.latest("cost@1").positions, checkpoints.read_partition(second.partitions["events/5"])
    ({'aws/1': 90}, b'table')
    """

    def __init__(
        self,
        files: FileSystem,
        location: str,
        *,
        read_only: bool = False,
        clock: Callable[[], int] = time.time_ns,
        last_position: Callable[[str], int] | None = None,
    ) -> None:
        self._files, self._location = files, location
        self._directory = join(location, CHECKPOINTS)
        self._read_only, self._clock, self._last_position = read_only, clock, last_position
        self._packs = CheckpointPacks(files, self._directory)

    def save(
        self,
        name: str,
        positions: Mapping[str, int],
        partitions: Mapping[str, bytes | str],
        *,
        extra: Mapping[str, str] | None = None,
    ) -> Checkpoint:
        """Save a checkpoint, durably and completely or not at all.

        Args:
            name: whose it is.
            positions: last position folded, per stream.
            partitions: per key the content, or the content name of one that is stored already.
            extra: notes.

        Raises:
            ReadOnlyLedgerError: the ledger was opened read-only.
            InvalidArgumentError: a content name is not stored.
        """
        with self._locked():
            kept = {key: content for key, content in partitions.items() if isinstance(content, str)}
            missing = self._packs.missing(kept.values())
            if missing:
                raise InvalidArgumentError(f"no partition {missing[0]!r} is stored: give its content")
            written = self._packs.write({k: content for k, content in partitions.items() if isinstance(content, bytes)})
            checkpoint = Checkpoint(
                id=str(max(self._numbers(name), default=0) + 1),
                name=name,
                positions=dict(positions),
                partitions={key: kept.get(key) or written[key] for key in partitions},
                recorded_at=self._clock(),
                extra=dict(extra or {}),
            )
            self._write(checkpoint)
        return checkpoint

    def latest(self, name: str) -> Checkpoint | None:
        """Return the newest checkpoint that is whole and does not reach beyond the ledger's end; None without one."""
        for number in reversed(self._numbers(name)):
            checkpoint = self._read(name, number)
            if checkpoint and self._within_ledger(checkpoint) and self._packs.sound(checkpoint.partitions.values()):
                return checkpoint
        return None

    def get(self, name: str, id: str) -> Checkpoint:
        """Return one checkpoint.

        Raises:
            UnknownCheckpointError: there is none with this name and id, or it is damaged.
        """
        checkpoint = self._read(name, int(id)) if id.isdecimal() else None
        if checkpoint is None or not self._packs.sound(checkpoint.partitions.values()):
            raise UnknownCheckpointError(f"{name} {id}", tuple(known.id for known in self.list(name)))
        return checkpoint

    def list(self, name: str) -> _Found:
        """Return the readable checkpoints of a name, oldest first."""
        found = [self._read(name, number) for number in self._numbers(name)]
        return [checkpoint for checkpoint in found if checkpoint]

    def names(self) -> _Names:
        """Return the names that have checkpoints."""
        return sorted(stream_name(folder) for folder in self._files.names(join(self._directory, NAMES)))

    def damaged(self) -> Iterator[SegmentDamageError]:
        """Yield what is damaged in checkpoints and their partitions; none of it harms the events."""
        for name in self.names():
            for number in self._numbers(name):
                path = self._path(name, number)
                if self._read(name, number) is None and self._files.exists(path):
                    end = self._files.size(path)
                    yield SegmentDamageError(path, start=0, end=end, reason="a checkpoint is damaged")
        yield from self._packs.damaged()

    def read_partition(self, content_name: str) -> bytes:
        """Return the content of a partition.

        Raises:
            UnknownCheckpointError: it is not stored (any more).
            SegmentDamageError: it is damaged.
        """
        return self._packs.read(content_name)

    def prune(self, name: str | None = None, *, hourly: int = 48, daily: int = 31) -> int:
        """Delete checkpoints but the newest, one per hour and one per day; and partitions that none refers to.

        Args:
            name: only this one's.
            hourly: so many hours back the last checkpoint of each hour is kept.
            daily: so many days back the last checkpoint of each day is kept.

        Returns:
            How many were deleted.
        """
        with self._locked():
            deleted = sum(self._prune(one, hourly, daily) for one in (self.names() if name is None else [name]))
            used = {part for one in self.names() for known in self.list(one) for part in known.partitions.values()}
            self._packs.keep(used)
        return deleted

    def _prune(self, name: str, hourly: int, daily: int) -> int:
        known, now = self.list(name), self._clock()
        kept: dict[tuple[str, int], str] = {}
        for checkpoint in known:
            age = now - checkpoint.recorded_at
            if age < hourly * HOUR_NS:
                kept["hour", checkpoint.recorded_at // HOUR_NS] = checkpoint.id
            if age < daily * DAY_NS:
                kept["day", checkpoint.recorded_at // DAY_NS] = checkpoint.id
        ids = {*kept.values(), *([known[-1].id] if known else [])}
        dropped = [checkpoint for checkpoint in known if checkpoint.id not in ids]
        for checkpoint in dropped:
            self._files.delete(self._path(name, int(checkpoint.id)))
        return len(dropped)

    def _locked(self) -> _CheckpointLock:
        if self._read_only:
            raise ReadOnlyLedgerError(self._location)
        self._files.make_directory(self._directory)
        return _CheckpointLock(self._files, self._directory)

    def _within_ledger(self, checkpoint: Checkpoint) -> bool:
        if self._last_position is None:
            return True
        return all(at <= self._last_position(stream) for stream, at in checkpoint.positions.items())

    def _numbers(self, name: str) -> _Numbers:
        folder = join(self._directory, NAMES, stream_folder(name))
        names = [file for file in self._files.names(folder) if file.endswith(CHECKPOINT_SUFFIX)]
        return sorted(int(file[: -len(CHECKPOINT_SUFFIX)]) for file in names if file[0].isdecimal())

    def _path(self, name: str, number: int) -> str:
        return join(self._directory, NAMES, stream_folder(name), f"{number:020d}{CHECKPOINT_SUFFIX}")

    def _write(self, checkpoint: Checkpoint) -> None:
        path = self._path(checkpoint.name, int(checkpoint.id))
        self._files.make_directory(join(self._directory, NAMES, stream_folder(checkpoint.name)))
        content = seal_content(CHECKPOINT_MAGIC, CHECKPOINT_VERSION, msgspec.json.encode(checkpoint))
        write_durably(self._files, path, content, exclusive=True)

    def _read(self, name: str, number: int) -> Checkpoint | None:
        path = self._path(name, number)
        try:
            opened = open_content(CHECKPOINT_MAGIC, read_whole(self._files, path))
        except FileNotFoundError:
            return None
        if opened is None:
            return None
        version, content = opened
        if version > CHECKPOINT_VERSION:
            raise NewerFormatError(path, found=version, supported=CHECKPOINT_VERSION)
        try:
            return msgspec.json.decode(content, type=Checkpoint)
        except msgspec.MsgspecError:
            return None


class _CheckpointLock:
    """Keeps two savers, or a saver and a pruner, apart; held for milliseconds, so that the second one waits."""

    def __init__(self, files: FileSystem, directory: str) -> None:
        self._files, self._directory = files, directory

    def __enter__(self) -> None:
        for _ in self._tries():
            lock = self._files.lock(join(self._directory, LOCK))
            if lock is not None:
                self._lock = lock
                self._sweep()
                return
        raise StreamLockedError(CHECKPOINTS, owner="another process that saves a checkpoint")

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _tries(self) -> Iterator[int]:
        for attempt in range(LOCK_TRIES):
            yield attempt
            time.sleep(LOCK_WAIT_S)

    def _sweep(self) -> None:
        sweep(self._files, self._directory)
        for folder in self._files.names(join(self._directory, NAMES)):
            for name in self._files.names(join(self._directory, NAMES, folder)):
                if name.startswith(TEMPORARY):
                    self._files.delete(join(self._directory, NAMES, folder, name))
