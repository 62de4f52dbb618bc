"""FakeKinesis: shards with parents and children, iterators that expire, answers of a few records."""

from __future__ import annotations

import base64
import itertools
from typing import Any

from tests.wire.aws_api import ERRORS, AwsApi
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, Request


class FakeKinesis(AwsApi):
    """A stream; `closed` shards end behind their last record."""

    page_records, page_shards = 15, 2

    def __init__(self, faults: Faults | None) -> None:
        super().__init__(faults)
        self.shards: dict[str, list[bytes]] = {}
        self.parents: dict[str, tuple[str, ...]] = {}
        self.closed: set[str] = set()
        self.first = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898
        self._iterators: dict[str, tuple[str, int]] = {}
        self._numbers = itertools.count()
        self.operations |= {
            "ListShards": self._list,
            "GetShardIterator": self._iterator,
            "GetRecords": self._records,
        }

    def fault(self, kind: str, request: Request) -> Answer:
        """An iterator expires, an answer is empty though more follows; else as any service."""
        if kind == "iterator_expired":
            code = "ExpiredIteratorException" if self.operation(request) == "GetRecords" else "InternalFailure"
            return self.error(request, 400 if code.startswith("E") else 500, code, kind)
        if kind == "empty_page":
            if self.operation(request) == "GetRecords":
                return self._empty(request)
            return self.answer(request)
        return super().fault(kind if kind in ERRORS else "internal", request)

    def _empty(self, request: Request) -> Answer:
        asked = self._arguments(request)
        shard, at = self._iterators[asked["ShardIterator"]]
        empty = {"Records": [], "NextShardIterator": self._made(shard, at), "MillisBehindLatest": 5}
        self.operations["Empty"] = lambda _: empty
        return super().answer(request._replace(headers={"X-Amz-Target": "Kinesis.Empty"}))

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        start = int(asked.get("NextToken", "0"))
        names = list(self.shards)
        listed = []
        for name in names[start : start + self.page_shards]:
            keys = zip(("ParentShardId", "AdjacentParentShardId"), self.parents.get(name, ()), strict=False)
            listed.append({"ShardId": name, **dict(keys)})
        more = {"NextToken": str(start + self.page_shards)} if start + self.page_shards < len(names) else {}
        return {"Shards": listed, **more}

    def _iterator(self, asked: dict[str, Any]) -> dict[str, Any]:
        after = asked.get("StartingSequenceNumber")
        at = int(after) - self.first + 1 if after else 0
        return {"ShardIterator": self._made(asked["ShardId"], at)}

    def _made(self, shard: str, at: int) -> str:
        name = f"iterator-{next(self._numbers)}"
        self._iterators[name] = shard, at
        return name

    def _records(self, asked: dict[str, Any]) -> dict[str, Any]:
        shard, at = self._iterators[asked["ShardIterator"]]
        held = self.shards[shard]
        end = min(len(held), at + min(self.page_records, asked["Limit"]))
        records = [
            {
                "SequenceNumber": str(self.first + number),
                "Data": base64.b64encode(held[number]).decode(),
                "PartitionKey": "p",
                "ApproximateArrivalTimestamp": 1_795_176_000.0,
            }
            for number in range(at, end)
        ]
        ended = shard in self.closed and end == len(held)
        more = {} if ended else {"NextShardIterator": self._made(shard, end)}
        return {"Records": records, "MillisBehindLatest": 0 if end == len(held) else 1000, **more}
