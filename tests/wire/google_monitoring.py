"""FakeMonitoring: timeSeries.list of Cloud Monitoring over REST, raw and aligned, in pages, with faults.

An interval is open at its start and closed at its end. An answer without time series has no such list, as protocol
buffers write it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.wire.faults import Faults
from tests.wire.google_logging import nanoseconds
from tests.wire.google_rest import GoogleRestFake, told
from tests.wire.http_fake import Answer, Request

_NS = 1_000_000_000


class Point(NamedTuple):
    """One point; visible from a time on that may be later than its own."""

    at_ns: int
    value: float
    visible_ns: int = 0


class FakeMonitoring(GoogleRestFake):
    """Time series of one metric each, by metric type and container.

    Attributes:
        series: the points by metric type and container.
        errors: what `executionErrors` of the next answers say.
    """

    def __init__(
        self, faults: Faults | None = None, *, clock_ns: Callable[[], int], page_series: int = 2, **tls: Any
    ) -> None:
        super().__init__(faults, **tls)
        self.clock_ns, self.page_series = clock_ns, page_series
        self.series: dict[tuple[str, str], list[Point]] = {}
        self.errors: list[str] = []

    def answer(self, request: Request) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
        since, until = nanoseconds(asked["interval.startTime"]), nanoseconds(asked["interval.endTime"])
        found = [
            one
            for key in sorted(self.series)
            if key[0] in asked["filter"]
            for one in self._of(key, since, until, asked)
        ]
        at = int(asked.get("pageToken", "0").rstrip("'"))
        page, more = found[at : at + self.page_series], at + self.page_series < len(found)
        answer: dict[str, Any] = {"timeSeries": page, "unit": "1"} if page else {}
        if self.errors:
            answer["executionErrors"] = [{"code": 14, "message": self.errors[0]}]
        return told(answer | ({"nextPageToken": str(at + self.page_series)} if more else {}))

    def fault(self, kind: str, request: Request) -> Answer:
        if kind == "empty_page":
            asked = parse_qs(urlsplit(request.path).query)
            return told({"nextPageToken": asked.get("pageToken", ["0"])[0] + "'"})
        return super().fault(kind, request)

    def _of(self, key: tuple[str, str], since: int, until: int, asked: dict[str, str]) -> list[dict[str, Any]]:
        now = self.clock_ns()
        points = [p for p in self.series[key] if since < p.at_ns <= until and p.visible_ns <= now]
        if asked.get("aggregation.perSeriesAligner"):
            period = int(asked["aggregation.alignmentPeriod"].rstrip("s")) * _NS
            ends = range(until, since, -period)
            sums = [(end, sum(p.value for p in points if end - period < p.at_ns <= end)) for end in ends]
            written = [_point(end - period, end, total) for end, total in sums if total]
        else:
            written = [_point(p.at_ns, p.at_ns, p.value) for p in reversed(points)]
        if not written:
            return []
        resource = {"type": "k8s_container", "labels": {"project_id": "shop-prod", "container_name": key[1]}}
        described = {"metric": {"type": key[0], "labels": {"code": "200"}}, "resource": resource}
        return [{**described, "metricKind": "GAUGE", "valueType": "DOUBLE", "points": written}]


def _point(start_ns: int, end_ns: int, value: float) -> dict[str, Any]:
    return {"interval": {"startTime": written(start_ns), "endTime": written(end_ns)}, "value": {"doubleValue": value}}


def written(at_ns: int) -> str:
    """Return an instant as the API writes it."""
    return datetime.fromtimestamp(at_ns // _NS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
