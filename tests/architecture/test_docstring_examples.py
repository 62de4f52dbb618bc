"""Every example in a docstring of the four layers runs and prints what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

from tests.architecture.source_tree import layer_files, module_name, relative

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SDKS = ("azure", "boto3", "botocore", "google", "obstore")


@pytest.mark.parametrize("path", layer_files(), ids=relative)
def test_the_examples_of_a_module_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        module = importlib.import_module(module_name(path))
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in SDKS:
            raise
        pytest.skip(f"{error.name} comes with an extra that is not installed")

    failures: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for example in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(example, out=failures.append)

    assert not failures, "".join(failures)
