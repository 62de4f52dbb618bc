"""Azure autoscale records become decisions, attempts, limits, configurations and metric samples."""

from typing import Any

import msgspec
import pytest

from cloudledger.adapters.azure.autoscale_parser import AutoscaleParser
from cloudledger.domain.events import MetricRecorded
from tests.adapters.scaling_records import events_of, needs_samples, recognised, sample, scaling_of

PARSER = AutoscaleParser()
TARGET = "/subscriptions/D45C/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachineScaleSets/Cart-VMSS"


def record(
    operation: str, *, key: str = "property", category: str = "AutoscaleEvaluations", **told: Any
) -> dict[str, Any]:
    return {
        "time": "2026-11-20 10:00:00.6132593",
        "resourceId": "/SUBSCRIPTIONS/D45C/PROVIDERS/MICROSOFT.INSIGHTS/AUTOSCALESETTINGS/CART",
        "operationName": operation,
        "category": category,
        "correlationId": "c-1",
        key: {"targetResourceId": TARGET, **told},
    }


@pytest.mark.parametrize("key", ["property", "properties"])
def test_the_nested_fields_are_found_under_both_names(key: str) -> None:
    (config,) = scaling_of(
        PARSER, record("InstanceCountEvaluation", key=key, currentInstanceCount=20, maximumInstanceCount=30)
    )

    assert (config.phase, config.new_size, config.max_size) == ("config", 20, 30)


def test_a_time_without_a_zone_is_utc_and_ids_are_lower_case() -> None:
    (config,) = scaling_of(PARSER, record("InstanceCountEvaluation", currentInstanceCount=2))

    assert config.occurred_at == 1_795_168_800_613_259_300
    assert (config.resource, config.account, config.service) == (TARGET.lower(), "d45c", "cart")


def test_a_row_of_the_table_gives_what_the_raw_record_gives() -> None:
    raw = record("InstanceUpdateEvaluation", currentInstanceCount=2, newInstanceCount=4, shouldUpdateInstance=True)
    row = {
        "TimeGenerated": raw["time"],
        "Type": "AutoscaleEvaluationsLog",
        "OperationName": "InstanceUpdateEvaluation",
        "CorrelationId": "c-1",
        "TargetResourceId": TARGET,
        "CurrentInstanceCount": 2,
        "NewInstanceCount": 4,
        "ShouldUpdateInstance": True,
    }

    assert recognised(PARSER, row)
    assert scaling_of(PARSER, raw) == scaling_of(PARSER, row)


def test_evaluation_and_action_tell_of_one_decision() -> None:
    sizes: dict[str, Any] = {"currentInstanceCount": 2, "newInstanceCount": 4}
    evaluated = scaling_of(PARSER, record("InstanceUpdateEvaluation", shouldUpdateInstance=True, **sizes))
    acted = scaling_of(PARSER, record("InstanceScaleAction", category="AutoscaleScaleActions", **sizes))

    assert evaluated[0].event_id == acted[0].event_id
    assert (acted[0].phase, acted[0].direction) == ("decision", "out")


def test_a_failed_action_is_a_failed_attempt() -> None:
    failed = record(
        "InstanceScaleAction",
        category="AutoscaleScaleActions",
        currentInstanceCount=2,
        newInstanceCount=4,
        createdAsyncScaleActionJobId="j-1",
    )
    attempt = scaling_of(PARSER, {**failed, "resultType": "Failed", "resultDescription": "AllocationFailed: none"})[-1]

    assert (attempt.outcome, attempt.reason_class, attempt.attempt_id) == ("failed", "capacity", "j-1")


def test_a_timeout_is_a_reason() -> None:
    told = record("InstanceScaleAction", category="AutoscaleScaleActions", scaleActionOperationStatus="Timeout")
    (attempt,) = scaling_of(PARSER, told)

    assert (attempt.outcome, attempt.reason_class) == ("failed", "timeout")


def test_a_skipped_rule_is_limited_by_its_cooldown() -> None:
    told = {"scaleDirection": "Increase", "cooldown": "00:30:00"}
    (skipped,) = scaling_of(PARSER, record("ScaleRuleCooldownEvaluation", skipRuleEvaluationForCooldown=True, **told))
    (ready,) = scaling_of(PARSER, record("ScaleRuleCooldownEvaluation", skipRuleEvaluationForCooldown=False, **told))

    assert (skipped.phase, skipped.limited_by, skipped.direction) == ("limit", "cooldown", "out")
    assert (ready.phase, ready.limited_by) == ("status", "")


