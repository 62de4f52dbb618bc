"""Kubernetes autoscaling Events, objects and log lines become scaling events."""

from typing import Any

import pytest

from cloudledger.adapters.kubernetes.hpa_parser import HpaParser
from cloudledger.adapters.parser import Sample, UnreadableRecordError
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.events import LogRecorded, ScalingRecorded
from tests.adapters.scaling_records import events_of, needs_samples, recognised, sample, scaling_of

PARSER = HpaParser()
HPA = {"kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "cart-hpa"}
ABOVE = "New size: 5; reason: cpu resource utilization (percentage of request) above target"


def event(reason: str, message: str = "", involved: dict[str, str] = HPA, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "Event",
        "metadata": {"uid": "u-1", "name": "cart-hpa.1", "namespace": "shop"},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": "Normal",
        "count": 1,
        "lastTimestamp": "2026-11-20T10:00:00Z",
        **changes,
    }


def test_a_rescale_tells_its_new_size_and_its_direction_only() -> None:
    (out,) = scaling_of(PARSER, event("SuccessfulRescale", ABOVE), cluster="eu")
    (inwards,) = scaling_of(PARSER, event("SuccessfulRescale", "New size: 2; reason: All metrics below target"))

    assert (out.phase, out.old_size, out.new_size, out.direction) == ("decision", None, 5, "out")
    assert (out.resource, out.service, out.metric) == ("k8s://eu/shop/horizontalpodautoscaler/cart-hpa", "cart", "cpu")
    assert inwards.direction == "in"


def test_an_event_that_repeats_is_a_new_event_each_time() -> None:
    first, again, second = scaling_of(
        PARSER,
        event("SuccessfulRescale", ABOVE),
        event("SuccessfulRescale", ABOVE),
        event("SuccessfulRescale", ABOVE, count=2),
    )

    assert first.event_id == again.event_id != second.event_id


@pytest.mark.parametrize(
    "reason",
    [
        "FailedGetResourceMetric",
        "FailedGetObjectMetric",
        "FailedGetPodsMetric",
        "FailedGetExternalMetric",
        "FailedComputeMetricsReplicas",
    ],
)
def test_a_missing_metric_is_a_status_of_class_metric(reason: str) -> None:
    (status,) = scaling_of(PARSER, event(reason, "unable to get metrics", type="Warning"))

    assert (status.phase, status.reason_class, status.outcome) == ("status", "metric", "failed")


def test_a_failed_rescale_is_a_failed_attempt() -> None:
    (attempt,) = scaling_of(PARSER, event("FailedRescale", "New size: 5; reason: x; error: forbidden"))

    assert (attempt.phase, attempt.outcome, attempt.reason_class) == ("attempt", "failed", "permission")


def test_a_list_gives_what_its_items_give_and_keeps_the_others() -> None:
    other = event(
        "BackOff", "restarting", {"kind": "Pod", "namespace": "shop", "name": "cart-1"}, metadata={"uid": "u-2"}
    )
    whole = events_of(PARSER, {"kind": "List", "items": [event("SuccessfulRescale", ABOVE), other]})

    assert recognised(PARSER, {"kind": "List", "items": [other, event("SuccessfulRescale", ABOVE)]})
    assert [type(e) for e in whole] == [ScalingRecorded, LogRecorded]
    assert (whole[1].name, whole[1].format) == ("BackOff", "k8s.event")


def hpa_object(*conditions: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "cart-hpa", "namespace": "shop", "uid": "u-9", "resourceVersion": "7"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "cart"}, "minReplicas": 2, "maxReplicas": 10},
        "status": {"currentReplicas": 10, "desiredReplicas": 10, "conditions": list(conditions)},
    }


def test_an_object_at_its_maximum_is_a_limit() -> None:
    limited = {
        "type": "ScalingLimited",
        "status": "True",
        "reason": "TooManyReplicas",
        "lastTransitionTime": "2026-11-20T10:00:00Z",
        "message": "the desired replica count is more than the maximum replica count",
    }
    config, limit = scaling_of(PARSER, hpa_object(limited), cluster="eu")

    assert (config.phase, config.min_size, config.max_size, config.new_size) == ("config", 2, 10, 10)
    assert config.mentions == ("k8s://eu/shop/deployment/cart",)
    assert (limit.phase, limit.limited_by, limit.occurred_at) == ("limit", "max", 1_795_168_800_000_000_000)


