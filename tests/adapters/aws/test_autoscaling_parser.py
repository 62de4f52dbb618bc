"""AWS scaling activities and notices become decisions, attempts, limits and statuses."""

from typing import Any

import pytest

from cloudledger.adapters.aws.autoscaling_parser import AutoscalingParser
from cloudledger.adapters.parser import Sample, UnreadableRecordError
from cloudledger.adapters.records import Origin
from tests.adapters.scaling_records import needs_samples, recognised, records_of, sample, scaling_of

PARSER = AutoscalingParser()
ARN = "arn:aws:autoscaling:us-west-2:123456789012:autoScalingGroup:283179a2:autoScalingGroupName/web-asg"
ALARM = (
    "At 2026-11-20T10:00:00Z a monitor alarm TargetTracking-web-asg-AlarmHigh-b9 in state ALARM triggered policy"
    " cpu-target changing the desired capacity from 2 to 4."
)
STARTED = (
    "  At 2026-11-20T10:00:10Z an instance was started in response to a difference between desired and actual"
    " capacity, increasing the capacity from 2 to 4."
)


def activity(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "ActivityId": f"activity-{number}",
        "AutoScalingGroupName": "web-asg",
        "AutoScalingGroupARN": ARN,
        "Description": f"Launching a new EC2 instance: i-0123456789abcde{number:02x}",
        "Cause": ALARM + STARTED,
        "StartTime": "2026-11-20T10:00:12.500Z",
        "EndTime": "2026-11-20T10:02:12Z",
        "StatusCode": "Successful",
        "StatusMessage": "",
        "Details": '{"Subnet ID":"subnet-1","Availability Zone":"us-west-2a"}',
        **changes,
    }


def notice(what: str, **detail: Any) -> dict[str, Any]:
    return {
        "id": "notice-1",
        "detail-type": what,
        "source": "aws.autoscaling",
        "account": "123456789012",
        "time": "2026-11-20T10:02:13Z",
        "region": "us-west-2",
        "resources": [ARN, "arn:aws:ec2:us-west-2:123456789012:instance/i-0123456789abcde01"],
        "detail": {"AutoScalingGroupName": "web-asg", **detail},
    }


def test_an_activity_gives_its_decision_and_its_attempt() -> None:
    decision, attempt = scaling_of(PARSER, activity())

    assert (decision.phase, decision.old_size, decision.new_size, decision.direction) == ("decision", 2, 4, "out")
    assert (decision.trigger, decision.policy, decision.policy_type) == ("alarm", "cpu-target", "target")
    assert (attempt.phase, attempt.outcome, attempt.zone) == ("attempt", "succeeded", "us-west-2a")
    assert attempt.duration_us == 119_500_000
    assert attempt.resource == decision.resource == ARN
    assert (attempt.service, attempt.account, attempt.region) == ("web", "123456789012", "us-west-2")
    assert attempt.mentions == ("i-0123456789abcde01",)


def test_many_activities_of_one_decision_give_the_same_decision() -> None:
    events = scaling_of(PARSER, {"Activities": [activity(1), activity(2), activity(3)]})

    assert len({event.event_id for event in events if event.phase == "decision"}) == 1
    assert len({event.event_id for event in events if event.phase == "attempt"}) == 3


def test_a_document_and_its_split_activities_give_the_same_events() -> None:
    whole = scaling_of(PARSER, {"Activities": [activity(1), activity(2)]})
    split = scaling_of(PARSER, activity(1), activity(2))

    assert [event.event_id for event in whole] == [event.event_id for event in split]


def test_a_cause_of_two_decisions_gives_both() -> None:
    second = ALARM.replace("10:00:00Z", "10:01:00Z").replace("from 2 to 4", "from 4 to 6")

    decisions = [e for e in scaling_of(PARSER, activity(Cause=f"{ALARM}  {second}")) if e.phase == "decision"]

    assert [(d.old_size, d.new_size) for d in decisions] == [(2, 4), (4, 6)]


