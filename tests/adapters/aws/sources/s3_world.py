"""The world of a bucket for the contract: a trail's files of three days, plain logs, and one object of two versions."""

from __future__ import annotations

import gzip
import json
from typing import Any

from cloudledger.adapters.acquisition.object_cursor import decode_object_cursor
from cloudledger.adapters.aws.sources import S3Objects
from tests.adapters.aws.sources.aws_world import SHARES, AwsWorld, trail_event
from tests.wire.aws_s3 import FakeS3

BUCKET = "trail"
FOLDER = "AWSLogs/123456789012/CloudTrail/eu-west-1"


class S3World(AwsWorld):
    """Twenty-four files of ten events each, three of them in folders of earlier days."""

    shares, empty_page = {**SHARES, "empty_page": 0.05}, "empty_page"

    def __init__(self, *, files: int = 24) -> None:
        super().__init__()
        self.fake = FakeS3(self.faults, self.clock.now_ns)
        for number in range(files):
            self.put(f"2026/11/{20 - number % 3:02d}/{number:04d}_Zr.json.gz", range(number * 10, number * 10 + 10))

    def put(self, key: str, numbers: range) -> None:
        events = [trail_event(number) for number in numbers]
        self.fake.put(BUCKET, f"{FOLDER}/{key}", gzip.compress(json.dumps({"Records": events}).encode()))
        self.wanted.update(event["eventID"] for event in events)

    def source(self, *prefixes: str, **settings: Any) -> S3Objects:
        return S3Objects(
            BUCKET,
            *(prefixes or (f"{FOLDER}/%Y/%m/%d/",)),
            **{**self.place_of_source, "endpoint_url": self.fake.url, **settings},
        )

    def place(self, cursor: bytes | None) -> int:
        return len(decode_object_cursor(cursor, "").marks())

    def lose(self) -> bool:
        self.fake.broken = {f"{FOLDER}/2026/11/20/0003_Zr.json.gz": "denied"}
        return True

    def find_again(self) -> bool:
        self.fake.broken = {}
        return True
