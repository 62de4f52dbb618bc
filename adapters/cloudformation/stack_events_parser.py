"""Parse events of CloudFormation stacks, and change sets, into deployments and changes of resources.

Between the stack source, or answers saved to files, and the store. Events of one operation share its id, or the token
of the request. Properties and parameters may hold secrets, and are never read. See
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import DeploymentRecorded, Event, Flag, LogRecorded, ResourceChanged
from ...domain.identity import normalise_resource
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed, listed_objects, objects_of, read_each
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .stack_status import resource_progress, stack_outcome

FORMAT: Final = "aws.cloudformation"
TOOL: Final = "cloudformation"

_LISTS: Final = ("StackEvents",)
_ACTIONS: Final = {"Add": "create", "Modify": "update", "Remove": "delete", "Import": "import", "Dynamic": "update"}


class _StackEvent(msgspec.Struct):
    StackId: str
    EventId: str
    ResourceStatus: str
    StackName: str = ""
    OperationId: str = ""
    ClientRequestToken: str = ""
    LogicalResourceId: str = ""
    PhysicalResourceId: str = ""
    ResourceType: str = ""
    Timestamp: str | float | None = None
    ResourceStatusReason: str = ""


class _ResourceChange(msgspec.Struct):
    Action: str = ""
    LogicalResourceId: str = ""
    PhysicalResourceId: str = ""
    ResourceType: str = ""
    Replacement: str = ""


class _Change(msgspec.Struct):
    ResourceChange: _ResourceChange = msgspec.field(default_factory=_ResourceChange)


class _ChangeSet(msgspec.Struct):
    ChangeSetId: str
    Changes: list[_Change]
    StackId: str = ""
    StackName: str = ""
    ChangeSetName: str = ""
    Status: str = ""
    ExecutionStatus: str = ""
    CreationTime: str | float | None = None


class StackEventsParser:
    """Events of stacks and change sets, alone or in the answers that list them.

    >>> from ..records import Origin
    >>> body = b'''{"StackId":"arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1","EventId":"e1",
    ... "StackName":"shop","LogicalResourceId":"Queue","PhysicalResourceId":"jobs","ResourceType":"AWS::SQS::Queue",
    ... "Timestamp":"2026-11-20T10:00:00Z","ResourceStatus":"CREATE_COMPLETE","ClientRequestToken":"t1"}'''
    >>> change = StackEventsParser().parse(Records.of([body], Origin("events.json")))[0]
    >>> change.phase, change.action, change.resource
    ('applied', 'create', 'arn:aws:sqs:eu-west-1:123456789012:jobs')
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of this format."""
        objects = objects_of(sample.value, _LISTS)
        return bool(objects) and all(isinstance(one, dict) and _kind(one) for one in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return deployments and changes of resources; a step in between stays a log line."""
        return batch_of(read_each(listed_objects(records, _LISTS), _events))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _kind(fields: Mapping[str, Any]) -> str:
    if {"StackId", "EventId", "ResourceStatus"} <= fields.keys():
        return "event"
    return "change_set" if "ChangeSetId" in fields and isinstance(fields.get("Changes"), list) else ""


def _events(item: Listed) -> list[Event]:
    kind = _kind(item.fields)
    if kind == "event":
        return [_of_event(msgspec.convert(item.fields, _StackEvent, strict=False))]
    if kind == "change_set":
        return _of_change_set(msgspec.convert(item.fields, _ChangeSet, strict=False))
    raise UnreadableRecordError(f"record {item.row} is no event of a stack and no change set")


