"""What the architecture tests know of the checkout: its layers, their files and what each file imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("domain", "store", "adapters", "projections")
SOURCE_FOLDERS = (*LAYERS, "tests", "scripts", "benchmarks")


def relative(path: Path) -> str:
    """Return a file's name as a reader of the checkout would write it."""
    return path.relative_to(ROOT).as_posix()


def layer_files() -> list[Path]:
    """Return the Python files that are shipped."""
    return [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]


def source_files() -> list[Path]:
    """Return the Python files of the checkout, shipped or not."""
    return [path for folder in SOURCE_FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def packages() -> list[Path]:
    """Return the folders of the layers that hold Python files."""
    return sorted({path.parent for path in layer_files()})


def module_name(path: Path) -> str:
    """Return the name that a file of a layer is imported by: `cloudledger.store.ledger`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("cloudledger", *(parts[:-1] if parts[-1] == "__init__" else parts)))


def package_name(folder: Path) -> str:
    """Return the name that a folder of a layer is imported by."""
    return ".".join(("cloudledger", *folder.relative_to(ROOT).parts))


def syntax(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def absolute_imports(tree: ast.Module) -> Iterator[str]:
    """Yield the modules and names that a file imports by their full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def relative_imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Yield the full names of the modules that a file of `package` imports with dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            targets = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (".".join((*above, target)) for target in targets)


def imported_modules(path: Path) -> list[str]:
    """Return the full names of our modules that a file of a layer imports with dots."""
    return list(relative_imports(syntax(path), package_name(path.parent)))
