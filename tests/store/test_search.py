"""Search gives what a scan of everything gives, in the order of time, and opens only the frames that can match."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.events import Event, Kind, LogRecorded, MetricRecorded
from cloudledger.store import Ledger
from cloudledger.store.segment_reader import SegmentReader
from tests.store.builders import SECOND_NS, START_NS, event_id, log_recorded, log_records

TRACES = ["0af7651916cd43dd8448eb211c80319c", "00000000000000001111111111111111", ""]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger of two streams, partly sealed, with times out of order."""
    pick = random.Random(5)
    with Ledger.open(tmp_path_factory.mktemp("searched")) as ledger:
        for part in range(24):
            ledger.append("ab"[part % 2], [an_event(pick, part * 20 + number) for number in range(20)])
            if part in (9, 16):
                ledger.seal()
        yield ledger


def an_event(pick: random.Random, number: int) -> Event:
    """Return a random event."""
    common = {
        "event_id": event_id(number),
        "occurred_at": START_NS + pick.randrange(400) * SECOND_NS,
        "service": pick.choice(["cart", "pay", "search"]),
        "resource": pick.choice(["arn:1", "arn:2", ""]),
        "severity": pick.choice([0, 9, 13, 17]),
        "trace_id": pick.choice(TRACES),
        "name": pick.choice(["Run", ""]),
    }
    if number % 7 == 0:
        return MetricRecorded(value=1.0, format="aws.metric", **common)  # type: ignore[arg-type]
    text = pick.choice([b"timeout at pay", b"tim", b"eout", b"fine"])
    return LogRecorded(payload=text, format="aws.ecs", **common)  # type: ignore[arg-type]


def brute_force(ledger: Ledger, **asked: object) -> list[str]:
    """Return the references that a scan of all events finds, in the order of time."""
    events = [event for batch in ledger.read() for event in batch]
    kinds = {"metric.recorded": MetricRecorded, "log.recorded": LogRecorded}

    def matches(event: Event) -> bool:
        return all(
            (
                event.occurred_at >= value  # type: ignore[operator]
                if name == "since"
                else event.occurred_at < value  # type: ignore[operator]
                if name == "until"
                else event.severity >= value  # type: ignore[operator]
                if name == "severity"
                else isinstance(event, kinds[str(value)])
                if name == "kind"
                else str(value).encode() in getattr(event, "payload", b"")
                if name == "text"
                else event.reference.startswith(f"{value}@")
                if name == "stream"
                else getattr(event, name) == value
            )
            for name, value in asked.items()
        )

    found = [event for event in events if matches(event)]
    found.sort(key=lambda e: (e.occurred_at, e.reference.split("@")[0], int(e.reference.split("@")[1])))
    return [event.reference for event in found]


QUESTIONS: list[dict[str, object]] = [
    {},
    {"service": "cart"},
    {"service": "nobody"},
    {"resource": "arn:1", "severity": 13},
    {"trace_id": TRACES[0]},
    {"trace_id": TRACES[1], "service": "pay"},
    {"trace_id": "f" * 32},
    {"severity": 17, "since": START_NS + 100 * SECOND_NS, "until": START_NS + 200 * SECOND_NS},
    {"kind": "metric.recorded"},
    {"kind": "log.recorded", "stream": "b"},
    {"format": "aws.ecs", "name": "Run"},
    {"text": "timeout"},
    {"text": "timeout", "service": "pay", "until": START_NS + 300 * SECOND_NS},
    {"text": "nowhere"},
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_search_gives_what_a_scan_gives(searched: Ledger, question: dict[str, object]) -> None:
    expected = brute_force(searched, **question)

    assert [e.reference for e in searched.search(**question, limit=None)] == expected  # type: ignore[arg-type]
    assert [e.reference for e in searched.search(**question, limit=7)] == expected[:7]  # type: ignore[arg-type]


def test_the_newest_come_first_when_asked_for(searched: Ledger) -> None:
    newest = [event.occurred_at for event in searched.search(service="cart", limit=20, order="newest")]
    times = [event.occurred_at for event in searched.search(service="cart", limit=None)]

    assert newest == sorted(times, reverse=True)[:20]


def test_several_kinds_can_be_asked_for(searched: Ledger) -> None:
    both = searched.search(kind=[Kind.LOG_RECORDED, "metric.recorded"], limit=None)

    assert len(list(both)) == len(list(searched.search(limit=None)))


@pytest.mark.parametrize(
    "wrong", [{"trace_id": "no hex"}, {"trace_id": "0" * 32}, {"kind": "log"}, {"order": "random"}, {"since": "soon"}]
)
def test_a_wrong_argument_is_refused(searched: Ledger, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidArgumentError):
        list(searched.search(**wrong))  # type: ignore[arg-type]


def test_a_text_is_found_within_one_record_only(ledger: Ledger) -> None:
    ledger.append(
        "a", [log_recorded(1, payload=b"ab"), log_recorded(2, payload=b"cd"), log_recorded(3, payload=b"bcbc")]
    )

    assert [event.reference for event in ledger.search(text=b"bc")] == ["a@3"]


@pytest.mark.parametrize("sealed", [False, True])
def test_only_frames_that_can_match_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool) -> None:
    with Ledger.open(tmp_path) as ledger:
        for part in range(50):
            service = "rare" if part == 31 else "usual"
            trace = TRACES[0] if part == 7 else TRACES[1]
            ledger.append("a", [log_recorded(part * 4 + n, service=service, trace_id=trace) for n in range(4)])
        if sealed:
            ledger.seal()
        assert len(list(ledger.search(service="rare"))) == 4
        opened: list[int] = []
        columns = SegmentReader.columns

        def watched(self: SegmentReader, numbers: list[int], names: list[str]) -> dict[str, object]:
            opened.extend(numbers)
            return columns(self, numbers, names)

        monkeypatch.setattr(SegmentReader, "columns", watched)
        for question in ({"service": "rare"}, {"trace_id": TRACES[0]}):
            list(ledger.search(**question))  # type: ignore[arg-type]
        list(ledger.search(since=START_NS + 100 * SECOND_NS, until=START_NS + 101 * SECOND_NS))
        ledger.event("a@150")

    assert {31, 7, 25, 37} <= set(opened)
    assert len(set(opened)) <= 6


def test_all_events_of_one_time_are_given_once(ledger: Ledger) -> None:
    for stream in ("b", "a"):
        ledger.append(stream, [log_recorded(number, occurred_at=START_NS) for number in range(30)])

    found = [event.reference for event in ledger.search(limit=None)]

    assert found == [f"{stream}@{position}" for stream in ("a", "b") for position in range(1, 31)]
    assert len(log_records(0, 30)) == 30
