"""Objects that a queue tells of: shapes of messages, objects that are missing or gone, timeouts that are renewed."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import Requests, missing, open_gaps
from cloudledger.adapters.aws.sources import SqsMessages
from cloudledger.adapters.aws.sources.s3_notices import notices_of
from cloudledger.adapters.aws.sources.visibility import Visibility
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.aws.sources.aws_world import set_keys, trail_event
from tests.adapters.aws.sources.queue_world import BUCKET, QueueWorld
from tests.wire.aws_sqs import QUEUE, bridged, by_sns, s3_record


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[QueueWorld]:
    set_keys(monkeypatch)
    world = QueueWorld(files=4)
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestS3Notifications(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[QueueWorld]:
        set_keys(monkeypatch)
        world = QueueWorld()
        with world.fake:
            yield world


def states(ledger: Ledger) -> list[str]:
    return [event.state for event in ledger.search(kind=Kind.SOURCE_OBSERVED, limit=None)]  # type: ignore[attr-defined]


def test_all_shapes_of_a_message_are_read_and_deleted(world: QueueWorld, ledger: Ledger) -> None:
    world.poll(ledger)

    assert world.stored(ledger) == world.expected()
    assert world.fake.messages == []


def test_a_message_is_deleted_only_after_the_commit(world: QueueWorld, ledger: Ledger) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())

    list(source.chunks(None))

    assert len(world.fake.messages) == 4  # all but the test, of which nothing is committed


def test_a_message_of_several_objects_is_deleted_when_all_are_read(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.clear()
    records = []
    for number in (50, 51, 52):
        stored = world.put(f"{number}.json.gz", range(number * 100, number * 100 + 3))
        records.append(s3_record(BUCKET, f"{number}.json.gz", stored))
    world.fake.send({"Records": records})
    world.fake.broken = {"51.json.gz": "denied"}

    world.poll(ledger)
    assert (len(world.fake.messages), len(open_gaps(ledger))) == (1, 1)
    world.clock.forward(300)
    world.poll(ledger)
    assert states(ledger) == ["gap"]
    world.clock.forward(300)
    world.fake.broken = {}
    world.poll(ledger)

    assert (world.fake.messages, open_gaps(ledger)) == ([], ())
    assert states(ledger) == ["gap", "gap_healed"]


@pytest.mark.parametrize("gone", ["deleted", "replaced"])
def test_an_object_that_is_gone_is_a_gap_for_good(world: QueueWorld, ledger: Ledger, gone: str) -> None:
    key = "AWSLogs/a b+1.json.gz"
    if gone == "deleted":
        del world.fake.buckets[BUCKET][key]
    else:
        world.fake.put(BUCKET, key, gzip.compress(b"{}"))

    world.poll(ledger)

    assert [gap.resource for gap in open_gaps(ledger)] == [f"s3://{BUCKET}/{key}"]
    assert world.fake.messages == []


def test_the_version_that_a_message_names_is_read(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.clear()
    stored = world.put("v.json.gz", range(700, 703))
    world.fake.put(BUCKET, "v.json.gz", gzip.compress(b"{}"))
    world.fake.send({"Records": [s3_record(BUCKET, "v.json.gz", stored, object={"versionId": "v1"})]})

    world.poll(ledger)

    assert sum(world.stored(ledger).values()) == 3


def test_a_notification_without_size_or_etag_is_completed(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.clear()
    stored = world.put("x.json.gz", range(700, 703))
    record = s3_record(BUCKET, "x.json.gz", stored)
    record["s3"]["object"] = {"key": "x.json.gz"}
    world.fake.send({"Records": [record]})

    assert world.poll(ledger).appended == 3


def test_a_damaged_object_gives_what_can_be_read_and_says_so(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.clear()
    stored = world.fake.put(BUCKET, "bad.gz", gzip.compress(b"one line\nanother\n" * 5000)[:-20])
    world.fake.send({"Records": [s3_record(BUCKET, "bad.gz", stored)]})

    report = world.poll(ledger)

    assert report.rejected
    assert world.fake.messages == []


def test_other_messages_are_records_themselves(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.clear()
    world.fake.send(json.dumps(trail_event(9)))
    world.fake.send("plain words")
    world.fake.send({"Records": [{"eventSource": "aws:s3", "s3": 7}]})

    report = world.poll(ledger)

    assert (report.read, world.fake.messages) == (3, [])


def test_what_speaks_of_no_new_object_is_deleted_at_once(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.clear()
    stored = world.put("r.json.gz", range(1))
    world.fake.send({"Records": [s3_record(BUCKET, "r.json.gz", stored, eventName="ObjectRemoved:Delete")]})
    world.fake.send(bridged(BUCKET, "r.json.gz", stored, "Object Deleted"))

    assert (world.poll(ledger).read, world.fake.messages) == (0, [])


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[1]",
        '{"Records":[]}',
        '{"Records":[7]}',
        '{"source":"aws.s3","detail":{"bucket":7}}',
        json.dumps(by_sns(by_sns(by_sns(by_sns({"Event": "s3:TestEvent"}))))),
    ],
)
def test_what_is_no_notification_is_told_as_such(body: str) -> None:
    assert notices_of(body) is None


def test_a_throttled_read_ends_the_session_and_the_message_comes_again(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.pop(0)
    world.faults.plan(["", *["unavailable"] * 6])

    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()
    assert open_gaps(ledger) == ()


def test_messages_of_a_queue_are_records(world: QueueWorld, ledger: Ledger) -> None:
    world.fake.messages.clear()
    notice = {
        **{"version": "0", "id": "12345678-1234-1234-1234-123456789012", "source": "aws.autoscaling"},
        "detail-type": "EC2 Instance Launch Successful",
        **{"account": "123456789012", "time": "2026-11-20T11:00:00Z", "region": "eu-west-1", "resources": []},
        "detail": {
            "ActivityId": "a-1",
            "AutoScalingGroupName": "web-asg",
            "StartTime": "2026-11-20T10:59:00Z",
            "EndTime": "2026-11-20T11:00:00Z",
            "Description": "Launching a new EC2 instance: i-0123456789abcdef0",
        },
    }
    for _ in range(2):  # delivered twice
        world.fake.send(notice)
    source = SqsMessages(QUEUE, **world.place_of_source, endpoint_url=world.fake.url)

    world.poll(ledger, source)

    [scaled] = ledger.search(kind=Kind.SCALING_RECORDED)
    assert (scaled.service, scaled.account) == ("web", "123456789012")
    assert world.fake.messages == []


def test_a_follower_goes_on_when_a_queue_is_empty(world: QueueWorld, ledger: Ledger) -> None:
    source = world.source()
    runtime = world.clock.runtime(live=True)
    source.run_in(runtime)
    chunks = source.chunks(None)

    found = sum(len(next(chunks).records) for _ in range(4))
    world.fake.messages.clear()
    calls = len(world.fake.requests)
    deliveries = source.reader.deliveries({}, source.requests())
    assert [next(deliveries).caught_up for _ in range(4)] == [False] * 4
    deliveries.close()  # type: ignore[attr-defined]

    assert found == 4
    assert len(world.fake.requests) == calls + 4


def test_timeouts_are_renewed_while_an_object_is_read(world: QueueWorld) -> None:
    source = world.source(visibility_s=1)
    source.run_in(world.clock.runtime())
    requests: Requests = source.requests()
    deliveries = source.reader.deliveries({}, requests)
    next(deliveries)

    wait_for(lambda: "receipt of m-2" in world.fake.extended)
    deliveries.close()  # type: ignore[attr-defined]

    assert requests.tally["timeouts renewed"] >= 4


def test_a_renewal_that_fails_is_counted(world: QueueWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    requests = source.requests()
    world.faults.plan(["denied"])

    source.reader._extend(requests, ["a", "b"])  # type: ignore[attr-defined]

    assert requests.tally["timeouts not renewed"] == 2


def test_what_is_dropped_is_not_renewed() -> None:
    seen: list[list[str]] = []
    visibility = Visibility(seen.append, timeout_s=0.06)
    visibility.hold(["a", "b"])
    wait_for(lambda: seen)
    visibility.drop(["a"])
    wait_for(lambda: seen[-1] == ["b"])
    visibility.drop(["b"])
    time.sleep(0.1)
    visibility.close()

    assert ["a", "b"] in seen


def wait_for(condition: Any) -> None:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < 10, "it never came"
        time.sleep(0.01)


def test_a_check_says_what_is_missing(world: QueueWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert missing(source.check()) == ()

    world.faults.plan(["", "denied"])
    assert [check.name for check in missing(source.check())] == ["sqs:ReceiveMessage"]


def test_a_queue_must_be_named() -> None:
    with pytest.raises(InvalidArgumentError):
        SqsMessages("trail", account="1", region="eu-west-1")