def test_a_rule_gives_what_was_compared_and_a_metric_sample() -> None:
    rule: dict[str, Any] = {
        "metricName": "Percentage CPU",
        "operator": "GreaterThan",
        "threshold": 70,
        "observedValue": 91.5,
    }
    status, metric = events_of(PARSER, record("ScaleRuleEvaluation", estimateScaleResult="Triggered", **rule))

    assert (status.observed, status.threshold, status.outcome) == (91.5, 70.0, "triggered")  # type: ignore[attr-defined]
    assert isinstance(metric, MetricRecorded)
    assert (metric.name, metric.value, metric.resource) == ("Percentage CPU", 91.5, TARGET.lower())


def test_an_unknown_result_means_that_the_metric_is_missing() -> None:
    (status,) = events_of(PARSER, record("ScaleRuleEvaluation", estimateScaleResult="Unknown", metricName="x"))

    assert status.reason_class == "metric"  # type: ignore[attr-defined]


def test_overlapping_windows_give_the_same_samples() -> None:
    window = {"metricName": "CPU", "timeGrain": "00:01:00", "timeGrainStatistic": "Average"}
    first = record("MetricEvaluation", **window, startTime="2026-11-20 10:00:00.43", data=[1, 2, 3])
    second = record("MetricEvaluation", **window, startTime="2026-11-20 10:01:00.43", data=[2, 3, 4])
    samples = [e for e in events_of(PARSER, first, second) if isinstance(e, MetricRecorded)]

    assert len(samples) == 6
    assert len({(s.event_id, s.value) for s in samples}) == 4


def test_avoided_flapping_is_a_limit_with_the_configuration_that_caused_it() -> None:
    properties = {
        "Description": f"Scale down will occur with updated instance count to avoid flapping. Resource: '{TARGET}'."
        " Current instance count: '6', Intended new instance count: '1'. Actual new instance count: '4'",
        "OldInstancesCount": 6,
        "NewInstancesCount": 4,
        "ActiveAutoscaleProfile": {"Name": "p", "Capacity": {"Minimum": "1", "Maximum": "30", "Default": "1"}},
    }
    told = {
        "category": "Autoscale",
        "time": "2026-11-20T10:00:00Z",
        "operationName": "Microsoft.Insights/AutoscaleSettings/Flapping/Action",
        "properties": {"eventCategory": "Autoscale", "eventProperties": msgspec.json.encode(properties).decode()},
    }
    limit, config = scaling_of(PARSER, told)

    assert recognised(PARSER, told)
    assert (limit.phase, limit.limited_by, limit.old_size, limit.new_size) == ("limit", "flap_guard", 6, 4)
    assert (limit.unconstrained_size, limit.resource) == (1, TARGET.lower())
    assert (config.phase, config.min_size, config.max_size) == ("config", 1, 30)


def test_a_scale_result_is_an_attempt() -> None:
    told = {
        "category": "Autoscale",
        "time": "2026-11-20T10:00:00Z",
        "operationName": "Microsoft.Insights/AutoscaleSettings/ScaleupResult/Action",
        "resultType": "Failed",
        "properties": {"Description": f"Resource: '{TARGET}'. Quota exceeded", "OldInstancesCount": 2},
    }
    (attempt,) = scaling_of(PARSER, told)

    assert (attempt.phase, attempt.outcome, attempt.reason_class) == ("attempt", "failed", "quota")


@pytest.mark.parametrize("value", [{"category": "Administrative"}, {"time": "x"}, [1], "text"])
def test_other_records_are_not_recognised(value: Any) -> None:
    assert not recognised(PARSER, value)


@needs_samples
def test_each_record_of_the_samples_gives_events() -> None:
    records = [*sample("azure_autoscale_resource_logs.json"), sample("azure_activity_log.json")["flapping"]]

    assert all(recognised(PARSER, value) for value in records)
    assert all(scaling_of(PARSER, value) for value in records)
