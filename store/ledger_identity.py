"""The file that makes a directory a ledger: its id and the version of its format.

Read first when a ledger is opened, written when one is created.
"""

from __future__ import annotations

import os
from os.path import dirname, join

import msgspec

from ..domain.errors import NewerFormatError, NotALedgerError
from .durable_file import TEMPORARY, read_whole, write_durably
from .file_system import FileSystem

IDENTITY = "ledger.json"
LEDGER_VERSION = 1
"""Version of the directory's layout; files carry versions of their own."""


class LedgerIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What `ledger.json` says."""

    format: str
    version: int
    id: str
    created_at: int


def open_identity(files: FileSystem, location: str, *, read_only: bool, now_ns: int) -> LedgerIdentity:
    """Return a ledger's identity, creating it in an empty or missing directory unless `read_only`.

    Raises:
        NotALedgerError: the location holds something else, or nothing and it may not be created.
        NewerFormatError: this library is too old for it.
    """
    if files.exists(join(location, IDENTITY)):
        return _read(files, location)
    try:
        others = [name for name in files.names(location) if not name.startswith(TEMPORARY)]
    except NotADirectoryError:
        raise NotALedgerError(location, "it is a file") from None
    if others:
        raise NotALedgerError(location, f"it has no {IDENTITY}, but holds {others[0]!r}")
    if read_only:
        missing = "it is empty" if files.exists(location) else "there is no such directory"
        raise NotALedgerError(location, missing)
    return _create(files, location, now_ns)


def _create(files: FileSystem, location: str, now_ns: int) -> LedgerIdentity:
    try:
        files.make_directory(location)
    except (FileExistsError, NotADirectoryError):
        raise NotALedgerError(location, f"a part of {dirname(location)!r} is a file") from None
    except (FileNotFoundError, PermissionError) as error:
        raise NotALedgerError(location, f"it cannot be created: {error.strerror}") from None
    identity = LedgerIdentity(format="cloudledger", version=LEDGER_VERSION, id=os.urandom(16).hex(), created_at=now_ns)
    try:
        write_durably(files, join(location, IDENTITY), msgspec.json.encode(identity), exclusive=True)
    except FileExistsError:
        return _read(files, location)  # another process created it at the same time
    return identity


def _read(files: FileSystem, location: str) -> LedgerIdentity:
    path = join(location, IDENTITY)
    try:
        identity = msgspec.json.decode(read_whole(files, path), type=LedgerIdentity)
    except msgspec.MsgspecError as error:
        raise NotALedgerError(location, f"its {IDENTITY} cannot be read: {error}") from error
    if identity.format != "cloudledger":
        raise NotALedgerError(location, f"its {IDENTITY} is of format {identity.format!r}")
    if identity.version > LEDGER_VERSION:
        raise NewerFormatError(path, found=identity.version, supported=LEDGER_VERSION)
    return identity
