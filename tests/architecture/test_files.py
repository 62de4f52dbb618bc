"""Every file stays small and says by its name what it holds."""

from pathlib import Path

import pytest

from tests.architecture.source_tree import LAYERS, ROOT, packages, relative, source_files

MAXIMUM_LINES = 400
"""Chosen: what a reader can hold; a longer file has learnt a second concept."""

NAMES_THAT_SAY_NOTHING = {
    *("util", "utils", "utilities", "helper", "helpers", "common", "base", "manager", "managers", "misc"),
}


@pytest.mark.parametrize("path", source_files(), ids=relative)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAXIMUM_LINES


@pytest.mark.parametrize("path", source_files(), ids=relative)
def test_files_and_folders_are_named_by_what_they_hold(path: Path) -> None:
    names = {*path.relative_to(ROOT).parts[:-1], path.stem}

    assert not names & NAMES_THAT_SAY_NOTHING


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_declares_that_it_is_typed(layer: str) -> None:
    assert (ROOT / layer / "py.typed").is_file()


@pytest.mark.parametrize("folder", packages(), ids=relative)
def test_a_folder_of_a_layer_is_a_package(folder: Path) -> None:
    assert (folder / "__init__.py").is_file()


def test_the_checkout_is_not_a_package_itself() -> None:
    """With a root `__init__.py`, pytest imports everything a second time under the checkout's name."""
    assert not (ROOT / "__init__.py").exists()
