"""KinesisStream: the records of a Kinesis data stream, as subscription filters of CloudWatch Logs deliver them.

Each shard is read on from its sequence number, and a shard that was split or merged before its children. Five requests
a second per shard; an iterator lives for five minutes, and is made anew. A stream that was not read for longer than its
retention has lost what was older: reconcile by a pull. See
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html. Needs `kinesis:ListShards`,
`kinesis:GetShardIterator` and `kinesis:GetRecords` on the stream, and `kms:Decrypt` where a key encrypts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import boto3
import numpy as np

from ....domain.errors import InvalidArgumentError
from ....domain.timestamps import to_instant_ns
from ...acquisition import (
    BreakerSettings,
    Check,
    Delivery,
    Failure,
    Page,
    PageTokens,
    RateLimit,
    RequestFailedError,
    Requests,
    RetrySettings,
    SourceIdentity,
    StreamSource,
    has,
)
from ...acquisition.window import Instant
from ...gzip_members import GZIP_MAGIC, unpacked
from ...records import Origin, Records
from ..cloudwatch_envelope import MAX_UNPACKED_BYTES
from .access import check_identity, check_right
from .cloudtrail_lookup import instant
from .connection import AwsConnection, AwsCredentials
from .reader import AwsReader
from .sqs_queue import place_of

RECORDS = 10_000
"""The most that an answer gives; it is 10 MB at most."""

ENDED = "ended"
"""The place of a shard that was split or merged, and is read wholly."""

IDLE_S = 1.0
"""Between two rounds over shards that had nothing. Chosen: a fifth of what a shard allows."""

RATE = RateLimit(per_s=5.0, burst=5)
"""Of one shard; give more for a stream of many."""


class ShardReader(AwsReader):
    """Reads the shards of one stream."""

    def __init__(self, connection: AwsConnection, name: str, stream: str, *, since_ns: int | None) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api=f"kinesis/{name}",
            cursor="sequence number of each shard",
            dedupe=("logEvents[].id", "else shard and sequence number"),
        )
        super().__init__(connection, identity)
        self._named = {"StreamARN": name} if name.startswith("arn:") else {"StreamName": name}
        self._since_ns = since_ns

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work, and may read a shard."""
        found: list[str] = []

        def look() -> None:
            found[:] = [shard["ShardId"] for shard in self._shards(requests)[:1]]

        checks = [check_identity(self.connection, requests), check_right("kinesis:ListShards", requests, look)]
        for shard in found:
            iterators: list[str] = []
            begin = partial(self._note_iterator, shard, requests, iterators)
            checks.append(check_right("kinesis:GetShardIterator", requests, begin))
            reads = [partial(self._get, iterator, limit=1) for iterator in iterators]
            checks += [check_right("kinesis:GetRecords", requests, read) for read in reads]
        return tuple(checks)

    def _note_iterator(self, shard: str, requests: Requests, iterators: list[str]) -> None:
        iterators.append(self._iterator(shard, "", requests))

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        """Yield what the shards hold, round by round; a round without anything ends what is there."""
        places, iterators = dict(positions), dict[str, str]()
        while True:
            idle = True
            for shard in readable(self._shards(requests), places):
                if shard not in iterators:
                    iterators[shard] = self._iterator(shard, places.get(shard, ""), requests)
                answer = self._records(shard, places, iterators, requests)
                delivery = self._delivery(shard, answer, requests)
                idle = idle and not delivery.positions and not answer.get("MillisBehindLatest")
                places.update(delivery.positions)
                yield delivery
            yield Delivery(caught_up=idle)
            if idle:
                requests.runtime.wait(IDLE_S)

    def _records(self, shard: str, places: Mapping[str, str], iterators: dict[str, str], requests: Requests) -> Any:
        """Return a shard's next records; an iterator that has expired is made anew from the last place."""
        try:
            answer = requests.call(lambda: self._get(iterators[shard]), whole=has("Records"))
        except RequestFailedError as error:
            if error.failure is not Failure.INVALID_TOKEN:
                raise
            requests.tally["iterators made anew"] += 1
            iterators[shard] = self._iterator(shard, places.get(shard, ""), requests)
            answer = requests.call(lambda: self._get(iterators[shard]), whole=has("Records"))
        iterators[shard] = answer.get("NextShardIterator") or ""
        return answer

    def _delivery(self, shard: str, answer: Mapping[str, Any], requests: Requests) -> Delivery:
        records = answer["Records"]
        place = {shard: records[-1]["SequenceNumber"]} if records else {}
        if not answer.get("NextShardIterator"):
            place = {shard: ENDED}
        return Delivery(self._page(shard, records, requests) if records else None, place)

    def _page(self, shard: str, records: Sequence[Mapping[str, Any]], requests: Requests) -> Page:
        """Return records, unpacked; one without an id of its own is named by its sequence number."""
        bodies = [_unpacked(one["Data"]) for one in records]
        places = np.array([place_of(one["SequenceNumber"]) for one in records], np.int64)
        origin = Origin(f"{self.identity.stream}/{shard}", self.place, requests.runtime.now_ns())
        return Page(Records.of(bodies, origin, places), sum(len(one["Data"]) for one in records))

    def _shards(self, requests: Requests) -> list[dict[str, Any]]:
        """Return all shards; a token stands alone, without the stream's name."""
        asked: dict[str, Any] = dict(self._named)
        found: list[dict[str, Any]] = []
        tokens = PageTokens()
        while True:
            answer = requests.call(partial(self._list, asked), whole=has("Shards"))
            found += answer["Shards"]
            token = tokens.following(answer.get("NextToken"))
            if not token:
                return found
            asked = {"NextToken": token}

    def _iterator(self, shard: str, place: str, requests: Requests) -> str:
        asked: dict[str, Any] = {**self._named, "ShardId": shard}
        if place:
            asked |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": place}
        elif self._since_ns is not None:
            asked |= {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": instant(self._since_ns)}
        else:
            asked["ShardIteratorType"] = "TRIM_HORIZON"
        answer = requests.call(
            lambda: self.connection.client("kinesis").get_shard_iterator(**asked), whole=has("ShardIterator")
        )
        return str(answer["ShardIterator"])

    def _list(self, asked: Mapping[str, Any]) -> Any:
        return self.connection.client("kinesis").list_shards(**asked)

    def _get(self, iterator: str, *, limit: int = RECORDS) -> Any:
        return self.connection.client("kinesis").get_records(ShardIterator=iterator, Limit=limit)


def readable(shards: Sequence[Mapping[str, Any]], places: Mapping[str, str]) -> list[str]:
    """Return the shards that may be read now: not read wholly, and no parent that is still listed is unread.

    >>> readable([{"ShardId": "a"}, {"ShardId": "b", "ParentShardId": "a"}], {})
    ['a']
    >>> readable([{"ShardId": "a"}, {"ShardId": "b", "ParentShardId": "a"}], {"a": ENDED})
    ['b']
    """
    unread = {shard["ShardId"] for shard in shards if places.get(shard["ShardId"]) != ENDED}
    parents = ("ParentShardId", "AdjacentParentShardId")
    return [
        shard["ShardId"]
        for shard in shards
        if shard["ShardId"] in unread and not any(shard.get(name) in unread for name in parents)
    ]


def _unpacked(data: bytes) -> bytes:
    """Return what a record holds; broken gzip stays as it is, to be kept as what cannot be read."""
    if not data.startswith(GZIP_MAGIC):
        return data
    try:
        return unpacked(data, MAX_UNPACKED_BYTES)
    except ValueError:
        return data


class KinesisStream(StreamSource):
    """The records of a Kinesis data stream, once each.

    Args:
        name: of the stream, or its ARN where it is another account's.
        account, region: where it is.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where a shard without a place begins; by default at its oldest record.
        stream: the stream to write; by default named by account, region and stream.
        endpoint_url: another address than the public one.
        retry, rate, circuit: see the settings.

    >>> KinesisStream("logs", account="123456789012", region="eu-west-1")
    KinesisStream(stream='aws/123456789012/eu-west-1/kinesis/logs')
    """

    def __init__(
        self,
        name: str,
        *,
        account: str,
        region: str,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        endpoint_url: str | None = None,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if not name:
            raise InvalidArgumentError("name is empty: give the name or ARN of a Kinesis data stream")
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        own = stream or f"aws/{account}/{region}/kinesis/{name.rpartition('/')[2]}"
        reader = ShardReader(connection, name, own, since_ns=None if since is None else to_instant_ns(since))
        super().__init__(reader, retry=retry, rate=rate, circuit=circuit)
