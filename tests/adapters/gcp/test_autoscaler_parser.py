"""Google Cloud autoscaler entries become decisions, attempts, limits and statuses."""

from typing import Any

import pytest

from cloudledger.adapters.gcp.autoscaler_parser import AutoscalerParser
from tests.adapters.scaling_records import needs_samples, recognised, sample, scaling_of

PARSER = AutoscalerParser()
GROUP = "//compute.googleapis.com/projects/shop/zones/us-east1-d/instanceGroupManagers/cart-mig"


def entry(metadata: dict[str, Any], method: str = "resize", place: str = "zones/us-east1-d") -> dict[str, Any]:
    return {
        "insertId": "i1",
        "logName": "projects/shop/logs/cloudaudit.googleapis.com%2Fsystem_event",
        "timestamp": "2026-11-20T10:00:00.810216614Z",
        "protoPayload": {
            "methodName": f"compute.autoscalers.{method}",
            "resourceName": f"projects/shop/{place}/autoscalers/cart",
            "metadata": metadata,
        },
        "resource": {
            "type": "autoscaler",
            "labels": {
                "project_id": "shop",
                "location": place.rpartition("/")[2],
                "instance_group_manager_name": "cart-mig",
            },
        },
    }


def visibility(payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "insertId": "i2",
        "logName": "projects/shop/logs/container.googleapis.com%2Fcluster-autoscaler-visibility",
        "timestamp": "2026-11-20T10:00:00Z",
        "resource": {"labels": {"project_id": "shop", "location": "us-east1-d", "cluster_name": "main"}},
        "jsonPayload": payload,
    }


def resize(**changes: Any) -> dict[str, Any]:
    reason = {
        "scalingSignal": {
            "name": "CPU_UTILIZATION",
            "calculatedSize": 5,
            "calculationDetails": {"signalTarget": 0.6, "signalValue": 0.93, "servingSize": 2},
        },
        "scalingLimit": {"name": "MAX_INSTANCES", "limitSize": 3},
    }
    return {"autoscalingMode": "ON", "oldSize": 2, "newSize": 3, "autoscalingReason": reason, **changes}


def test_a_resize_at_the_maximum_tells_the_unmet_demand() -> None:
    (decision,) = scaling_of(PARSER, entry(resize()))

    assert (decision.phase, decision.old_size, decision.new_size) == ("decision", 2, 3)
    assert (decision.limited_by, decision.max_size, decision.unconstrained_size) == ("max", 3, 5)
    assert (decision.metric, decision.observed, decision.threshold) == ("CPU_UTILIZATION", 0.93, 0.6)
    assert (decision.resource, decision.service, decision.region, decision.zone) == (
        GROUP,
        "cart",
        "us-east1",
        "us-east1-d",
    )


def test_a_recommendation_of_an_autoscaler_that_is_off_decides_nothing() -> None:
    (status,) = scaling_of(PARSER, entry(resize(autoscalingMode="OFF")))

    assert (status.phase, status.outcome) == ("status", "recommended")


@pytest.mark.parametrize(("sizes", "phase"), [((2, 3), "decision"), ((3, 2), "status")])
def test_only_scale_out_decides_only_outwards(sizes: tuple[int, int], phase: str) -> None:
    told = resize(autoscalingMode="ONLY_SCALE_OUT", oldSize=sizes[0], newSize=sizes[1])

    assert scaling_of(PARSER, entry(told))[0].phase == phase


def test_a_regional_group_is_named_by_its_region() -> None:
    (decision,) = scaling_of(PARSER, entry(resize(), place="regions/us-east1"))

    assert "/regions/us-east1/instanceGroupManagers/cart-mig" in decision.resource
    assert (decision.region, decision.zone) == ("us-east1", "")


def test_a_status_that_is_not_well_says_what_is_missing() -> None:
    details = "the instance group has not received any utilization data from the load balancer"
    changed = {"oldStatus": {"details": "OK"}, "newStatus": {"details": details}}
    (status,) = scaling_of(PARSER, entry(changed, "changeStatus"))
    (well,) = scaling_of(PARSER, entry({"newStatus": {"details": "OK"}}, "changeStatus"))

    assert (status.phase, status.outcome, status.reason_class) == ("status", "degraded", "metric")
    assert (well.outcome, well.reason_class) == ("ok", "")


def test_decision_and_result_of_a_cluster_share_their_attempt() -> None:
    mig = {"name": "gke-main-pool-grp", "zone": "us-east1-d"}
    up = visibility({"decision": {"eventId": "e1", "scaleUp": {"increasedMigs": [{"mig": mig, "requestedNodes": 2}]}}})
    error = {"messageId": "scale.up.error.out.of.resources", "parameters": ["gke-main-pool-grp"]}
    result = visibility({"resultInfo": {"results": [{"eventId": "e1", "errorMsg": error}]}})
    decision, attempt = scaling_of(PARSER, up, result)

    assert (decision.phase, decision.direction, decision.attempt_id) == ("decision", "out", "e1")
    assert (attempt.phase, attempt.outcome, attempt.reason_class, attempt.attempt_id) == (
        "attempt",
        "failed",
        "capacity",
        "e1",
    )


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("scale.up.error.quota.exceeded", "quota"),
        ("scale.up.error.ip.space.exhausted", "ip_space"),
        ("scale.up.error.waiting.for.instances.timeout", "timeout"),
        ("scale.up.error.service.account.deleted", "permission"),
    ],
)
def test_each_error_of_a_cluster_has_its_class(message: str, reason: str) -> None:
    (attempt,) = scaling_of(PARSER, visibility({"resultInfo": {"results": [{"errorMsg": {"messageId": message}}]}}))

    assert attempt.reason_class == reason


def test_a_result_without_an_error_succeeded() -> None:
    (attempt,) = scaling_of(PARSER, visibility({"resultInfo": {"results": [{"eventId": "e1"}]}}))

    assert attempt.outcome == "succeeded"


def test_reasons_for_doing_nothing_are_limits() -> None:
    pods = [{"napFailureReasons": [{"messageId": "scale.up.error.quota.exceeded", "parameters": ["CPUS"]}]}]
    nodes = [{"reason": {"messageId": "no.scale.down.node.node.group.min.size.reached"}}]
    up, down = scaling_of(
        PARSER,
        visibility({"noDecisionStatus": {"noScaleUp": {"unhandledPodGroups": pods}}}),
        visibility({"noDecisionStatus": {"noScaleDown": {"nodes": nodes}}}),
    )

    assert (up.phase, up.direction, up.reason_class) == ("limit", "out", "quota")
    assert (down.phase, down.direction, down.limited_by) == ("limit", "in", "min")


@pytest.mark.parametrize("value", [{"protoPayload": {"methodName": "v1.compute.instances.insert"}}, {"a": 1}, []])
def test_other_records_are_not_recognised(value: Any) -> None:
    assert not recognised(PARSER, value)


@needs_samples
@pytest.mark.parametrize("name", ["gcp_mig_autoscaler_logs.json", "gke_cluster_autoscaler_visibility_jsonPayload.json"])
def test_each_entry_of_the_samples_gives_events(name: str) -> None:
    values = sample(name)

    assert all(recognised(PARSER, value) for value in values)
    assert all(scaling_of(PARSER, value) for value in values)
    assert len(scaling_of(PARSER, values)) == len(scaling_of(PARSER, *values))