def test_conditions_that_are_well_say_nothing() -> None:
    well = {"type": "ScalingLimited", "status": "False", "reason": "DesiredWithinRange"}
    active = {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound"}

    assert [e.phase for e in scaling_of(PARSER, hpa_object(well, active))] == ["config"]


def test_an_inactive_object_misses_its_metric() -> None:
    inactive = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": "none"}

    assert scaling_of(PARSER, hpa_object(inactive))[1].reason_class == "metric"


def line_events(text: str, **metadata: str) -> list[ScalingRecorded]:
    batch = PARSER.parse(Records.of([text.encode()], Origin("controller.log", metadata)))
    return [e for e in batch if isinstance(e, ScalingRecorded)]


def test_a_log_line_of_the_controller_has_both_sizes() -> None:
    line = "I1120 10:00:00.685623 1 hpa.go:7] Successful rescale of cart, old size: 2, new size: 5, reason: cpu"
    (decision,) = line_events(line, year="2026", namespace="shop", cluster="eu")

    assert (decision.old_size, decision.new_size, decision.direction) == (2, 5, "out")
    assert decision.occurred_at == 1_795_168_800_685_623_000


def test_a_structured_log_line_of_the_controller_is_read_too() -> None:
    line = '"Successfully rescaled" logger="hpa" HPA="shop/cart" currentReplicas=5 desiredReplicas=2 reason="below"'
    (decision,) = line_events(line)

    assert (decision.resource, decision.direction) == ("k8s://-/shop/horizontalpodautoscaler/cart", "in")


def test_a_plan_of_the_cluster_autoscaler_names_each_group() -> None:
    line = "I0616 10:05:48.685623 1 up.go:538] Final scale-up plan: [{spot-1 15->16 (max: 500)} {spot-2 1->3 (max: 9)}]"
    first, second = line_events(line)

    assert (first.old_size, first.new_size, first.max_size) == (15, 16, 500)
    assert second.resource == "k8s://-/-/nodegroup/spot-2"


def test_nodes_that_could_not_be_added_are_a_failed_attempt() -> None:
    (attempt,) = line_events(
        "I0108 22:07:55.350154 1 state.go:11] Failed adding 35 nodes (0 unseen previously) to group eks-gpu due to"
        " OutOfResource.placeholder-cannot-be-fulfilled; errorMessages=[]"
    )

    assert (attempt.outcome, attempt.reason_class) == ("failed", "capacity")


def test_pods_that_wait_for_one_scale_up_tell_of_one_decision() -> None:
    message = "pod triggered scale-up: [{spot-1 3->4 (max: 10)}]"
    pods = [{"kind": "Pod", "namespace": "shop", "name": f"cart-{n}"} for n in range(3)]
    events = [event("TriggeredScaleUp", message, pod, metadata={"uid": pod["name"]}) for pod in pods]

    assert len({e.event_id for e in scaling_of(PARSER, *events)}) == 1


def test_a_full_node_group_is_a_limit() -> None:
    (limit,) = scaling_of(
        PARSER, event("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 max node group size reached")
    )

    assert (limit.phase, limit.limited_by) == ("limit", "max")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("InsufficientCapacityError", ("attempt", "out", "capacity")),
        ("NoCompatibleInstanceTypes", ("attempt", "out", "config")),
        ("KEDAScaleTargetActivated", ("decision", "out", "")),
        ("KEDAScaleTargetDeactivated", ("decision", "in", "")),
        ("KEDAScalerFailed", ("status", "none", "")),
    ],
)
def test_node_autoscalers_and_keda_are_read(reason: str, expected: tuple[str, str, str]) -> None:
    (told,) = scaling_of(PARSER, event(reason, "text", {"kind": "NodeClaim", "name": "n-1"}))

    assert (told.phase, told.direction, told.reason_class) == expected


@pytest.mark.parametrize(
    "value", [{"kind": "Pod", "spec": {}}, {"reason": "BackOff", "involvedObject": {"kind": "Pod"}}, {"a": 1}, []]
)
def test_other_records_are_not_recognised(value: Any) -> None:
    assert not recognised(PARSER, value)


def test_other_text_is_not_recognised_and_refused() -> None:
    assert not PARSER.recognises(Sample(b"I0616 nothing of interest", {}, Origin("x.log")))
    with pytest.raises(UnreadableRecordError):
        line_events("nothing of interest")


@needs_samples
def test_each_event_of_the_sample_is_read() -> None:
    told = sample("k8s_hpa.json")
    events = [{"involvedObject": HPA, "message": "", **item} for item in told["events"]]

    assert all(recognised(PARSER, item) for item in events)
    assert len(scaling_of(PARSER, *events)) == len(events)
