"""The world of a queue that tells of objects, in all shapes of notifications."""

from __future__ import annotations

import gzip
import json
from typing import Any

from cloudledger.adapters.aws.sources import S3Notifications
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import MOST_POLLS
from tests.adapters.aws.sources.aws_world import AwsWorld, trail_event
from tests.wire.aws_s3 import Stored
from tests.wire.aws_sqs import QUEUE, FakeQueue, bridged, by_sns, s3_record

BUCKET = "trail"


class QueueWorld(AwsWorld):
    """Sixteen files of five events, told of one by one."""

    def __init__(self, *, files: int = 16) -> None:
        super().__init__()
        self.fake = FakeQueue(self.faults, self.clock.now_ns)
        self.fake.send({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET})
        for number in range(files):
            key = f"AWSLogs/a b+{number}.json.gz"
            stored = self.put(key, range(number * 5, number * 5 + 5))
            own = {"Records": [s3_record(BUCKET, key, stored)]}
            shapes = [own, bridged(BUCKET, key, stored), by_sns(own), by_sns(bridged(BUCKET, key, stored))]
            self.fake.send(shapes[number % 4])

    def put(self, key: str, numbers: range) -> Stored:
        events = [trail_event(number) for number in numbers]
        self.wanted.update(event["eventID"] for event in events)
        return self.fake.put(BUCKET, key, gzip.compress(json.dumps({"Records": events}).encode()))

    def source(self, **settings: Any) -> S3Notifications:
        return S3Notifications(QUEUE, **{**self.place_of_source, "endpoint_url": self.fake.url, **settings})

    def place(self, cursor: bytes | None) -> int:
        return 0

    def poll_until_calm(self, ledger: Ledger) -> list[Any]:
        """Read until the queue is empty: what was taken and not deleted comes again after its timeout."""
        reports = []
        for _ in range(MOST_POLLS):
            reports.append(self.poll(ledger))
            if not self.fake.messages and not reports[-1].problem:
                return reports
        raise AssertionError(f"never calm: {reports[-1]}")

    def lose(self) -> bool:
        self.fake.broken = {"AWSLogs/a b+7.json.gz": "denied"}
        return True

    def find_again(self) -> bool:
        self.fake.broken = {}
        return True