def test_a_user_request_that_changes_limits_tells_them() -> None:
    cause = (
        "At 2021-01-13T20:47:24Z a user request update of AutoScalingGroup constraints to min: 1, max: 5, desired: 3"
        " changing the desired capacity from 0 to 3."
    )
    decision = scaling_of(PARSER, activity(Cause=cause))[0]

    assert (decision.trigger, decision.policy_type, decision.min_size, decision.max_size) == ("user", "manual", 1, 5)


@pytest.mark.parametrize(
    ("cause", "maintenance"),
    [
        ("an instance was taken out of service in response to an EC2 health check indicating it has been", "health"),
        ("an instance was launched in response to an unhealthy instance needing to be replaced.", "health"),
        ("availability zones a and b had 2 and 0 instances. An instance was launched to aid in balancing the group's"
         " zones.", "rebalance"),
        ("an instance was started in response to a difference between desired and actual capacity, increasing the"
         " capacity from 1 to 2.", ""),
    ],
)  # fmt: skip
def test_an_attempt_without_a_decision_to_scale_says_why(cause: str, maintenance: str) -> None:
    (attempt,) = scaling_of(PARSER, activity(Cause=f"At 2026-11-20T10:00:00Z {cause}"))

    assert attempt.trigger == maintenance


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("We currently do not have sufficient m5.large capacity in the Availability Zone you requested", "capacity"),
        ("Could not launch Spot Instances. InsufficientInstanceCapacity", "capacity"),
        ("There is no Spot capacity available that matches your request.", "capacity"),
        ("10 instance(s) are already running. Launching EC2 instance failed.", "quota"),
        ("VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit", "quota"),
        ("The security group 'sg-1' does not exist. Launching EC2 instance failed.", "config"),
        ("Client.InternalError: Client error on launch", "config"),
        ("Your Spot request price of 0.001 is lower than the minimum required", "price"),
        ("Instance failed to complete user's Lifecycle Action: was abandoned", "hook"),
        ("There are not enough free addresses in subnet 'subnet-1'", "ip_space"),
        ("You are not authorized to perform this operation. UnauthorizedOperation", "permission"),
        ("Gremlins", "unknown"),
    ],
)
def test_a_failed_launch_has_the_class_of_its_reason(text: str, reason: str) -> None:
    attempt = scaling_of(PARSER, activity(StatusCode="Failed", StatusMessage=text))[-1]

    assert (attempt.outcome, attempt.reason_class, attempt.message) == ("failed", reason, text)


def test_details_are_read_as_text_and_as_an_object() -> None:
    attempt = scaling_of(PARSER, activity(Details={"Availability Zone": "us-west-2c"}))[-1]

    assert attempt.zone == "us-west-2c"


def test_an_end_written_in_whole_seconds_before_its_start_lasts_no_time() -> None:
    attempt = scaling_of(PARSER, activity(EndTime="2026-11-20T10:00:12Z"))[-1]

    assert attempt.duration_us == 0


def test_a_successful_notice_in_progress_is_the_success_that_the_api_tells_of() -> None:
    told = activity(StatusCode="InProgress", Details={"Availability Zone": "us-west-2a"})
    noticed = scaling_of(PARSER, notice("EC2 Instance Launch Successful", **told))
    asked = scaling_of(PARSER, activity())

    assert noticed[-1].outcome == "succeeded"
    assert [event.event_id for event in noticed] == [event.event_id for event in asked]


def test_an_unsuccessful_notice_without_description_is_a_failed_launch() -> None:
    told = activity(StatusCode="Failed", StatusMessage="quota exceeded")
    del told["Description"]

    attempt = scaling_of(PARSER, notice("EC2 Instance Launch Unsuccessful", **told))[-1]

    assert (attempt.outcome, attempt.direction, attempt.reason_class) == ("failed", "out", "quota")


def test_an_activity_in_progress_and_its_end_are_two_events_of_one_attempt() -> None:
    running = scaling_of(PARSER, activity(StatusCode="PreInService", EndTime=None))[-1]
    ended = scaling_of(PARSER, activity())[-1]

    assert (running.outcome, running.ended_at) == ("in_progress", None)
    assert running.event_id != ended.event_id
    assert running.attempt_id == ended.attempt_id


