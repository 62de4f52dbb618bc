"""Fakes of services that are asked by windows of time: CloudTrail's LookupEvents, scaling activities, Insights.

Pages may be empty and still have a token; a refused token is one of the faults. Times are those of the test's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.wire.aws_api import JSON, AwsApi
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, Request

NS = 1_000_000_000


class PagedApi(AwsApi):
    """Answers in pages of a few entries; `lists` names the list and the token of each operation's answer."""

    page_entries = 20

    def __init__(self, faults: Faults | None) -> None:
        super().__init__(faults)
        self.lists: dict[str, tuple[str, str]] = {}

    def paged(self, operation: str, asked: dict[str, Any], found: Sequence[Any]) -> dict[str, Any]:
        """Return the page that is asked for."""
        name, token = self.lists[operation]
        start = int(str(asked.get(token, "0")).rstrip("'"))
        end = start + self.page_entries
        more = {token: str(end)} if end < len(found) else {}
        return {name: list(found[start:end]), **more}

    def fault(self, kind: str, request: Request) -> Answer:
        """Answer that something is wrong, or with an empty page, or one whose token leads to itself."""
        operation = self.operation(request)
        if kind not in ("empty_page", "stuck"):
            return super().fault(kind, request)
        if operation not in self.lists:
            return self.answer(request)
        name, token = self.lists[operation]
        following = f"{self._arguments(request).get(token, '0')}'" if kind == "empty_page" else "7"
        answer = {name: [], token: following}
        return (
            Answer(200, json.dumps(answer).encode(), JSON) if self._is_json(request) else self._xml(operation, answer)
        )


class TrailEvent(NamedTuple):
    """An event; visible from a time on that may be long after its own."""

    at_s: float
    record: dict[str, Any]
    visible_s: float = 0.0


class FakeCloudTrail(PagedApi):
    """LookupEvents: the newest first, both ends inclusive."""

    def __init__(self, faults: Faults | None, clock_ns: Callable[[], int]) -> None:
        super().__init__(faults)
        self.lists["LookupEvents"] = ("Events", "NextToken")
        self.events: list[TrailEvent] = []
        self.clock_ns = clock_ns
        self.operations["LookupEvents"] = self._lookup

    def _lookup(self, asked: dict[str, Any]) -> dict[str, Any]:
        now_s = self.clock_ns() / NS
        since, until = asked.get("StartTime", 0), asked.get("EndTime", now_s)
        found = [one for one in self.events if since <= int(one.at_s) <= until and one.visible_s <= now_s]
        items = [
            {"EventId": one.record["eventID"], "EventTime": one.at_s, "CloudTrailEvent": json.dumps(one.record)}
            for one in sorted(found, key=lambda one: -one.at_s)
        ]
        return self.paged("LookupEvents", asked, items)


class FakeScaling(PagedApi):
    """DescribeScalingActivities of both services, over dictionaries with times in seconds; the newest first."""

    namespace = "http://autoscaling.amazonaws.com/doc/2011-01-01/"

    def __init__(self, faults: Faults | None, clock_ns: Callable[[], int]) -> None:
        super().__init__(faults)
        self.lists["DescribeScalingActivities"] = ("Activities", "NextToken")
        self.activities: list[dict[str, Any]] = []
        self.clock_ns = clock_ns
        self.operations["DescribeScalingActivities"] = self._describe

    def fault(self, kind: str, request: Request) -> Answer:
        """Application Auto Scaling speaks JSON, and calls its list by another name."""
        self.lists = {"DescribeScalingActivities": (_list_name(self._is_json(request)), "NextToken")}
        return super().fault(kind, request)

    def _describe(self, asked: dict[str, Any]) -> dict[str, Any]:
        now_s = self.clock_ns() / NS
        begun = [one for one in self.activities if one["StartTime"] <= now_s]
        if is_json := "ServiceNamespace" in asked:
            begun = [one for one in begun if one["ServiceNamespace"] == asked["ServiceNamespace"]]
        else:
            lower = _seconds(asked.get("Filters.member.1.Values.member.1", "1970-01-01T00:00:00Z"))
            group = asked.get("AutoScalingGroupName")
            begun = [one for one in begun if one["StartTime"] >= lower]
            begun = [one for one in begun if group in (None, one["AutoScalingGroupName"])]
        shown = [_as_of(one, now_s) for one in sorted(begun, key=lambda one: -one["StartTime"])]
        self.lists = {"DescribeScalingActivities": (_list_name(is_json), "NextToken")}
        return self.paged("DescribeScalingActivities", asked, shown if is_json else list(map(_with_texts, shown)))


def _list_name(is_json: bool) -> str:
    return "ScalingActivities" if is_json else "Activities"


def _as_of(activity: dict[str, Any], now_s: float) -> dict[str, Any]:
    """Return an activity as it was seen at a time: in progress until it ends."""
    if activity["EndTime"] <= now_s:
        return activity
    return {name: value for name, value in activity.items() if name != "EndTime"} | {"StatusCode": "InProgress"}


def _with_texts(activity: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(value) if name.endswith("Time") else value for name, value in activity.items()}


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Row(NamedTuple):
    """An entry of a log group."""

    at_ms: int
    message: str
    stream: str = "task-1"
    group: str = "/ecs/pay"


class FakeInsights(AwsApi):
    """Queries that take some looks, and give so many rows at most.

    Attributes:
        rows: the entries.
        statuses: what the next looks say before a query is complete.
        poison: a message that makes every query with it time out.
    """

    def __init__(self, faults: Faults | None) -> None:
        super().__init__(faults)
        self.rows: list[Row] = []
        self.statuses: list[str] = []
        self.stopped: list[str] = []
        self.poison = ""
        self._queries: dict[str, dict[str, Any]] = {}
        self.operations |= {"StartQuery": self._start, "GetQueryResults": self._results, "StopQuery": self._stop}

    def _start(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._queries[f"q-{len(self._queries)}"] = asked
        return {"queryId": f"q-{len(self._queries) - 1}"}

    def _results(self, asked: dict[str, Any]) -> dict[str, Any]:
        query = self._queries[asked["queryId"]]
        span = range(query["startTime"] * 1000, query["endTime"] * 1000 + 1)
        found = sorted(row for row in self.rows if row.at_ms in span)
        shown = found[: query["limit"]]
        if self.statuses:
            return {"results": [_fields(row) for row in shown[:1]], "status": self.statuses.pop(0)}
        status = "Timeout" if any(row.message == self.poison for row in found) else "Complete"
        kept = [row for row in shown if row.message != self.poison]
        return {"results": [_fields(row) for row in kept], "status": status, "statistics": {"recordsMatched": 1.0}}

    def _stop(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.stopped.append(asked["queryId"])
        return {"success": True}


def _fields(row: Row) -> list[dict[str, str]]:
    at = datetime.fromtimestamp(row.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{row.at_ms % 1000:03d}"
    fields = {
        "@timestamp": at,
        "@ingestionTime": str(row.at_ms),
        "@log": f"123456789012:{row.group}",
        "@logStream": row.stream,
        "@message": row.message,
        "@ptr": f"ptr-{row.at_ms}",
    }
    return [{"field": name, "value": value} for name, value in fields.items()]
