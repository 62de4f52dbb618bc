"""Events of stacks and change sets saved to files: statuses, failures, and what is no action."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudledger.adapters import Origin
from cloudledger.adapters.cloudformation import StackEventsParser
from cloudledger.adapters.cloudformation.stack_status import resource_progress, stack_outcome
from cloudledger.adapters.records import Records
from tests.adapters.parsed import batch_of_records

STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1"


def events_of(body: str) -> list[Any]:
    return list(batch_of_records(body))


def event(number: int, status: str, physical: str = "i-0123456789abcdef0", **changes: Any) -> dict[str, Any]:
    return {
        "StackId": STACK,
        "EventId": f"e-{number}",
        "StackName": "shop",
        "LogicalResourceId": "Web",
        "PhysicalResourceId": physical,
        "ResourceType": "AWS::EC2::Instance",
        "Timestamp": "2026-11-20T10:00:00.123Z",
        "ResourceStatus": status,
        **changes,
    }


def test_an_answer_of_describe_stack_events_gives_all_its_events() -> None:
    answer = {
        "StackEvents": [
            event(1, "CREATE_FAILED", ResourceStatusReason="no capacity"),
            event(2, "ROLLBACK_IN_PROGRESS", STACK),
            event(3, "ROLLBACK_COMPLETE", STACK, ResourceStatusReason="failed to create"),
            event(4, "HOOK_IN_PROGRESS"),
        ]
    }

    failed, rolling, rolled_back, hook = events_of(json.dumps(answer))

    assert (failed.phase, failed.action, failed.message) == ("failed", "create", "no capacity")
    assert failed.resource == "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"
    assert failed.identifiers == (f"aws.arn:{failed.resource}", "name:i-0123456789abcdef0")
    assert (rolled_back.phase, rolled_back.outcome, rolled_back.error) == ("finished", "failed", "failed to create")
    assert {type(rolling).__name__, type(hook).__name__} == {"LogRecorded"}
    assert rolled_back.deployment_id == STACK


def test_a_resource_without_a_full_name_goes_by_its_name() -> None:
    [named] = events_of(json.dumps(event(1, "CREATE_COMPLETE", "own-thing", ResourceType="Custom::Thing")))
    [unnamed] = events_of(json.dumps(event(2, "CREATE_IN_PROGRESS", "", Timestamp=None)))

    assert (named.resource, named.identifiers) == ("own-thing", ("name:own-thing",))
    assert unnamed.identifiers == ()


def test_a_change_set_of_nothing_is_a_plan_of_nothing() -> None:
    change_set = {"ChangeSetId": "arn:aws:cloudformation:eu-west-1:1:changeSet/a/1", "Changes": [{"Type": "Hook"}]}

    [plan] = events_of(json.dumps(change_set))

    assert (plan.phase, plan.summary, plan.account) == ("planned", {}, "1")


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="no event of a stack"):
        StackEventsParser().parse(Records.of([b'{"a":1}'], Origin("x")))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("REVIEW_IN_PROGRESS", ("planned", "")),
        ("DELETE_IN_PROGRESS", ("started", "")),
        ("DELETE_COMPLETE", ("finished", "succeeded")),
        ("DELETE_FAILED", ("finished", "failed")),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ("", "")),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", ("", "")),
        ("UPDATE_ROLLBACK_FAILED", ("finished", "failed")),
    ],
)
def test_statuses_of_stacks(status: str, expected: tuple[str, str]) -> None:
    assert stack_outcome(status) == expected


def test_statuses_of_resources() -> None:
    assert resource_progress("HOOK_COMPLETE_FAILED") is None
    assert resource_progress("DELETE_SKIPPED") == ("forget", "applied")
    assert resource_progress("ROLLBACK_COMPLETE") == ("delete", "applied")


def test_attributes_are_the_records_fields() -> None:
    assert StackEventsParser().attributes(b'{"a":1}', {}) == {"aws.cloudformation.a": 1}
    assert StackEventsParser().attributes(b"[]", {}) == {}