def _of_event(told: _StackEvent) -> Event:
    failed = told.ResourceStatus.endswith("_FAILED")
    shared = _shared(told.StackId, told.Timestamp, f"cloudformation.{told.ResourceStatus.lower()}")
    shared |= {
        "event_id": event_id(FORMAT, told.StackId, told.EventId),
        "severity": int(Severity.ERROR if failed or "ROLLBACK" in told.ResourceStatus else Severity.INFO),
    }
    deployment = _deployment_id(told.StackName, told.OperationId or told.ClientRequestToken or told.StackId)
    if told.PhysicalResourceId == told.StackId:
        phase, outcome = stack_outcome(told.ResourceStatus)
        if phase:
            return _deployment(told, shared, deployment, phase, outcome)
    progress = resource_progress(told.ResourceStatus)
    if progress is None or told.PhysicalResourceId == told.StackId:
        kept = {name: getattr(told, name) for name in ("StackName", "LogicalResourceId", "ResourceStatus")}
        payload = msgspec.json.encode({**kept, "ResourceStatusReason": told.ResourceStatusReason})
        return LogRecorded(service=TOOL, resource=told.StackId, payload=payload, **shared)
    resource = _resource(told.PhysicalResourceId, told.ResourceType, shared)
    return ResourceChanged(
        deployment_id=deployment,
        phase=progress.phase,
        action=progress.action,
        address=told.LogicalResourceId,
        resource_type=told.ResourceType,
        tool=TOOL,
        stack=told.StackName,
        identifiers=_identifiers(told.PhysicalResourceId, resource),
        resource=resource,
        mentions=(told.StackId,),
        message=told.ResourceStatusReason,
        ended_at=shared["occurred_at"] if progress.phase != "started" else None,
        **shared,
    )


def _deployment(
    told: _StackEvent, shared: dict[str, Any], deployment: str, phase: str, outcome: str
) -> DeploymentRecorded:
    at_ns = shared["occurred_at"]
    return DeploymentRecorded(
        deployment_id=deployment,
        phase=phase,
        tool=TOOL,
        stack=told.StackName,
        resource=told.StackId,
        outcome=outcome,
        error=told.ResourceStatusReason if outcome == "failed" else "",
        started_at=at_ns if phase == "started" else None,
        ended_at=at_ns if phase == "finished" else None,
        **shared,
    )


def _of_change_set(told: _ChangeSet) -> list[Event]:
    """Return the plan that a change set is: itself, and each change in it."""
    shared = _shared(told.StackId or told.ChangeSetId, told.CreationTime, "cloudformation.change_set")
    revision = (told.ChangeSetId, told.Status, told.ExecutionStatus)
    changes = [one.ResourceChange for one in told.Changes if one.ResourceChange.LogicalResourceId]
    actions = [_ACTIONS.get(one.Action, one.Action.lower()) for one in changes]
    plan: dict[str, Any] = {
        "deployment_id": _deployment_id(told.StackName, told.ChangeSetId),
        "phase": "planned",
        "tool": TOOL,
        "stack": told.StackName,
        "change_set": told.ChangeSetName or told.ChangeSetId,
        "severity": int(Severity.INFO),
    }
    events: list[Event] = [
        DeploymentRecorded(
            event_id=event_id(FORMAT, *revision), resource=told.StackId, summary=Counter(actions), **plan, **shared
        )
    ]
    for change, action in zip(changes, actions, strict=True):
        resource = _resource(change.PhysicalResourceId, change.ResourceType, shared)
        events.append(
            ResourceChanged(
                event_id=event_id(FORMAT, *revision, change.LogicalResourceId),
                action="replace" if change.Replacement == "True" else action,
                address=change.LogicalResourceId,
                resource_type=change.ResourceType,
                identifiers=_identifiers(change.PhysicalResourceId, resource),
                resource=resource,
                **plan,
                **shared,
            )
        )
    return events


def _shared(stack_id: str, time: str | float | None, name: str) -> dict[str, Any]:
    at_ns = parse_timestamp_ns(time)
    _, _, _, region, account, *_ = [*stack_id.split(":"), "", "", "", "", ""]
    return {
        "format": FORMAT,
        "provider": "aws",
        "name": name,
        "account": account,
        "region": region,
        "occurred_at": at_ns or 0,
        "flags": int(Flag.NONE if at_ns else Flag.TIME_UNSET),
    }


def _deployment_id(stack: str, operation: str) -> str:
    return f"{stack}/{operation}" if stack and not operation.startswith("arn:") else operation


def _resource(physical_id: str, resource_type: str, shared: Mapping[str, Any]) -> str:
    place = {"account": shared["account"], "region": shared["region"]}
    return normalise_resource(physical_id, provider="aws", resource_type=resource_type.lower(), **place)


def _identifiers(physical_id: str, resource: str) -> tuple[str, ...]:
    """Return what a resource is called, as `namespace:value`, the full name first."""
    full = (f"aws.arn:{resource}",) if resource.startswith("arn:") else ()
    bare = (f"name:{physical_id}",) if physical_id and physical_id != resource else ()
    return (*full, *(bare or (() if full or not physical_id else (f"name:{physical_id}",))))
