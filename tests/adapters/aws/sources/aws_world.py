"""What the worlds of AWS's sources have in common: clock, faults, keys by reference, entries with ids of their own."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from cloudledger.adapters.aws.sources import AwsCredentials
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.wire.faults import Faults

REGION = "eu-west-1"
CREDENTIALS = AwsCredentials(access_key_id="env:TEST_AWS_KEY", secret_access_key="env:TEST_AWS_SECRET")

SHARES = {
    "throttled": 0.06,
    "slow_down": 0.03,
    "unavailable": 0.05,
    "internal": 0.02,
    "reset": 0.04,
    "truncated": 0.05,
    "empty200": 0.03,
    "html200": 0.02,
    "expired": 0.01,
}


def set_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the keys where the references of `CREDENTIALS` point to."""
    monkeypatch.setenv("TEST_AWS_KEY", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("TEST_AWS_SECRET", "not-a-secret-at-all")


def trail_event(number: int, time: str = "2026-11-20T11:30:00Z") -> dict[str, Any]:
    """Return an event of CloudTrail, named by its `eventID`."""
    return {
        "eventVersion": "1.08",
        "eventTime": time,
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "awsRegion": REGION,
        "eventID": f"{number:08d}-0000-4000-8000-000000000000",
        "recipientAccountId": "123456789012",
        "userIdentity": {"type": "AWSService", "accountId": "123456789012"},
    }


class AwsWorld(World):
    """A service; its entries are told apart by a key of theirs."""

    shares = SHARES

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=3)
        self.wanted: Counter[str] = Counter()

    def expected(self) -> Counter[str]:
        return Counter(self.wanted)

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["eventID"])

    @property
    def place_of_source(self) -> dict[str, Any]:
        """Return what all sources of a world are told."""
        return {"account": "123456789012", "region": REGION, "credentials": CREDENTIALS}
