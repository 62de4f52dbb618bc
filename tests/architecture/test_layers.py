"""Imports point inwards: the table of layers, and where each vendor's SDK may be named."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source_tree import absolute_imports, imported_modules, layer_files, relative, syntax
from tests.architecture.source_tree import relative_imports as resolve

INNER_LAYERS = {
    "domain": set[str](),
    "store": {"domain"},
    "adapters": {"domain", "store"},
    "projections": {"domain", "store"},
}

HOME_OF_SDK = {
    "boto3": "adapters/aws/",
    "botocore": "adapters/aws/",
    "azure": "adapters/azure/",
    "google": "adapters/gcp/",
    "hcl2": "adapters/terraform/",
    "obstore": "store/",
}
"""An SDK is imported below one folder only, so that it can be left out, or replaced, without a search."""

NOWHERE = {"dask", "distributed"}
"""A cluster is handed in as an executor: the library never imports one."""

each_file = pytest.mark.parametrize("path", layer_files(), ids=relative)


def layer_of(path: Path) -> str:
    return relative(path).split("/")[0]


@each_file
def test_a_layer_imports_only_the_layers_inside_it(path: Path) -> None:
    imported = {module.split(".")[1] for module in imported_modules(path)}

    assert imported - {layer_of(path)} <= INNER_LAYERS[layer_of(path)]


@pytest.mark.parametrize("path", [path for path in layer_files() if layer_of(path) != "store"], ids=relative)
def test_outside_the_store_only_its_front_door_is_imported(path: Path) -> None:
    assert not [module for module in imported_modules(path) if module.startswith("cloudledger.store.")]


PURE = {"collections", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib", "itertools", "math"} | {
    *("__future__", "codecs", "ipaddress", "operator", "re", "string", "struct", "types", "typing", "zlib"),
    *("msgspec", "numpy"),
}
"""What the domain may import: nothing with which it could read a clock, a file, the environment or chance."""


@pytest.mark.parametrize("path", [path for path in layer_files() if layer_of(path) == "domain"], ids=relative)
def test_the_domain_knows_no_clock_and_no_outside(path: Path) -> None:
    source = path.read_text()

    assert not {name.split(".")[0] for name in absolute_imports(syntax(path))} - PURE
    assert not [call for call in (".now(", ".today(", ".utcnow(", "open(") if call in source]


@each_file
def test_a_layer_imports_its_own_distribution_with_dots(path: Path) -> None:
    """A full name gives type checkers and editors a second identity of the same module."""
    ours = {"cloudledger", "tests", "scripts", "benchmarks", *INNER_LAYERS}

    assert not [name for name in absolute_imports(syntax(path)) if name.split(".")[0] in ours]


@each_file
def test_an_sdk_is_imported_only_in_its_home(path: Path) -> None:
    for name in absolute_imports(syntax(path)):
        package = name.split(".")[0]
        assert package not in NOWHERE
        assert relative(path).startswith(HOME_OF_SDK.get(package, "")), f"{name} belongs in {HOME_OF_SDK[package]}"


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("from .segment import Segment", "cloudledger.store.segment"),
        ("from ..domain.events import Event", "cloudledger.domain.events"),
        ("from .. import domain", "cloudledger.domain"),
    ],
)
def test_dots_are_resolved_as_python_resolves_them(line: str, module: str) -> None:
    assert list(resolve(ast.parse(line), "cloudledger.store")) == [module]
