"""Platform metrics in all the forms in which they are exported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudledger.adapters import Origin, Pipeline, Records
from cloudledger.adapters.azure.metrics_parser import MetricsParser
from cloudledger.domain import Kind

SITE = "/SUBSCRIPTIONS/0B1F/RESOURCEGROUPS/SHOP/PROVIDERS/MICROSOFT.WEB/SITES/PAY"
RECORD = {"time": "2026-11-20T12:00:00Z", "resourceId": SITE, "metricName": "Requests", "timeGrain": "PT1M"}
ROW = {
    "TimeGenerated": "2026-11-20T12:00:00Z",
    "ResourceId": SITE,
    "MetricName": "Requests",
    "TimeGrain": "PT1M",
    "UnitName": "Count",
    "Total": 7,
    "Type": "AzureMetrics",
    "_ItemId": "1",
}


def parsed(*records: Any) -> Any:
    [batch] = Pipeline().parse(Records.of([json.dumps(one).encode() for one in records], Origin("PT1H.json")))
    return batch


def test_a_record_and_a_row_of_the_table_give_the_same_event() -> None:
    first, second = parsed({**RECORD, "total": 7}, ROW)

    assert (first.event_id, first.resource, first.account) == (second.event_id, second.resource, second.account)
    assert (second.unit, second.value, second.service, second.account) == ("Count", 7.0, "pay", "0b1f")


def test_each_statistic_is_an_event() -> None:
    batch = parsed({"records": [{**RECORD, "total": 7, "count": 2, "average": 3.5, "minimum": 1, "maximum": 6}]})

    assert {(event.statistic, event.value) for event in batch} == {
        ("total", 7.0),
        ("count", 2.0),
        ("average", 3.5),
        ("minimum", 1.0),
        ("maximum", 6.0),
    }


@pytest.mark.parametrize("change", [{"time": None}, {"time": "soon"}])
def test_a_metric_without_a_time_is_kept(change: dict[str, Any]) -> None:
    [batch] = Pipeline().parse(Records.of([json.dumps({**RECORD, "total": 7, **change}).encode()], Origin("a")))

    assert len(batch) == 1
    assert Kind(int(batch.kind[0])) in (Kind.RECORD_REJECTED, Kind.LOG_RECORDED)


def test_what_is_no_metric_among_metrics_goes_elsewhere() -> None:
    batches = Pipeline().parse(Records.of([json.dumps({**RECORD, "total": 7}).encode(), b'{"msg":"x"}'], Origin("a")))

    assert sorted(event.format for batch in batches for event in batch) == ["app.json", "azure.metrics"]


def test_fields_stay_readable() -> None:
    found = MetricsParser().attributes(json.dumps({**RECORD, "total": 7}).encode(), {})

    assert found["azure.metrics.total"] == 7
    assert MetricsParser().attributes(b"[]", {}) == {}
