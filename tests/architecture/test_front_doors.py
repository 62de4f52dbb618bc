"""A package's `__init__.py` is its front door: docstring, imports, `__all__`, nothing else."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source_tree import layer_files, relative, syntax

FRONT_DOORS = [path for path in layer_files() if path.name == "__init__.py"]

each_front_door = pytest.mark.parametrize("path", FRONT_DOORS, ids=relative)


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]


def exported(tree: ast.Module) -> list[str]:
    """Return what `__all__` lists; nothing where there is no `__all__`."""
    assigned = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    return [name for value in assigned for name in ast.literal_eval(value)]


def imported(tree: ast.Module) -> list[str]:
    """Return the names that a front door's imports bind."""
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [
        alias.asname or alias.name
        for node in imports
        for alias in node.names
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]


@each_front_door
def test_a_front_door_holds_a_docstring_imports_and_its_list_only(path: Path) -> None:
    first, *others = syntax(path).body

    assert is_docstring(first)
    assert not [
        ast.unparse(node) for node in others if not (isinstance(node, ast.Import | ast.ImportFrom) or is_all(node))
    ]


@each_front_door
def test_a_front_door_lists_each_name_that_it_imports_once(path: Path) -> None:
    """The order of `__all__` is checked by the linter (RUF022)."""
    tree = syntax(path)

    assert sorted(exported(tree)) == sorted(imported(tree))
