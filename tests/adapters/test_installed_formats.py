"""Formats of other installed distributions are found by their entry points; a broken one costs no ingest."""

import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, Registry, UnusableFormatWarning, attributes_of, ingest
from cloudledger.adapters.installed_formats import installed_formats
from cloudledger.adapters.parser import Sample
from cloudledger.adapters.records import Origin
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.events import LogRecorded
from cloudledger.domain.redaction import Redactor
from cloudledger.store import Ledger

LINE = "KASSE|2026-11-20T10:00:00Z|WARN|till-7|drawer open"

PARSER = """
import numpy as np

from cloudledger.adapters.log_batch import log_batch
from cloudledger.adapters.parser import UnreadableRecordError
from cloudledger.domain.severity import severity_of_text
from cloudledger.domain.timestamps import rfc3339_column


class TillParser:
    format = "shop.till"

    def recognises(self, sample):
        return sample.body.startswith(b"KASSE|")

    def parse(self, records):
        rows = [body.decode("utf-8", "replace").split("|") for body in records.bodies]
        if any(len(row) != 5 for row in rows):
            raise UnreadableRecordError("not five fields")
        return log_batch(
            records,
            format=self.format,
            provider="",
            times=rfc3339_column([row[1] for row in rows]),
            severity=np.array([severity_of_text(row[2]) for row in rows], np.uint8),
            service=[row[3] for row in rows],
        )

    def attributes(self, body, context):
        return {"shop.till.text": body.decode("utf-8", "replace").split("|")[-1]}


class Broken(TillParser):
    format = "shop.broken"

    def recognises(self, sample):
        raise KeyError("never")


class Careless(TillParser):
    format = "shop.careless"

    def parse(self, records):
        return [1, 2, 3]
"""


def installed(folder: Path, name: str, entry_points: str, source: str) -> None:
    """Install a distribution of one module, as pip would."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[cloudledger.formats]\n{entry_points}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "till.log").write_text(f"{LINE}\n{LINE}\nanother line\n")
    return folder


def test_ingest_uses_the_formats_of_installed_distributions(site: Path, tmp_path: Path) -> None:
    installed(site, "till_formats_a", "till = till_formats_a:TillParser", PARSER)

    with Ledger.open(str(tmp_path / "ledger")) as ledger:
        report = ingest(ledger, [FileSource(str(tmp_path / "logs"))])
        [event, _] = ledger.search(format="shop.till")

    assert report.formats == {"app.text": 1, "shop.till": 2}
    assert report.problems == ()
    assert isinstance(event, LogRecorded)
    assert (event.service, event.severity) == ("till-7", 13)
    assert attributes_of(event)["shop.till.text"] == "drawer open"


@pytest.mark.parametrize("given", ["TillParser", "[TillParser()]", "lambda: TillParser()"])
def test_an_entry_point_may_give_a_class_a_list_or_a_function(site: Path, given: str) -> None:
    name = f"till_formats_{abs(hash(given))}"
    installed(site, name, f"till = {name}:given", f"{PARSER}\ngiven = {given}\n")

    assert Registry.installed().parser("shop.till") is not None


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("till_formats_no:Missing", "AttributeError"),
        ("no_such_module:Parser", "ModuleNotFoundError"),
        ("till_formats_no:seven", "neither a parser"),
    ],
)
def test_a_broken_entry_point_is_named_and_left_out(site: Path, tmp_path: Path, target: str, reason: str) -> None:
    installed(site, "till_formats_no", f"till = {target}", "seven = 7\n")

    with pytest.warns(UnusableFormatWarning, match=f"'till' of till_formats_no 1.0.*{target}.*{reason}"):
        problems = installed_formats().problems
    with Ledger.open(str(tmp_path / "ledger")) as ledger:
        report = ingest(ledger, [FileSource(str(tmp_path / "logs"))])

    assert report.appended == 3
    assert report.problems == problems
    assert "till_formats_no" in problems[0]


def test_a_recogniser_that_fails_is_named_and_passed_over(site: Path) -> None:
    installed(site, "till_formats_b", "till = till_formats_b:Broken", PARSER)

    with pytest.warns(
        UnusableFormatWarning, match=r"'shop.broken' cannot look at a record of a.log, KeyError: 'never'"
    ):
        route = Registry.installed().route(Sample(b"plain words", {}, Origin("a.log")))

    assert route is Registry().generic[-1]


def test_a_parser_that_gives_no_batch_loses_no_record(site: Path, tmp_path: Path) -> None:
    installed(site, "till_formats_c", "till = till_formats_c:Careless", PARSER)

    with Ledger.open(str(tmp_path / "ledger")) as ledger:
        assert ingest(ledger, [FileSource(str(tmp_path / "logs"))]).formats == {"app.text": 3}


def test_the_same_formats_and_rules_hold_in_other_processes(site: Path, tmp_path: Path) -> None:
    installed(site, "till_formats_d", "till = till_formats_d:TillParser", PARSER)
    (tmp_path / "logs" / "more.log").write_text("password=hunter2\nsent eyJhbGciOi.eyJzdWIiOi.SflKxw-_ on\n")

    with (
        Ledger.open(str(tmp_path / "ledger")) as ledger,
        ProcessPoolExecutor(1, initializer=sys.path.insert, initargs=(0, str(site))) as executor,
    ):
        report = ingest(
            ledger, [FileSource(str(tmp_path / "logs"))], executor=executor, redaction=Redactor(without=["jwt"])
        )

    assert report.formats == {"app.text": 3, "shop.till": 2}
    assert report.redacted == {"password": 1}


def test_a_registry_reaches_another_process_with_the_library_s_own_formats() -> None:
    registry = Registry().with_parser(Registry().parsers[0])

    assert pickle.loads(pickle.dumps(registry)) == registry


@pytest.mark.parametrize("given", [object(), "aws.cloudtrail", Registry])
def test_what_is_no_parser_or_envelope_is_refused(given: object) -> None:
    with pytest.raises(InvalidArgumentError, match="is no parser"):
        Registry().with_parser(given)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="is no envelope"):
        Registry().with_envelope(given)  # type: ignore[arg-type]


def test_an_envelope_is_registered_by_call() -> None:
    envelope = Registry().carriers[0]

    assert Registry(carriers=()).with_envelope(envelope).carriers == (envelope,)


@pytest.mark.parametrize(("name", "given"), [("registry", {}), ("redaction", True), ("redaction", ["jwt"])])
def test_wrong_formats_and_rules_are_refused_before_anything_is_read(tmp_path: Path, name: str, given: object) -> None:
    with Ledger.open(str(tmp_path)) as ledger, pytest.raises(InvalidArgumentError, match=name):
        ingest(ledger, [], **{name: given})  # type: ignore[arg-type]
