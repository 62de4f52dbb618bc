"""The documents tell the truth: their Python runs, the scripts that they name exist, and no path is one machine's."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, relative, source_files

NAMED = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md") if (ROOT / name).exists()]
DOCUMENTS = [*NAMED, *sorted((ROOT / "docs").glob("*.md"))]

BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
SHELLS = {"sh", "bash", "shell", "console"}
CHECKOUT_FILE = re.compile(r"(?<![\w./-])(?:\./)?((?:scripts|benchmarks|\.ci)/[\w./-]*\w)")
THIS_MACHINE = (f"{ROOT}/", f"{ROOT.parent}/shared/")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=relative)


def blocks(document: Path, languages: set[str]) -> list[str]:
    """Return the fenced blocks of a document that are in one of the languages."""
    return [text for language, text in BLOCK.findall(document.read_text(encoding="utf-8")) if language in languages]


@each_document
def test_the_python_of_a_document_runs(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a document run in order, in one namespace, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__document__"}
    for number, text in enumerate(blocks(document, {"python"}), start=1):
        exec(compile(text, f"{relative(document)}, Python block {number}", "exec"), namespace)


@each_document
def test_the_files_that_a_shell_block_names_exist(document: Path) -> None:
    named = {name for text in blocks(document, SHELLS) for name in CHECKOUT_FILE.findall(text)}

    assert not [name for name in sorted(named) if not (ROOT / name).exists()]


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / "pyproject.toml", *source_files()], ids=relative)
def test_a_file_names_no_path_of_the_machine_it_was_written_on(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not [place for place in THIS_MACHINE if place in text]
