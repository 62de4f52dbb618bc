"""Sources reach the ledger whole, once, in any executor; what breaks says so and keeps what it gave."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, SourceChunk, SourceReport, ingest
from cloudledger.domain import SourceNotFoundError
from cloudledger.store import Ledger
from tests.adapters.builders import container_log_v2, gke_entry

SECRET = "hunter2hunter2"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    rows = [container_log_v2(f"ERROR order {n} password={SECRET}", _ItemId=str(n)) for n in range(3000)]
    (folder / "aks.ndjson").write_text("\n".join(rows))
    (folder / "gke.ndjson").write_text("\n".join(gke_entry(f"line {n}", insertId=str(n)) for n in range(2000)))
    (folder / "broken.json").write_text('{"half": ')
    return folder


def references(ledger: Ledger) -> list[tuple[str, bytes]]:
    return [(e.reference, e.event_id) for batch in ledger.read() for e in batch]


def test_the_report_counts_what_entered(tmp_path: Path, exports: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        report = ingest(ledger, [FileSource(exports)])

    assert (report.read, report.appended, report.duplicates) == (5001, 5001, 0)
    assert report.formats == {"azure.aks.container": 3000, "gcp.gke.container": 2000, "unknown": 1}
    assert report.rejected == {"malformed JSON": 1}
    assert sum(report.redacted.values()) == 3000
    assert report.raw_bytes == sum(path.stat().st_size + 1 for path in exports.iterdir())


def test_a_second_ingest_adds_nothing(tmp_path: Path, exports: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        ingest(ledger, [FileSource(exports)])
        before = references(ledger)

        again = ingest(ledger, [FileSource(exports)])

        assert (again.read, again.appended) == (0, 0)
        assert references(ledger) == before


def test_a_record_delivered_in_two_files_is_stored_once(tmp_path: Path, exports: Path) -> None:
    (exports / "again.ndjson").write_text(gke_entry("line 7", insertId="7"))

    with Ledger.open(tmp_path / "ledger") as ledger:
        report = ingest(ledger, [FileSource(exports)])

    assert (report.appended, report.duplicates) == (5001, 1)


def test_processes_give_the_same_ledger_as_one(tmp_path: Path, exports: Path) -> None:
    sources = [FileSource(path) for path in sorted(exports.iterdir())]
    with Ledger.open(tmp_path / "one") as one, Ledger.open(tmp_path / "many") as many:
        alone = ingest(one, sources)
        with ProcessPoolExecutor(2) as executor:
            seen: list[SourceReport] = []
            together = ingest(many, sources, executor=executor, on_progress=seen.append)

        assert sorted(references(one)) == sorted(references(many))
        assert together.formats == alone.formats
        assert {report.stream for report in seen} == {source.stream for source in sources}


class BreakingSource:
    """Gives the chunks of a file and then breaks."""

    def __init__(self, path: Path) -> None:
        self._files = FileSource(path, stream="breaking")
        self.stream = "breaking"

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        yield from self._files.chunks(cursor)
        raise ConnectionResetError("the peer hung up")


def test_a_source_that_breaks_keeps_what_it_gave_and_says_why(tmp_path: Path, exports: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        report = ingest(ledger, [BreakingSource(exports / "gke.ndjson"), FileSource(exports / "aks.ndjson")])

    assert report.sources[0].problem == "ConnectionResetError: the peer hung up"
    assert [source.appended for source in report.sources] == [2000, 3000]


def test_progress_is_told_after_each_commit(tmp_path: Path) -> None:
    (tmp_path / "large.log").write_text("\n".join(json.dumps({"n": n, "pad": "x" * 900}) for n in range(8000)))
    told: list[int] = []

    with Ledger.open(tmp_path / "ledger") as ledger:
        ingest(ledger, [FileSource(tmp_path / "large.log")], on_progress=lambda report: told.append(report.appended))

    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == 8000


def test_a_missing_path_is_an_error_with_advice(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger, pytest.raises(SourceNotFoundError, match="check the path"):
        ingest(ledger, [FileSource(tmp_path / "nothing")])
