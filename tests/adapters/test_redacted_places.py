"""Secrets where no key stands before them: columns of access logs, SQL statements, quoted values after a colon."""

from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, attributes_of, ingest
from cloudledger.domain import LogRecorded
from cloudledger.domain.redaction import Redactor
from cloudledger.store import Ledger

HEADER = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
HEADER += "cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type\n"
LINE = "2026-11-20\t10:00:00\tFRA2\t300\t192.0.2.7\tGET\td1.cloudfront.net\t/cart\t200\t-\tcurl\ta=b\t{}\tMiss\n"


@pytest.mark.parametrize("header", [HEADER, ""])
def test_a_cookie_in_a_column_of_an_access_log_is_not_stored(tmp_path: Path, header: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "E1.log").write_text(header + LINE.format("sid=s3cretvalue") + LINE.format("-"))

    with Ledger.open(tmp_path / "ledger") as ledger:
        report = ingest(ledger, [FileSource(tmp_path / "in")])
        events = [event for batch in ledger.read() for event in batch if isinstance(event, LogRecorded)]

    assert report.redacted == {"cookie": 1}
    assert len(events) == 2
    assert not any(b"s3cret" in event.payload for event in events)
    assert [attributes_of(event)["url.query"] for event in events] == ["a=b", "a=b"]


@pytest.mark.parametrize(
    "text",
    [
        b"CREATE USER app IDENTIFIED BY 's3cret word' REQUIRE SSL",
        b"CREATE USER app IDENTIFIED WITH mysql_native_password BY 's3cret'",
        b"1795170000000,db,app,'CREATE USER x IDENTIFIED BY ''s3cret'''",
        b"ALTER ROLE app WITH LOGIN ENCRYPTED PASSWORD 's3cret'",
        b"ALTER USER app WITH PASSWORD 's3cret'",
        b'{"statement":"alter user app identified by \\"s3cret\\""}',
        b'password: "s3cret word"',
        b"passphrase: 's3cret word'",
        b'{"cs(Cookie)":"sid=s3cret"}',
    ],
)
def test_a_password_in_a_statement_or_in_quotes_is_redacted(text: bytes) -> None:
    clean, counts = Redactor().redact(text)

    assert b"s3cret" not in clean
    assert b"word" not in clean.replace(b"PASSWORD", b"").replace(b"password", b"")
    assert sum(counts.values()) == 1


@pytest.mark.parametrize(
    "text",
    [
        b"Access denied for user 'app'@'10.0.0.1' (using password: YES)",
        b'{"msg":"enter password: ","user":"bob"}',
        b'{"msg":"wrong password ","a":"b"}',
        b"SyntaxError: Unexpected token: 'foo'",
        b"object identified by id 7",
    ],
)
def test_words_about_passwords_stay_as_they_are(text: bytes) -> None:
    assert Redactor().redact(text) == (text, {})
