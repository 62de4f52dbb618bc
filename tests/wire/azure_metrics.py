"""FakeMetrics: metrics:getBatch, for any number of resources with one value a minute each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.wire.azure_fake import AzureFake, refusal, told
from tests.wire.http_fake import Answer, Request
from tests.wire.log_analytics import nanoseconds, text_of

SUBSCRIPTION = "0b1f2c3d-1111-4222-8333-444455556666"
SITE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Web/sites"
MINUTE = 60_000_000_000


class FakeMetrics(AzureFake):
    """The metrics of a region.

    Attributes:
        mute: resources of which a metric cannot be told.
    """

    mute: frozenset[str] = frozenset()

    def served(self, request: Request) -> Answer:
        address = urlsplit(request.path)
        assert address.path == f"/subscriptions/{SUBSCRIPTION}/metrics:getBatch", address.path
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        resources = json.loads(request.body)["resourceids"]
        assert len(resources) <= 50
        return told({"values": [self._value(resource, asked) for resource in resources]})

    def fault(self, kind: str, request: Request) -> Answer:
        return told({"id": "x"}) if kind == "no_list" else refusal(kind)

    def _value(self, resource: str, asked: Mapping[str, str]) -> dict[str, Any]:
        since, until = nanoseconds(asked["starttime"]), nanoseconds(asked["endtime"])
        start = since - since % MINUTE
        data = [self._point(at, asked["aggregation"].split(",")) for at in range(start, until, MINUTE)]
        dimension = [{"name": {"value": "Instance"}, "value": "i-1"}] if "filter" in asked else []
        metrics: list[dict[str, Any]] = []
        for name in asked["metricnames"].split(","):
            metric: dict[str, Any] = {"name": {"value": name}, "unit": "Count", "errorCode": "Success"}
            if resource in self.mute:
                metrics.append({**metric, "errorCode": "InvalidSeries", "errorMessage": "no data", "timeseries": []})
            else:
                metrics.append({**metric, "timeseries": [{"metadatavalues": dimension, "data": data}]})
        return {"resourceid": resource, "resourceregion": "westeurope", "interval": "PT1M", "value": metrics}

    def _point(self, at_ns: int, statistics: list[str]) -> dict[str, Any]:
        """Return a point, which has no numbers until its minute is over."""
        known = at_ns + MINUTE <= self.clock_ns()
        return {"timeStamp": text_of(at_ns), **(dict.fromkeys(statistics, at_ns // MINUTE % 1000) if known else {})}
