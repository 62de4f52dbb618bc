"""Parse deployments of Azure Resource Manager, and their operations, into deployments and changes of resources.

Between the source of deployments, or answers saved to files (`az deployment group list`, `az deployment operation group
list`), and the store. A deployment's time is when its state last changed: it began its duration before. Operations do
not name the run of their deployment, so the source tells it (`correlationId` in the context); in a file each
deployment stands once. All deployments that one caused, and the events of the activity log, share that id. See
https://learn.microsoft.com/rest/api/resources/deployments/get and
https://learn.microsoft.com/rest/api/resources/deployment-operations/list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import DeploymentRecorded, Event, Flag, LogRecorded, ResourceChanged
from ...domain.identity import azure_key, parse_azure_resource_id
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed, listed_objects, objects_of, read_each
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .durations import duration_ns
from .failure_reason import failure_reason
from .kept_fields import generator_of, without_values
from .provisioning import ACTIONS, outcome_of, phase_of, severity_of, status_of

FORMAT: Final = "azure.arm"
TOOL: Final = "arm"
DEPLOYMENT_TYPE: Final = "microsoft.resources/deployments"

_LISTS: Final = ("value",)
_OPERATION: Final = re.compile(r"(.*/deployments/[^/]+)/operations/[^/]+/?", re.IGNORECASE | re.DOTALL)


class DeploymentsParser:
    """Deployments and their operations, alone or in the answers that list them.

    >>> from ..records import Origin
    >>> body = b'''{"id":"/subscriptions/0/resourceGroups/shop/providers/Microsoft.Resources/deployments/main",
    ... "name":"main","type":"Microsoft.Resources/deployments","properties":{"provisioningState":"Succeeded",
    ... "timestamp":"2026-11-20T10:00:30Z","duration":"PT30S","correlationId":"c1"}}'''
    >>> run = DeploymentsParser().parse(Records.of([body], Origin("deployments.json")))[0]
    >>> run.stack, run.phase, run.outcome, (run.ended_at - run.started_at) // 10**9
    ('main', 'finished', 'succeeded', 30)
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of this format."""
        objects = objects_of(sample.value, _LISTS)
        return bool(objects) and all(isinstance(one, dict) and _kind(one) for one in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return deployments and changes of resources; what changes none stays a log line."""
        return batch_of(read_each(listed_objects(records, _LISTS), _events))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names, without the values of parameters."""
        fields = msgspec.json.decode(body)
        if not isinstance(fields, dict):
            return {}
        told = without_values(fields)
        return {f"{FORMAT}.{name}": value for name, value in {**told, **told.pop("properties")}.items()}


def _kind(fields: Mapping[str, Any]) -> str:
    properties, key = fields.get("properties"), fields.get("id")
    if not isinstance(properties, dict) or not isinstance(key, str) or not key:
        return ""
    if "operationId" in fields and "provisioningOperation" in properties and _OPERATION.fullmatch(key):
        return "operation"
    is_one = str(fields.get("type", "")).lower() == DEPLOYMENT_TYPE or _type_of(key) == DEPLOYMENT_TYPE
    return "deployment" if is_one and "provisioningState" in properties else ""


def _type_of(key: str) -> str:
    found = parse_azure_resource_id(key)
    return found.resource_type if found else ""


def _events(item: Listed) -> list[Event]:
    kind = _kind(item.fields)
    if not kind:
        raise UnreadableRecordError(f"record {item.row} is no deployment and no operation of one")
    told = _Told(replace(item, fields=without_values(item.fields)))
    return [told.deployment() if kind == "deployment" else told.operation()]


class _Told:
    """One object, read tolerantly: what is of an unexpected shape is as if it were not there."""

    def __init__(self, item: Listed) -> None:
        self.item, self.fields = item, item.fields
        self.properties: dict[str, Any] = item.fields["properties"]
        self.key = azure_key(item.fields["id"])
        self.state = self.text("provisioningState")
        self.outcome = outcome_of(self.state)
        self.at_ns = parse_timestamp_ns(self.text("timestamp"))
        self.lasted_ns = duration_ns(self.text("duration"))
        self.started_ns = None if self.at_ns is None else max(self.at_ns - (self.lasted_ns or 0), 0)
        self.ended_ns = self.at_ns if self.outcome else None
        self.is_bad = self.outcome in ("failed", "cancelled")
        self.reason = failure_reason(self.properties.get("error") or self.properties.get("statusMessage") or "")

    def text(self, name: str) -> str:
        return str(self.properties.get(name, ""))

    def deployment(self) -> Event:
        """Return the deployment: begun, or ended."""
        correlation = self.text("correlationId")
        words = ": ".join(part for part in self.reason if part)
        ended = self._revision if self.outcome else ()
        return DeploymentRecorded(
            event_id=event_id(FORMAT, self.key, correlation, "finished" if self.outcome else "started", *ended),
            phase="finished" if self.outcome else "started",
            outcome=self.outcome,
            error=words if self.is_bad else "",
            started_at=self.started_ns,
            ended_at=self.ended_ns,
            resource=self.key,
            mentions=self._mentioned(),
            tool=generator_of(self.properties).lower() or TOOL,
            **self._run(self.key, correlation),
            **self._shared("deployment"),
        )

    def operation(self) -> Event:
        """Return what an operation does to a resource; one that changes none is a log line."""
        deployment = azure_key(_deployment_of(self.fields["id"]))
        target = self.properties.get("targetResource", {})
        doing = self.text("provisioningOperation")
        action = ACTIONS.get(doing.lower(), "")
        identity = (self.key, doing, self.state if not action else phase_of(self.outcome), self.text("trackingId"))
        shared = {
            "event_id": event_id(FORMAT, *identity, *(self._revision if self.outcome else ())),
            "status": status_of(self.text("statusCode")),
            "error": self.reason.code if self.is_bad else "",
            **self._shared(doing),
        }
        resource = azure_key(target["id"]) if target.get("id") else ""
        if not action or not resource:
            payload = msgspec.json.encode(self.fields)
            return LogRecorded(service=TOOL, resource=resource or deployment, payload=payload, **shared)
        kind = target.get("resourceType") or _type_of(resource)
        return ResourceChanged(
            phase=phase_of(self.outcome),
            action=action,
            action_reason=" ".join(part for part in (doing, self.text("statusCode")) if part),
            # A run may read what it also writes: two addresses, as a resource and its data source have in Terraform.
            address=("existing " if action == "read" else "")
            + "/".join(part for part in (kind, target.get("resourceName", "")) if part),
            resource_type=kind,
            resource=resource,
            identifiers=(f"azure.id:{resource}",),
            mentions=(deployment,),
            message=self.reason.message if self.is_bad else "",
            started_at=self.started_ns,
            ended_at=self.ended_ns,
            tool=TOOL,
            **self._run(deployment, ""),
            **shared,
        )

    @property
    def _revision(self) -> tuple[str, ...]:
        """What tells the end of a run from the end of another one under the same name."""
        return (self.state.lower(), str(self.at_ns or ""))

    def _run(self, deployment: str, correlation: str) -> dict[str, Any]:
        """Return which run it was: by name, and by the correlation id that the carrier tells."""
        found = parse_azure_resource_id(deployment)
        told = str(self.item.context.get("correlationId") or "")
        return {
            "deployment_id": f"{deployment}/{told}" if told else deployment,
            "stack": self._name,
            "workspace": found.resource_group if found else "",
            "change_set": told or correlation,
        }

    @property
    def _name(self) -> str:
        """The deployment's name as it was given."""
        return str(self.fields.get("name") or _deployment_of(self.fields["id"]).rpartition("/")[2])

    def _mentioned(self) -> tuple[str, ...]:
        resources = [azure_key(one["id"]) for one in self.properties.get("outputResources", []) if one.get("id")]
        template = self.text("templateHash")
        return (*dict.fromkeys(resources), *((f"template:{template}",) if template else ()))

    def _shared(self, what: str) -> dict[str, Any]:
        found = parse_azure_resource_id(self.key)
        occurred = self.ended_ns if self.outcome else self.started_ns
        return {
            "format": FORMAT,
            "provider": "azure",
            "account": (found.subscription if found else "") or str(self.item.metadata.get("account", "")),
            "region": str(self.fields.get("location", "")).lower().replace(" ", ""),
            "name": ".".join(part.lower() for part in (TOOL, what, self.state) if part),
            "severity": severity_of(self.outcome),
            "occurred_at": occurred or 0,
            "duration_us": self.lasted_ns // 1000 if self.lasted_ns is not None and self.outcome else None,
            "flags": int(Flag.NONE if occurred else Flag.TIME_UNSET),
        }


def _deployment_of(operation: str) -> str:
    """Return the id of the deployment that an operation belongs to; a deployment's own stays."""
    found = _OPERATION.fullmatch(operation)
    return found[1] if found else operation.rstrip("/")
