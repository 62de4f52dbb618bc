"""Kinesis: subscription messages of shards, parents before children, iterators that expire."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import missing
from cloudledger.adapters.acquisition.stream_cursor import decode_stream_cursor
from cloudledger.adapters.aws.sources import KinesisStream
from cloudledger.domain import InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.aws.sources.aws_world import SHARES, AwsWorld, set_keys
from tests.wire.aws_kinesis import FakeKinesis


def message(numbers: range, kind: str = "DATA_MESSAGE") -> bytes:
    """Return a subscription message as it is delivered to Kinesis."""
    events = [
        {"id": f"{n:056d}", "timestamp": 1_795_172_400_000 + n, "message": f'{{"msg":"order {n}"}}'} for n in numbers
    ]
    fields = {"messageType": kind, "owner": "123456789012", "logGroup": "/ecs/pay", "logStream": "task-1"}
    return gzip.compress(json.dumps({**fields, "subscriptionFilters": ["all"], "logEvents": events}).encode())


class KinesisWorld(AwsWorld):
    """Three shards of forty messages, one of them split in two."""

    shares, empty_page = {**SHARES, "iterator_expired": 0.04, "empty_page": 0.05}, "empty_page"

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeKinesis(self.faults)
        for number, shard in enumerate(("shard-0", "shard-1", "shard-2")):
            self.fake.shards[shard] = [message(range(n, n + 2)) for n in range(number * 80, number * 80 + 80, 2)]
        self.fake.shards["shard-0"].insert(0, message(range(0), kind="CONTROL_MESSAGE"))
        self.fake.shards["shard-3"] = [message(range(500, 502))]
        self.fake.shards["shard-4"] = [message(range(600, 602))]
        self.fake.closed = {"shard-1"}
        self.fake.parents = {"shard-3": ("shard-1",), "shard-4": ("shard-1", "shard-gone")}
        for n in (*range(240), 500, 501, 600, 601):
            self.wanted[f'{{"msg":"order {n}"}}'] += 1

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["message"])

    def source(self, **settings: Any) -> KinesisStream:
        return KinesisStream("logs", **{**self.place_of_source, "endpoint_url": self.fake.url, **settings})

    def place(self, cursor: bytes | None) -> list[int]:
        positions = decode_stream_cursor(cursor, "").positions
        return [10**60 if (at := positions.get(name)) == "ended" else int(at or 0) for name in self.fake.shards]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[KinesisWorld]:
    set_keys(monkeypatch)
    world = KinesisWorld()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestKinesis(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[KinesisWorld]:
        set_keys(monkeypatch)
        world = KinesisWorld()
        with world.fake:
            yield world


def test_a_shard_is_read_after_its_parents(world: KinesisWorld, ledger: Ledger) -> None:
    world.poll(ledger)

    order = [one["ShardId"] for one in world.fake.asked("GetShardIterator")]
    assert order == ["shard-0", "shard-1", "shard-2", "shard-3", "shard-4"]
    assert decode_stream_cursor(ledger.cursor(world.source().stream), "").positions["shard-1"] == "ended"


def test_an_iterator_that_expired_is_made_anew_from_the_last_place(world: KinesisWorld, ledger: Ledger) -> None:
    world.faults.plan([*[""] * 7, "iterator_expired", "", "iterator_expired"])

    report = world.poll(ledger)

    assert report.activity["iterators made anew"] >= 1
    assert world.stored(ledger) == world.expected()


def test_an_iterator_that_may_not_be_used_ends_the_session(world: KinesisWorld, ledger: Ledger) -> None:
    world.faults.plan([*["", "", "", ""], "denied"])

    assert world.poll(ledger).problem.startswith("denied")


def test_records_that_are_no_messages_are_kept(world: KinesisWorld, ledger: Ledger) -> None:
    world.fake.shards = {"shard-0": [b'{"level":"info","msg":"own"}', b"plain words", b"\x1f\x8b broken"]}

    assert world.poll(ledger).read == 3


def test_a_shard_without_a_place_begins_where_it_is_told(world: KinesisWorld, ledger: Ledger) -> None:
    world.poll(ledger, world.source(since="2026-11-20T10:00:00Z"))

    asked = world.fake.asked("GetShardIterator")[0]
    assert (asked["ShardIteratorType"], asked["Timestamp"]) == ("AT_TIMESTAMP", 1_795_168_800)


def test_a_follower_waits_for_more(world: KinesisWorld, ledger: Ledger) -> None:
    source = world.source()
    source.run_in(world.clock.runtime(live=True))
    deliveries = source.reader.deliveries({}, source.requests())
    ends = 0
    for delivery in deliveries:
        ends += delivery.caught_up
        if ends == 3:
            break

    assert sum(wait > 0.5 for wait in world.clock.waits) >= 2


def test_a_stream_of_another_account_is_named_by_its_arn() -> None:
    arn = "arn:aws:kinesis:eu-west-1:210987654321:stream/logs"

    source = KinesisStream(arn, account="1", region="eu-west-1")

    assert source.stream == "aws/1/eu-west-1/kinesis/logs"
    assert source.reader._named == {"StreamARN": arn}  # type: ignore[attr-defined]
    with pytest.raises(InvalidArgumentError):
        KinesisStream("", account="1", region="eu-west-1")


def test_a_check_says_what_is_missing(world: KinesisWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert [check.name for check in source.check()][1:] == [
        "kinesis:ListShards",
        "kinesis:GetShardIterator",
        "kinesis:GetRecords",
    ]

    world.faults.plan(["", "", "", "denied"])
    assert [check.name for check in missing(source.check())] == ["kinesis:GetShardIterator"]
