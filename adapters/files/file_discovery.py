"""Find the files that a location names: a file, a folder (recursively), or a glob."""

from __future__ import annotations

import glob
from pathlib import Path

from ...domain.errors import SourceNotFoundError


def discover_files(location: str | Path) -> list[Path]:
    """Return the files of a location in a stable order; hidden files and folders are left out of folders.

    Raises:
        SourceNotFoundError: nothing is there.

    >>> discover_files(__file__)[0].name
    'file_discovery.py'
    """
    path = Path(location)
    if path.is_file():
        return [path.resolve()]
    if path.is_dir():
        return sorted(found.resolve() for found in path.rglob("*") if found.is_file() and not _is_hidden(found, path))
    matches = sorted(Path(match) for match in glob.glob(str(location), recursive=True))
    if not matches:
        raise SourceNotFoundError(str(location))
    return [file for match in matches for file in discover_files(match)]


def _is_hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)
