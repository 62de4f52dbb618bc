"""The generated incident: the same content every time, counts that agree, files that the standard library reads."""

import csv
import gzip
import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from scripts.generate_incident import main
from scripts.incident import Truth, generate, read_truth


@pytest.fixture(scope="module")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return generate(tmp_path_factory.mktemp("incident"), entries=8_000, services=20)


def content_of(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(raw)
    return zstandard.ZstdDecompressor().decompressobj().decompress(raw) if path.suffix == ".zst" else raw


def content_hashes(truth: Truth) -> dict[str, str]:
    return {file.name: hashlib.sha256(content_of(truth.native / file.name)).hexdigest() for file in truth.files}


def records_of(path: Path) -> int:
    """Count the records of a native file, knowing only its provider's format."""
    text = content_of(path).decode()
    if path.name == "broken.log":
        raise AssertionError("not a native file")
    if ".csv" in path.name:
        return len(list(csv.DictReader(io.StringIO(text))))
    if path.name.endswith(".log.gz"):
        return sum(not line.startswith("version ") for line in text.splitlines())
    if path.name.endswith(("plan.json", "tfstate")):
        return len([json.loads(text)])
    documents = [json.loads(text)] if text.count("\n") == 1 else [json.loads(line) for line in text.splitlines()]
    return sum(records_in(document) for document in documents)


def records_in(document: dict[str, Any]) -> int:
    lists = ("Records", "records", "Activities", "items")
    if "logEvents" in document:
        return len(document["logEvents"]) if document["messageType"] == "DATA_MESSAGE" else 0
    return next((len(document[name]) for name in lists if name in document), 1)


def native_files(truth: Truth) -> list[str]:
    return [file.name for file in truth.files if file.name != "broken.log"]


def test_the_same_arguments_give_the_same_content(incident: Truth, tmp_path: Path) -> None:
    again = generate(tmp_path, entries=8_000, services=20)

    assert content_hashes(again) == content_hashes(incident)
    assert (tmp_path / "truth.json").read_bytes() == (incident.native.parent / "truth.json").read_bytes()


def test_another_seed_gives_other_content(incident: Truth, tmp_path: Path) -> None:
    other = generate(tmp_path, seed=8, entries=8_000, services=20)

    assert set(content_hashes(other).values()) - set(content_hashes(incident).values())
    assert other.first_failing == incident.first_failing


def test_every_file_is_read_as_its_native_format_and_holds_the_records_that_the_truth_tells(incident: Truth) -> None:
    counted = {name: records_of(incident.native / name) for name in native_files(incident)}

    assert counted == {file.name: file.records for file in incident.files if file.name != "broken.log"}
    assert sum(counted.values()) == incident.records - 20


def test_the_truth_names_every_file_and_lies_beside_them(incident: Truth) -> None:
    found = {path.relative_to(incident.native).as_posix() for path in incident.native.rglob("*") if path.is_file()}

    assert found == {file.name for file in incident.files}
    assert read_truth(incident.native.parent / "truth.json") == incident


def test_the_number_of_entries_is_about_what_was_asked_for(incident: Truth) -> None:
    assert incident.records == pytest.approx(8_000, rel=0.1)


def test_records_delivered_twice_are_told(incident: Truth) -> None:
    rows = [row for name in native_files(incident) if "container-logs" in name for row in lines(incident, name)]
    ids = [json.loads(row)["_ItemId"] for row in rows]

    assert len(ids) - len(set(ids)) == sum(f.duplicates for f in incident.files if "container-logs" in f.name)
    assert incident.duplicates > 0


def lines(truth: Truth, name: str) -> list[str]:
    return content_of(truth.native / name).decode().splitlines()


def test_broken_lines_are_as_many_as_told(incident: Truth) -> None:
    broken = (incident.native / "broken.log").read_bytes().splitlines()

    unreadable = 0
    for line in broken:
        try:
            json.loads(line.decode())
        except ValueError:
            unreadable += 1

    assert unreadable == incident.unreadable + incident.not_utf8


def test_the_cascade_follows_the_change_and_crosses_clouds(incident: Truth) -> None:
    onsets = incident.cascade

    assert incident.culprit.ended < min(onsets.values())
    assert min(onsets, key=onsets.__getitem__) == incident.first_failing
    assert {incident.services[name] for name in onsets} == {"aws", "azure", "gcp"}
    assert not set(onsets) & set(incident.healthy)


def test_every_failing_service_calls_another_that_fails_no_later(incident: Truth) -> None:
    for name, onset in incident.cascade.items():
        callees = {edge.callee for edge in incident.edges if edge.caller == name}
        if name != incident.first_failing:
            assert any(incident.cascade[callee] <= onset for callee in callees & set(incident.cascade))


def test_shares_of_cost_add_up(incident: Truth) -> None:
    pools = {share.pool for share in incident.cost_shares}

    assert sum(share.share for share in incident.cost_shares) == pytest.approx(1)
    for pool in pools:
        assert sum(s.share_of_pool for s in incident.cost_shares if s.pool == pool) == pytest.approx(1)
    assert incident.noise.volume_factor > 3


def test_the_planted_secret_is_in_plan_and_state_and_in_no_log(incident: Truth) -> None:
    holders = {n for n in native_files(incident) if incident.planted_secret.encode() in content_of(incident.native / n)}

    assert holders == {f"{incident.culprit.run}/plan.json", f"{incident.culprit.run}/terraform.tfstate"}


@pytest.mark.parametrize(("services", "minutes"), [(12, 5), (200, 30)])
def test_small_and_large_estates_tell_the_whole_story(services: int, minutes: int, tmp_path: Path) -> None:
    start = datetime(2027, 1, 1, 23, 50, tzinfo=UTC)

    truth = generate(tmp_path, services=services, minutes=minutes, entries=6_000, start=start)

    assert len(truth.services) == services
    assert {"payments", "checkout", "orders", "web-gateway", "storefront"} <= set(truth.cascade)
    assert truth.records == pytest.approx(6_000, rel=0.25)


@pytest.mark.parametrize("arguments", [{"services": 11}, {"services": 201}, {"minutes": 4}, {"entries": 10}])
def test_arguments_out_of_range_are_refused(arguments: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the story needs"):
        generate(tmp_path, **arguments)  # type: ignore[arg-type]


def test_the_script_prints_where_the_truth_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "x"), "--entries", "2000", "--minutes", "10"]) == 0

    assert read_truth(Path(capsys.readouterr().out.strip())).requests > 0


def test_the_script_explains_a_wrong_argument(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--services", "3"]) == 2

    assert "12 to 200 services" in capsys.readouterr().err
