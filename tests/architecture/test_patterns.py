"""Patterns mean the same on every Python that the project supports."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import layer_files, relative

POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:\+\+|\*\+|\?\+|\{[\d,]+\}\+)")


@pytest.mark.parametrize("path", layer_files(), ids=relative)
def test_no_group_is_repeated_possessively(path: Path) -> None:
    """Before Python 3.11.5 `(?:..)++` matches what it must not: https://github.com/python/cpython/issues/106052."""
    assert not POSSESSIVE_GROUP.findall(path.read_text())
