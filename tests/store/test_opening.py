"""Opening: what is no ledger, or is too new for this version, is refused with an error that says what to do."""

import zlib
from pathlib import Path

import pytest

from cloudledger.domain.errors import InvalidArgumentError, NewerFormatError, NotALedgerError
from cloudledger.store import Ledger
from tests.store.builders import STREAM, log_records
from tests.store.test_recovery import segment


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_missing_or_empty_directory_becomes_a_ledger(tmp_path: Path, how: str) -> None:
    location = tmp_path / "deep" / "ledger"
    if how == "empty":
        location.mkdir(parents=True)

    with Ledger.open(location) as ledger:
        assert (ledger.location, ledger.streams()) == (str(location), [])
    with Ledger.open(location, read_only=True) as again:
        assert again.identity == ledger.identity


def test_a_reader_creates_nothing(tmp_path: Path) -> None:
    for location in (tmp_path / "missing", tmp_path):
        with pytest.raises(NotALedgerError):
            Ledger.open(location, read_only=True)

    assert list(tmp_path.iterdir()) == []


def test_a_directory_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")

    with pytest.raises(NotALedgerError, match=r"photo\.jpg"):
        Ledger.open(tmp_path)


@pytest.mark.parametrize("below", ["", "/ledger"])
def test_a_file_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(NotALedgerError, match="file"):
        Ledger.open(f"{tmp_path}/file{below}")


@pytest.mark.parametrize("text", ["", "{}", '{"format":"x","version":1,"id":"","created_at":0}', "\0\1"])
def test_another_ledger_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ledger.json").write_text(text)

    with pytest.raises(NotALedgerError, match=r"ledger\.json"):
        Ledger.open(tmp_path)


@pytest.mark.parametrize(("url", "advice"), [("file:///var/ledger", "without file://"), ("ftp://host/x", "s3://")])
def test_an_url_of_no_object_store_is_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(InvalidArgumentError, match=advice):
        Ledger.open(url)


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    Ledger.open(tmp_path).close()
    path = tmp_path / "ledger.json"
    path.write_text(path.read_text().replace('"version":1', '"version":2'))

    with pytest.raises(NewerFormatError, match="upgrade"):
        Ledger.open(tmp_path)


def as_newer(path: Path, place: int, checked: slice, checksum: int) -> None:
    """Raise a version number in a file and make its checksum right."""
    data = bytearray(path.read_bytes())
    data[place] += 2
    data[checksum : checksum + 4] = zlib.crc32(data[checked]).to_bytes(4, "little")
    path.write_bytes(data)


def test_a_newer_segment_is_refused_and_not_changed(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, log_records(0, 3))
    path = segment(tmp_path)
    end = path.read_bytes().index(b"CLFRAME\n")
    as_newer(path, 10, slice(0, end - 4), end - 4)
    before = path.read_bytes()

    with Ledger.open(tmp_path) as ledger:
        with pytest.raises(NewerFormatError, match="version 3"):
            list(ledger.read())
        with pytest.raises(NewerFormatError):
            ledger.append(STREAM, log_records(3, 3))
    assert path.read_bytes() == before


def test_a_newer_frame_is_refused_and_not_cut(tmp_path: Path) -> None:
    """To an old reader it must not look like a torn tail."""
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, log_records(0, 3))
    path = segment(tmp_path)
    data = path.read_bytes()
    start = data.index(b"CLFRAME\n")
    length = int.from_bytes(data[start + 12 : start + 16], "little")
    as_newer(path, start + 8, slice(start, start + length - 4), start + length - 4)
    before = path.read_bytes()

    with Ledger.open(tmp_path) as ledger, pytest.raises(NewerFormatError):
        ledger.append(STREAM, log_records(3, 3))
    assert path.read_bytes() == before


def test_a_place_where_nothing_can_be_created_is_refused_with_the_reason() -> None:
    with pytest.raises(NotALedgerError, match="cannot be created"):
        Ledger.open("/proc/nowhere/ledger")
