"""What pyproject.toml promises: every package is shipped, and the core needs no cloud SDK."""

import tomllib
from typing import Any

import pytest

from tests.architecture.source_tree import LAYERS, ROOT, package_name, packages

SDKS = ("boto3", "azure", "google", "obstore", "dask", "distributed")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_is_shipped_and_none_that_is_gone(pyproject: dict[str, Any]) -> None:
    """An editable install hides a forgotten package; users of the wheel would miss it."""
    shipped = pyproject["tool"]["setuptools"]["packages"]

    assert sorted(shipped) == sorted(package_name(folder) for folder in packages())


def test_every_layer_is_mapped_to_its_folder(pyproject: dict[str, Any]) -> None:
    mapped = pyproject["tool"]["setuptools"]["package-dir"]

    assert mapped == {f"cloudledger.{layer}": layer for layer in LAYERS}


def test_the_core_installs_without_any_cloud_sdk(pyproject: dict[str, Any]) -> None:
    core = pyproject["project"]["dependencies"]

    assert not [requirement for requirement in core if requirement.startswith(SDKS)]


def test_each_extra_is_there(pyproject: dict[str, Any]) -> None:
    extras = pyproject["project"]["optional-dependencies"]

    assert extras.keys() >= {"aws", "azure", "gcp", "object-storage", "cluster", "test"}
