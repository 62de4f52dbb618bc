"""Wrong arguments of the ledger are refused with what to give instead, never answered with nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.severity import Severity
from cloudledger.store import Ledger
from tests.store.builders import START_NS, log_recorded, log_records


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        (lambda ledger: ledger.read(since=START_NS + 1, until=START_NS), "pass the earlier time as since"),
        (lambda ledger: ledger.read("app", after="x"), "after='x' is no whole number: give 0 or more"),
        (lambda ledger: ledger.read("app", after={"app": "x"}), "give 0 or more"),
        (lambda ledger: ledger.read("app", batch_rows=0), "give 1 or more"),
        (lambda ledger: ledger.read("ap"), "unknown stream 'ap': known are app"),
        (lambda ledger: ledger.follow("app", after=-1), "give 0 or more"),
        (lambda ledger: ledger.follow("app", poll="x"), "give seconds"),
        (lambda ledger: ledger.search(since=START_NS + 1, until=START_NS), "pass the earlier time as since"),
        (lambda ledger: ledger.search(stream="ap"), "known are app"),
        (lambda ledger: ledger.search(severity="loud"), "give a level like 'error'"),
        (lambda ledger: ledger.search(severity=99), "give 0 to 24"),
        (lambda ledger: ledger.search(severity=1.5), "give 0 or more"),
        (lambda ledger: ledger.search(limit="x"), "give 0 or more"),
        (lambda ledger: ledger.search(kind=99), "unknown kind 99: known are log.recorded"),
        (lambda ledger: ledger.search(kind=["log.recorded", None]), "unknown kind None: known are"),
        (lambda ledger: ledger.search(service=5), "service=5 is of type int: give a text"),
        (lambda ledger: ledger.search(text=5), "give the text or the bytes"),
        (lambda ledger: ledger.search(trace_id=5), "give its hexadecimal digits"),
        (lambda ledger: ledger.search(after=5), "give a page's `resume`"),
        (lambda ledger: ledger.event(3), "give 'stream@position' or an event id"),
        (lambda ledger: ledger.cursor(5), "give its name"),
        (lambda ledger: ledger.append("x", ["a"]), "event='a' is of type str: give objects like LogRecorded"),
        (lambda ledger: ledger.append("x", None), "give a batch, or a list of events"),
        (lambda ledger: ledger.append("x", log_recorded()), "give a batch, or a list of events"),
        (lambda ledger: ledger.append("app", [], cursor="x"), "give the source's cursor as bytes"),
        (lambda ledger: ledger.retain(), "give older_than or max_bytes"),
        (lambda ledger: ledger.retain(max_bytes=-5), "give 0 or more"),
        (lambda ledger: ledger.seal("ap"), "known are app"),
        (lambda ledger: ledger.compact("ap"), "known are app"),
        (lambda _: Ledger.open(None), "give a directory or the URL"),  # type: ignore[arg-type] # wrong on purpose
    ],
)
def test_a_wrong_argument_is_refused_with_advice(
    ledger: Ledger, question: Callable[[Any], object], advice: str
) -> None:
    ledger.append("app", log_records(0, 1))

    with pytest.raises(InvalidArgumentError, match=advice):
        question(ledger)
    assert ledger.streams() == ["app"]


def test_a_severity_may_be_given_by_its_name(ledger: Ledger) -> None:
    ledger.append("app", [log_recorded(n, severity=level) for n, level in enumerate((Severity.INFO, Severity.ERROR))])

    assert [e.severity for e in ledger.search(severity="ERROR")] == [Severity.ERROR]
    assert len(list(ledger.search(severity="info"))) == 2


def test_a_ledger_without_streams_misses_none(ledger: Ledger) -> None:
    assert not list(ledger.read("app"))
    assert not list(ledger.search(stream="app"))