def test_an_instance_refresh_is_a_status_with_its_trigger() -> None:
    what = "EC2 Auto Scaling Instance Refresh Checkpoint Reached"
    (status,) = scaling_of(PARSER, notice(what, InstanceRefreshId="r-1", CheckpointPercentage="50"))

    assert (status.phase, status.trigger, status.attempt_id) == ("status", "refresh", "r-1")
    assert "CheckpointPercentage=50" in status.message


def test_epoch_floats_and_iso_texts_are_the_same_time() -> None:
    service: dict[str, Any] = {
        "ActivityId": "a-1",
        "ServiceNamespace": "ecs",
        "ResourceId": "service/default/web-app",
        "ScalableDimension": "ecs:service:DesiredCount",
        "Description": "Setting desired count to 3.",
        "Cause": "monitor alarm high in state ALARM triggered policy cpu",
        "StatusCode": "Successful",
    }
    epoch = scaling_of(PARSER, {**service, "StartTime": 1462575838.171, "EndTime": 1462575872.111})
    iso = scaling_of(
        PARSER, {**service, "StartTime": "2016-05-06T23:03:58.171Z", "EndTime": "2016-05-06T23:04:32.111Z"}
    )

    assert epoch == iso
    assert [(e.phase, e.new_size, e.duration_us) for e in epoch] == [("decision", 3, None), ("attempt", 3, 33_940_000)]


@pytest.mark.parametrize(
    ("reason", "limited_by"),
    [
        ({"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 4}, "max"),
        ({"Code": "AlreadyAtMinCapacity", "MinCapacity": 1}, "min"),
        ({"Code": "AutoScalingAnticipatedFlapping", "CurrentCapacity": 3}, "flap_guard"),
    ],
)
def test_a_reason_not_to_scale_is_a_limit(reason: dict[str, Any], limited_by: str) -> None:
    not_scaled = {
        "ActivityId": "a-1",
        "ServiceNamespace": "ecs",
        "ResourceId": "service/default/web-app",
        "ScalableDimension": "ecs:service:DesiredCount",
        "StartTime": 1664928867.915,
        "StatusCode": "Failed",
        "NotScaledReasons": [reason],
    }
    (limit,) = scaling_of(PARSER, not_scaled, account="123456789012", region="us-east-1")

    assert (limit.phase, limit.limited_by, limit.max_size) == ("limit", limited_by, reason.get("MaxCapacity"))
    assert limit.resource == "arn:aws:ecs:us-east-1:123456789012:service/default/web-app"


def test_a_described_group_is_a_configuration_without_a_time() -> None:
    group = {"AutoScalingGroupName": "web-asg", "AutoScalingGroupARN": ARN, "MinSize": 1, "MaxSize": 5}
    (configuration,) = scaling_of(PARSER, {"AutoScalingGroups": [{**group, "DesiredCapacity": 2}]})

    assert (configuration.phase, configuration.min_size, configuration.max_size) == ("config", 1, 5)
    assert configuration.flags


@pytest.mark.parametrize("value", [{"ActivityId": "a"}, {"source": ["aws.autoscaling"], "detail": {}}, [], 5, {"a": 1}])
def test_other_records_are_not_recognised(value: Any) -> None:
    assert not recognised(PARSER, value)


def test_a_chunk_with_another_record_is_refused_whole() -> None:
    with pytest.raises(UnreadableRecordError):
        PARSER.parse(records_of(activity(), {"a": 1}))


def test_text_is_not_recognised() -> None:
    assert not PARSER.recognises(Sample(b"not json", {}, Origin("x.log")))


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "aws_asg_describe_scaling_activities.json",
        "aws_application_autoscaling_activities.json",
        "aws_ecs_service_action_events.json",
    ],
)
def test_each_object_of_a_sample_gives_events(name: str) -> None:
    value = sample(name)

    assert recognised(PARSER, value)
    assert scaling_of(PARSER, value)


@needs_samples
def test_every_notice_that_has_a_detail_type_is_recognised() -> None:
    notices = [n for n in sample("aws_asg_eventbridge_events.json") if isinstance(n.get("source"), str)]

    assert len(notices) == 15
    assert all(recognised(PARSER, notice) for notice in notices)
    assert len(scaling_of(PARSER, *notices)) >= len(notices)
