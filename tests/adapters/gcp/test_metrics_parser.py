"""Time series of Cloud Monitoring become one event per point, of whatever type their values are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudledger.adapters import Origin, Registry
from cloudledger.adapters.records import Records
from cloudledger.domain import Event, MetricRecorded
from tests.adapters.parsed import batch_of_records

INTERVAL = {"startTime": "2026-11-20T12:00:00Z", "endTime": "2026-11-20T12:01:00Z"}


def series(value: dict[str, Any], **fields: Any) -> dict[str, Any]:
    told = {
        "metric": {"type": "run.googleapis.com/request_count", "labels": {"response_code": "200"}},
        "resource": {
            "type": "gce_instance",
            "labels": {"project_id": "shop", "zone": "us-east1-b", "instance_id": "7"},
        },
        "metricKind": "DELTA",
        "valueType": "INT64",
        "points": [{"interval": INTERVAL, "value": value}],
    }
    return told | fields


def events(*told: Any, **context: Any) -> list[Event]:
    return list(batch_of_records(*[json.dumps(one) for one in told], context=context))


def metrics(*told: Any, **context: Any) -> list[MetricRecorded]:
    return [event for event in events(*told, **context) if isinstance(event, MetricRecorded)]


@pytest.mark.parametrize(
    ("value", "number"), [({"int64Value": "7"}, 7.0), ({"doubleValue": 0.5}, 0.5), ({"boolValue": True}, 1.0)]
)
def test_a_point_of_a_number_is_one_event(value: dict[str, Any], number: float) -> None:
    [event] = metrics(series(value, unit="1"))

    assert (event.value, event.statistic, event.period_s, event.unit) == (number, "delta", 60, "1")
    assert (event.account, event.region, event.service) == ("shop", "us-east1", "gce_instance")
    assert event.dimensions["response_code"] == "200"


def test_a_distribution_gives_its_mean_and_its_count() -> None:
    found = metrics(series({"distributionValue": {"count": "4", "mean": 0.25}}, valueType="DISTRIBUTION"))

    assert [(one.statistic, one.value) for one in found] == [("mean", 0.25), ("count", 4.0)]
    assert len({one.event_id for one in found}) == 2


def test_an_answer_of_the_api_is_taken_apart_and_one_bad_series_leaves_the_others() -> None:
    good, bad = series({"int64Value": "1"}), series({})
    found = events({"timeSeries": [good, bad], "unit": "1"})

    assert [type(one).__name__ for one in found] == ["MetricRecorded", "RecordRejected"]


def test_the_same_point_has_one_id_and_an_aligned_one_another() -> None:
    [first], [again] = metrics(series({"int64Value": "1"})), metrics(series({"int64Value": "1"}, extra=1))
    [aligned] = metrics(series({"int64Value": "1"}), aligner="ALIGN_MEAN")

    assert first.event_id == again.event_id
    assert aligned.event_id != first.event_id
    assert aligned.statistic == "mean"


def test_a_gauge_without_a_start_has_no_period() -> None:
    told = series(
        {"doubleValue": 1.5}, points=[{"interval": {"endTime": INTERVAL["endTime"]}, "value": {"doubleValue": 1}}]
    )
    [event] = metrics(
        {**told, "resource": {"type": "global"}, "metric": {"type": "custom.googleapis.com/x", "labels": 1}}
    )

    assert (event.period_s, event.dimensions, event.service) == (0, {}, "global")


@pytest.mark.parametrize(
    "told",
    [
        series({"stringValue": "x"}, valueType="STRING"),
        series({}),
        series({"int64Value": "1"}, points=[{"interval": {"endTime": "soon"}, "value": {"int64Value": "1"}}]),
    ],
)
def test_a_series_without_numbers_or_times_is_kept_as_it_is(told: dict[str, Any]) -> None:
    [event] = events(told)

    assert not isinstance(event, MetricRecorded)


def test_its_attributes_are_named_by_the_provider() -> None:
    parser = Registry().parser("gcp.monitoring")
    assert parser is not None
    assert parser.attributes(b'{"metricKind":"GAUGE"}', {}) == {"gcp.monitoring.metricKind": "GAUGE"}
    assert parser.attributes(b"[]", {}) == {}
    with pytest.raises(ValueError, match="no time series"):
        parser.parse(Records.of([b'{"metric":1}'], Origin("x")))
