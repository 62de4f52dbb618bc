"""The main script: one document, restartable at any moment, every reference opens."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from cloudledger.store import Ledger
from scripts.incident import generate, read_truth

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "analyze.py"


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analyze") / "incident"
    generate(folder, seed=3, services=12, minutes=60, entries=12_000)
    return folder


@pytest.fixture(scope="module")
def undisturbed(incident: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return analyze(incident, tmp_path_factory.mktemp("analyze") / "ledger")


def command(incident: Path, ledger: Path, *options: str) -> list[str]:
    return [sys.executable, str(SCRIPT), str(incident / "files"), "--ledger", str(ledger), *options]


def analyze(incident: Path, ledger: Path, *options: str) -> dict[str, Any]:
    done = subprocess.run(command(incident, ledger, *options), capture_output=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def references(answer: object) -> Iterator[str]:
    """Yield all references anywhere in a document."""
    if isinstance(answer, str) and "@" in answer and answer.rpartition("@")[2].isdecimal():
        yield answer
    for part in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from references(part)


def kill_after(lines: int, incident: Path, ledger: Path) -> None:
    """Run the script and kill it when it has shown so many pieces of progress (it may have finished before)."""
    with subprocess.Popen(command(incident, ledger), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        wait_for(process.stderr, lines)
        process.kill()


def wait_for(progress: IO[bytes], lines: int) -> None:
    seen = 0
    while seen < lines:
        character = progress.read(1)
        if not character:
            return
        seen += character in b"\r\n"


def test_the_deployment_that_did_it_is_named_first(incident: Path, undisturbed: dict[str, Any]) -> None:
    suspects = undisturbed["answers"]["suspects"]

    deployments = [deployment["deployment"] for suspect in suspects for deployment in suspect["deployments"]]

    assert deployments[0] == read_truth(incident / "truth.json").culprit.run


def test_every_part_of_the_answers_is_there(undisturbed: dict[str, Any]) -> None:
    answers = undisturbed["answers"]

    assert undisturbed["entered"]["appended"] == undisturbed["stored"]["events"] > 10_000
    for part in ("suspects", "cascades", "impact", "scaling_anomalies", "cost", "log_volume", "recommendations"):
        assert answers[part], part


def test_every_reference_in_the_document_opens(undisturbed: dict[str, Any]) -> None:
    found = set(references(undisturbed["answers"]))

    assert len(found) > 20
    with Ledger.open(undisturbed["ledger"], read_only=True) as ledger:
        assert [reference for reference in found if ledger.event(reference).reference != reference] == []


def test_a_second_run_adds_nothing_and_answers_the_same(incident: Path, undisturbed: dict[str, Any]) -> None:
    again = analyze(incident, Path(undisturbed["ledger"]))

    assert again["entered"]["appended"] == 0
    assert (again["stored"], again["answers"]) == (undisturbed["stored"], undisturbed["answers"])


def test_a_run_that_was_killed_again_and_again_ends_the_same(
    incident: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    for lines in (1, 2, 4, 3, 20):
        kill_after(lines, incident, tmp_path / "ledger")

    ended = analyze(incident, tmp_path / "ledger")

    assert (ended["stored"], ended["answers"]) == (undisturbed["stored"], undisturbed["answers"])


def test_two_processes_answer_as_one_does(incident: Path, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    parallel = analyze(incident, tmp_path / "ledger", "--processes", "2")

    assert (parallel["stored"], parallel["answers"]) == (undisturbed["stored"], undisturbed["answers"])


def test_a_missing_path_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    missing = [sys.executable, str(SCRIPT), str(tmp_path / "nowhere"), "--ledger", str(tmp_path / "ledger")]

    done = subprocess.run(missing, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "nowhere" in done.stderr
    assert "check the path" in done.stderr
