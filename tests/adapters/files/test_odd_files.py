"""Files that are odd, hostile or not files at all lose nothing and hide nothing."""

import os
from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.files import framing
from cloudledger.adapters.files.file_discovery import discover_files
from cloudledger.domain.errors import InvalidArgumentError, SourceNotFoundError
from cloudledger.domain.events import LogRecorded, RecordRejected
from cloudledger.store import Ledger

GOOD = b'{"message":"ready","level":"info"}'


def payloads(folder: Path, data: bytes) -> list[bytes]:
    """Return what a file's records become, through the whole way in."""
    (folder / "odd.log").write_bytes(data)
    with Ledger.open(folder / "ledger") as ledger:
        [report] = ingest(ledger, [FileSource(folder / "odd.log")]).sources
        assert report.problem == ""
        rows = [event for batch in ledger.read() for event in batch]
        return [event.payload for event in rows if isinstance(event, LogRecorded | RecordRejected)]


@pytest.mark.parametrize("deep", [b"[" * 5000 + b"]" * 5000, b'{"a":' * 5000 + b"1" + b"}" * 5000])
def test_a_first_line_that_nests_too_deeply_costs_no_other_line(tmp_path: Path, deep: bytes) -> None:
    assert payloads(tmp_path, deep + b"\n" + GOOD + b"\n") == [deep, GOOD]


def test_a_document_that_nests_too_deeply_is_kept(tmp_path: Path) -> None:
    assert payloads(tmp_path, b"[" * 5000) == [b"[" * 5000]


def test_a_nul_character_in_a_message_does_not_make_a_log_binary(tmp_path: Path) -> None:
    assert payloads(tmp_path, GOOD + b"\nnul \0 inside\n" + GOOD) == [GOOD, b"nul \0 inside", GOOD]


def test_the_hole_that_copytruncate_leaves_is_skipped(tmp_path: Path) -> None:
    assert payloads(tmp_path, b"\0" * 4000 + GOOD + b"\n" + GOOD) == [GOOD, GOOD]


@pytest.mark.parametrize(
    "data", ["ready\n".encode("utf-16-le"), "ready\n".encode("utf-32"), b"\0" * 100, b"\x80\x81\0\xff" * 50]
)
def test_what_is_no_text_is_kept_as_binary(tmp_path: Path, data: bytes) -> None:
    assert payloads(tmp_path, data) == [data]


def test_lines_behind_a_huge_first_line_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("MAX_DOCUMENT_BYTES", "MAX_RECORD_BYTES"):
        monkeypatch.setattr(framing, limit, 2 << 20)
    huge = b'{"message":"' + b"x" * (5 << 20) + b'"}\n'

    found = payloads(tmp_path, huge + GOOD + b"\n")

    assert b"".join(found[:-1]) == huge
    assert found[-1] == GOOD


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_glob_passes_over_what_is_no_file(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.log").write_bytes(GOOD)
    if kind == "link":
        (tmp_path / "b.log").symlink_to(tmp_path / "gone")
    else:
        os.mkfifo(tmp_path / "b.log")

    assert discover_files(f"{tmp_path}/*.log") == [tmp_path / "a.log"]
    with pytest.raises(SourceNotFoundError):
        discover_files(tmp_path / "b.log")


def test_a_file_that_several_matches_hold_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "a.log").write_bytes(GOOD)

    assert discover_files(f"{tmp_path}/**") == [tmp_path / "day" / "a.log"]


def test_a_ledger_among_the_sources_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(GOOD)
    with Ledger.open(tmp_path / "ledger") as ledger:
        first, second = (ingest(ledger, [FileSource(tmp_path)]).read for _ in range(2))

    assert (first, second) == (1, 0)


def test_an_empty_location_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="empty"):
        discover_files("")
