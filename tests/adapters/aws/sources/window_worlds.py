"""Worlds of services that are asked by windows: a trail, activities of both scaling services, queried entries."""

from __future__ import annotations

import json
from typing import Any

from cloudledger.adapters.acquisition import WindowSettings
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.aws.sources import (
    ApplicationScalingActivities,
    AutoScalingActivities,
    CloudTrailLookup,
    CloudWatchInsights,
)
from tests.adapters.aws.sources.aws_world import SHARES, AwsWorld, trail_event
from tests.wire.aws_windows import NS, FakeCloudTrail, FakeInsights, FakeScaling, Row, TrailEvent


class WindowWorld(AwsWorld):
    """An hour before the clock's present."""

    shares, empty_page = {**SHARES, "empty_page": 0.05, "token_refused": 0.02}, "empty_page"

    def __init__(self) -> None:
        super().__init__()
        self.since_s = self.clock.now_ns() / NS - 3600

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    @property
    def told(self) -> dict[str, Any]:
        return {**self.place_of_source, "endpoint_url": self.fake.url, "since": int(self.since_s * NS)}

    fake: Any


class TrailWorld(WindowWorld):
    """Two hundred events."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeCloudTrail(self.faults, self.clock.now_ns)
        for number in range(200):
            self.add(number, self.since_s + number * 18)

    def add(self, number: int, at_s: float, *, late_s: float = 0.0) -> None:
        event = trail_event(number)
        self.fake.events.append(TrailEvent(at_s, event, at_s + late_s))
        self.wanted[event["eventID"]] += 1

    def source(self, **settings: Any) -> CloudTrailLookup:
        return CloudTrailLookup(**{**self.told, "windows": WindowSettings(window_s=1200, poll_s=60), **settings})


class GroupWorld(WindowWorld):
    """Ninety activities of groups, each a launch of two minutes; half of them run when they are first seen."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeScaling(self.faults, self.clock.now_ns)
        for number in range(90):
            self.add(number, self.since_s + number * 40)

    def add(self, number: int, start_s: float, *, lasts_s: float = 20.0, **changes: Any) -> None:
        activity = {
            "ActivityId": f"a-{number:04d}",
            "AutoScalingGroupName": f"web-{number % 3}-asg",
            "Description": f"Launching a new EC2 instance: i-{number:017x}",
            "Cause": "an instance was taken out of service in response to an EC2 health check.",
            "StartTime": start_s,
            "EndTime": start_s + lasts_s,
            "StatusCode": "Successful",
            "Progress": 100,
            "Details": '{"Availability Zone":"eu-west-1a"}',
            **changes,
        }
        self.fake.activities.append(activity)
        self.wanted[f"{activity['ActivityId']} succeeded"] += 1

    def key(self, event: Any) -> str:
        return f"{event.attempt_id} {event.outcome}"

    def source(self, *groups: str, **settings: Any) -> AutoScalingActivities:
        return AutoScalingActivities(*groups, **{**self.told, **settings})


class ServiceWorld(GroupWorld):
    """Activities of ECS services; every third was not scaled, since it was at its maximum already."""

    def add(self, number: int, start_s: float, *, lasts_s: float = 20.0, **changes: Any) -> None:
        activity = {
            "ActivityId": f"s-{number:04d}",
            "ServiceNamespace": "ecs",
            "ResourceId": "service/default/web",
            "ScalableDimension": "ecs:service:DesiredCount",
            "Description": "Setting desired count to 4.",
            "Cause": "monitor alarm web in state ALARM triggered policy web",
            "StartTime": start_s,
            "EndTime": start_s + lasts_s,
            "StatusCode": "Successful",
            **changes,
        }
        outcome = "succeeded"
        if number % 3 == 0:
            outcome = "not_scaled"
            reason = {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 4, "CurrentCapacity": 4}
            activity |= {"NotScaledReasons": [reason], "EndTime": start_s, "StatusCode": "Failed"}
        else:
            self.wanted[f"{activity['ActivityId']} "] += 1  # the decision
        self.fake.activities.append(activity)
        self.wanted[f"{activity['ActivityId']} {outcome}"] += 1

    def source(self, *namespaces: str, **settings: Any) -> ApplicationScalingActivities:  # type: ignore[override]
        return ApplicationScalingActivities(*(namespaces or ("ecs",)), **{**self.told, **settings})


class InsightsWorld(WindowWorld):
    """Three hundred entries of two groups; a query gives fifty."""

    shares, empty_page = SHARES, ""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeInsights(self.faults)
        for number in range(300):
            self.add(number, int(self.since_s * 1000) + number * 12_000 + number % 7)

    def add(self, number: int, at_ms: int) -> None:
        message = json.dumps({"level": "info", "msg": f"order {number}"})
        self.fake.rows.append(Row(at_ms, message, f"task-{number % 2}", f"/ecs/{'pay' if number % 5 else 'cart'}"))
        self.wanted[message] += 1

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["message"])

    def source(self, *groups: str, **settings: Any) -> CloudWatchInsights:
        windows = WindowSettings(window_s=900, align_s=1, poll_s=60)
        return CloudWatchInsights(
            *(groups or ("/ecs/pay", "/ecs/cart")), **{**self.told, "most_rows": 50, "windows": windows, **settings}
        )

    def lose(self) -> bool:
        self.fake.poison = self.fake.rows[100].message
        return True

    def find_again(self) -> bool:
        self.fake.poison = ""
        return True
