"""Stacks of CloudFormation: the contract, change sets, deleted stacks, and that no property gets in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import missing
from cloudledger.adapters.aws.sources import CloudFormationStacks
from cloudledger.domain import Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.aws.sources.aws_world import set_keys
from tests.adapters.aws.sources.window_worlds import WindowWorld
from tests.wire.aws_stacks import STACK, FakeStacks
from tests.wire.aws_windows import NS

OTHER = STACK.replace("shop", "cart")


class StackWorld(WindowWorld):
    """Two stacks that were updated in the last hour, resource by resource, and one that was not for long."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeStacks(self.faults, self.clock.now_ns)
        for stack in (STACK, OTHER):
            self.fake.stacks[stack] = []
            self.add(stack, 0, stack, "UPDATE_IN_PROGRESS")
            for number in range(1, 39):
                self.add(stack, number, f"queue-{number}", "UPDATE_COMPLETE" if number % 2 else "UPDATE_IN_PROGRESS")
            self.add(stack, 39, stack, "UPDATE_COMPLETE")
        old = STACK.replace("shop", "old")
        self.fake.stacks[old] = [self.event(old, 0, old, "CREATE_COMPLETE", at_s=self.since_s - 30 * 86400)]

    def event(self, stack: str, number: int, physical: str, status: str, *, at_s: float) -> dict[str, Any]:
        return {
            "StackId": stack,
            "EventId": f"{stack.split('/')[1]}-{number}",
            "StackName": stack.split("/")[1],
            "OperationId": "op-1",
            "LogicalResourceId": physical if physical != stack else stack.split("/")[1],
            "PhysicalResourceId": physical,
            "ResourceType": "AWS::CloudFormation::Stack" if physical == stack else "AWS::SQS::Queue",
            "Timestamp": at_s,
            "ResourceStatus": status,
            "ResourceProperties": '{"MasterUserPassword":"hunter2"}',
        }

    def add(self, stack: str, number: int, physical: str, status: str) -> None:
        event = self.event(stack, number, physical, status, at_s=self.since_s + 60 + number * 80)
        self.fake.stacks[stack].append(event)
        kind = "DeploymentRecorded" if physical == stack else "ResourceChanged"
        self.wanted[f"{kind} {event['StackName']} {int(event['Timestamp'] * NS)}"] += 1

    def key(self, event: Any) -> str:
        return f"{type(event).__name__} {event.stack} {event.occurred_at}"

    def source(self, *stacks: str, **settings: Any) -> CloudFormationStacks:
        return CloudFormationStacks(*stacks, **{**self.told, **settings})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[StackWorld]:
    set_keys(monkeypatch)
    world = StackWorld()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestCloudFormation(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[StackWorld]:
        set_keys(monkeypatch)
        world = StackWorld()
        with world.fake:
            yield world


def test_an_operation_is_one_deployment(world: StackWorld, ledger: Ledger, tmp_path: Path) -> None:
    world.poll(ledger)

    deployments: list[Any] = list(ledger.search(kind=Kind.DEPLOYMENT_RECORDED, limit=None))
    assert {one.deployment_id for one in deployments} == {"shop/op-1", "cart/op-1"}
    assert [one.phase for one in deployments if one.stack == "shop"] == ["started", "finished"]
    changes: list[Any] = list(ledger.search(kind=Kind.RESOURCE_CHANGED, limit=None))
    assert changes[0].resource.startswith("arn:aws:sqs:eu-west-1:123456789012:queue-")
    assert not any(b"hunter2" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_change_set_is_a_plan(world: StackWorld, ledger: Ledger) -> None:
    changes = [
        {
            "ResourceChange": {
                "Action": "Modify" if number else "Dynamic",
                "LogicalResourceId": f"Queue{number}",
                "PhysicalResourceId": f"queue-{number}",
                "ResourceType": "AWS::SQS::Queue",
                "Replacement": "True" if number == 3 else "False",
            }
        }
        for number in range(20)
    ]
    plan = {
        "ChangeSetId": STACK.replace("stack/shop", "changeSet/add"),
        "ChangeSetName": "add",
        "StackId": STACK,
        "StackName": "shop",
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "CreationTime": world.since_s + 30,
        "Changes": changes,
    }
    world.fake.change_sets[STACK] = [plan, plan | {"CreationTime": world.since_s - 999_999, "ChangeSetId": "old"}]

    world.poll(ledger)

    planned: list[Any] = [
        one
        for kind in (Kind.DEPLOYMENT_RECORDED, Kind.RESOURCE_CHANGED)
        for one in ledger.search(kind=kind, limit=None)
        if one.phase == "planned"  # type: ignore[attr-defined]
    ]
    assert [one.change_set for one in planned] == ["add"] * 21
    assert planned[0].summary == {"update": 20}
    assert sum(one.action == "replace" for one in planned[1:]) == 1


def test_a_stack_that_is_gone_has_its_events(world: StackWorld, ledger: Ledger) -> None:
    world.fake.gone = {STACK}

    report = world.poll(ledger)

    assert not report.problem
    assert world.stored(ledger) == world.expected()


def test_change_sets_that_may_not_be_read_degrade_the_source(world: StackWorld, ledger: Ledger) -> None:
    world.faults.plan([*[""] * 5, "denied"])

    assert world.poll(ledger).problem.startswith("denied: ListChangeSets")


def test_only_named_stacks_are_read_and_no_change_sets_where_not_asked_for(world: StackWorld, ledger: Ledger) -> None:
    report = world.poll(ledger, world.source(OTHER, change_sets=False))

    assert report.appended == 40
    assert not world.fake.asked("ListStacks")
    assert not world.fake.asked("ListChangeSets")


def test_checks_say_what_is_missing(world: StackWorld) -> None:
    for stacks, right in (((), "cloudformation:ListStacks"), ((STACK,), "cloudformation:DescribeStackEvents")):
        source = world.source(*stacks)
        source.run_in(world.clock.runtime())
        assert missing(source.check()) == ()
        world.faults.plan(["denied"])
        assert [check.name for check in missing(source.check())] == [right]
