"""Every error that the library raises, as one tree.

Errors carry their facts as attributes and say what to do next. Bad *data* is never an error: it becomes an event.
"""

from __future__ import annotations


class CloudledgerError(Exception):
    """Root of all errors of the library."""


class InvalidArgumentError(CloudledgerError, ValueError):
    """An argument is wrong; the message says which values are right."""


class SourceNotFoundError(CloudledgerError, FileNotFoundError):
    """A source names a path or object that does not exist."""

    def __init__(self, location: str) -> None:
        super().__init__(f"no file, folder or glob match at {location!r}: check the path, or create it first")
        self.location = location


class MissingExtraError(CloudledgerError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: run pip install 'cloudledger[{extra}]'")
        self.package, self.extra = package, extra


class ColumnNotReadError(CloudledgerError, AttributeError):
    """A batch was read without the column that is now asked for."""

    def __init__(self, column: str) -> None:
        super().__init__(f"column {column!r} was not read: add it to columns=[...], or read without columns")
        self.column = column


class LedgerError(CloudledgerError):
    """Something is wrong with a ledger or its use."""


class NotALedgerError(LedgerError):
    """A location exists, but holds something else than a ledger."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location} is not a ledger ({reason}): give an empty or new directory, or a ledger's own")
        self.location, self.reason = location, reason


class NewerFormatError(LedgerError):
    """A file was written by a newer version of the library."""

    def __init__(self, path: str, *, found: int, supported: int) -> None:
        super().__init__(
            f"{path} has format version {found}, this library reads up to {supported}: upgrade cloudledger"
        )
        self.path, self.found, self.supported = path, found, supported


class ReadOnlyLedgerError(LedgerError):
    """A write was tried on a ledger opened with read_only=True."""

    def __init__(self, location: str) -> None:
        super().__init__(f"{location} was opened with read_only=True: open it without to append")
        self.location = location


class ClosedLedgerError(LedgerError):
    """The ledger was closed; neither reading nor writing goes on."""

    def __init__(self, location: str) -> None:
        super().__init__(f"the ledger {location} is closed: open it again with Ledger.open, or ask within its `with`")
        self.location = location


class StreamLockedError(LedgerError):
    """Another living process writes this stream."""

    def __init__(self, stream: str, *, owner: str) -> None:
        super().__init__(f"stream {stream!r} is being written by {owner}: wait for it, or write another stream")
        self.stream, self.owner = stream, owner


class FencedWriterError(LedgerError):
    """A newer writer has taken this stream over; this one may not commit any more."""

    def __init__(self, stream: str, *, epoch: int, newest: int) -> None:
        super().__init__(f"writer epoch {epoch} of stream {stream!r} was fenced by epoch {newest}: reopen the ledger")
        self.stream, self.epoch, self.newest = stream, epoch, newest


class WriterPoisonedError(LedgerError):
    """A write or sync failed earlier; nothing more may be written until the ledger is reopened."""

    def __init__(self, stream: str, cause: str) -> None:
        super().__init__(f"a write to stream {stream!r} failed ({cause}): free the disk or repair it, then reopen")
        self.stream, self.cause = stream, cause


class SegmentDamageError(LedgerError):
    """A stored file is damaged; the rest of the ledger stays readable."""

    def __init__(
        self,
        path: str,
        *,
        start: int,
        end: int,
        reason: str,
        stream: str = "",
        first_position: int = 1,
        last_position: int = 0,
    ) -> None:
        super().__init__(f"{path} is damaged in bytes {start}..{end}: {reason}; run verify(), restore it from a backup")
        self.path, self.start, self.end, self.reason = path, start, end, reason
        self.stream, self.first_position, self.last_position = stream, first_position, last_position


class RetiredEventsError(LedgerError):
    """Retention dropped events while they were being read; those that were given before are whole and in order."""

    def __init__(self, stream: str, *, first_position: int, last_position: int) -> None:
        super().__init__(
            f"{stream}: retention dropped positions {first_position} to {last_position} while they were read: "
            f"go on after {last_position}, or read again"
        )
        self.stream, self.first_position, self.last_position = stream, first_position, last_position


class ObjectStoreError(LedgerError, OSError):
    """An object store refused a request, or could not be reached."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        advice = "try again later" if passing else "check bucket, credentials and permissions"
        super().__init__(f"{reason}: {advice}")
        self.reason, self.passing = reason, passing


class UploadConflictError(LedgerError):
    """The target of an upload holds something else under the same name."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}: upload each ledger to a place of its own")
        self.path, self.reason = path, reason


class UnknownReferenceError(LedgerError, LookupError):
    """No event has this reference."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"no event {reference!r} in this ledger: references look like 'stream@position' or 32 hex digits"
        )
        self.reference = reference


class UnknownCheckpointError(LedgerError, LookupError):
    """No checkpoint has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no checkpoint {name!r}: known are {', '.join(known) or 'none yet'}")
        self.name, self.known = name, known
