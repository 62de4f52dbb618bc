"""Find the files that a location names: a file, a folder (recursively), or a glob."""

from __future__ import annotations

import glob
from pathlib import Path

from ...domain.errors import InvalidArgumentError, SourceNotFoundError

LEDGER_START = b'{"format":"cloudledger"'
"""How the file begins that makes a folder a ledger; see `store/FORMAT.md`."""


def discover_files(location: str | Path) -> list[Path]:
    """Return the files of a location in a stable order.

    Hidden files and folders are left out of folders, and so are ledgers: one that lies among its sources would grow
    with every run that reads them.

    Raises:
        InvalidArgumentError: the location is empty.
        SourceNotFoundError: nothing is there.

    >>> discover_files(__file__)[0].name
    'file_discovery.py'
    """
    if not str(location):
        raise InvalidArgumentError("the location is empty: give a file, a folder or a glob")
    path = Path(location)
    if path.is_file():
        return [path.resolve()]
    if path.is_dir():
        return _files_of(path)
    matches = [Path(match) for match in sorted(glob.glob(str(location), recursive=True))]
    found = [file for match in matches for file in (_files_of(match) if match.is_dir() else [match.resolve()])]
    if not (files := [file for file in dict.fromkeys(found) if file.is_file()]):
        raise SourceNotFoundError(str(location))
    return files


def _files_of(folder: Path) -> list[Path]:
    found = [file for file in folder.rglob("*") if file.is_file() and not _is_hidden(file, folder)]
    ledgers = {file.parent for file in found if file.name == "ledger.json" and _marks_ledger(file)}
    return sorted(file.resolve() for file in found if ledgers.isdisjoint(file.parents))


def _marks_ledger(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(LEDGER_START)) == LEDGER_START
    except OSError:
        return False


def _is_hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)
