"""Parse events of EventBridge whose detail has no format of its own: state changes, task events, notices, users' own.

The envelope was peeled off; its words (source, detail type, resources) stand in the context. See
https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ..field_map import FieldMap
from ..field_paths import object_at, values_of
from ..mapped_parser import MappedParser
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..tolerant_json import read_json

ENVELOPE: Final = "aws.eventbridge"

_ERRORS: Final = (
    *("detail.errorCode", "detail.error.code", "detail.error", "detail.errorMessage", "detail.failureReason"),
    *("detail.failure-reason", "detail.cause", "detail.stoppedReason", "detail.reason"),
)
_STATES: Final = (
    *(
        "detail.state",
        "detail.status",
        "detail.State",
        "detail.lastStatus",
        "detail.build-status",
        "detail.jobRunState",
    ),
    *("detail.eventName", "detail.state.value", "detail.alertState"),
)
_BAD: Final = frozenset(
    {"failed", "fault", "error", "errored", "timed_out", "timeout", "failure", "alarm", "service_deployment_failed"}
)
_STOPPED: Final = frozenset({"stopped", "aborted", "canceled", "cancelled", "terminated", "critical"})

_FIELDS: Final = FieldMap(
    format=ENVELOPE,
    provider="aws",
    time=("time",),
    name=("detail-type",),
    service=("service",),
    account=("account",),
    region=("region",),
    resource=("resource",),
    level=("level",),
    error=("failure",),
    names=("resources", "detail.taskArn", "detail.clusterArn", "detail.instance-id", "detail.EC2InstanceId"),
    attributes={
        "id": "log.record.uid",
        "account": "cloud.account.id",
        "region": "cloud.region",
        "resource": "cloud.resource_id",
        "detail-type": "aws.eventbridge.detail_type",
        "source": "aws.event_source",
        "detail.taskArn": "aws.ecs.task.arn",
        "detail.clusterArn": "aws.ecs.cluster.arn",
        "detail.launchType": "aws.ecs.launchtype",
    },
    prefix="aws.eventbridge",
)


class EventBridgeParser(MappedParser):
    """Details of events."""

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record was the detail of an event."""
        context = sample.context
        return context.get("envelope") == ENVELOPE and "detail-type" in context and isinstance(sample.value, dict)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per event."""
        contexts = records.contexts()
        pairs = zip(records.bodies, records.context.codes.tolist(), strict=True)
        rows = [msgspec.json.encode(_with_envelope(read_json(body), contexts[code])) for body, code in pairs]
        return super().parse(replace(records, bodies=rows))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the event's attributes in OpenTelemetry names."""
        row = _with_envelope(read_json(body), context)
        for key in ("service", "level", "failure"):
            row.pop(key, None)
        return super().attributes(msgspec.json.encode(row), context)


def _with_envelope(detail: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event as it was before its envelope was peeled, and what its detail says of success."""
    if not isinstance(detail, dict) or "detail-type" not in context:
        raise UnreadableRecordError("the record is no detail of an event")
    row: dict[str, Any] = {key: context[key] for key in _ENVELOPE_KEYS if key in context}
    row["detail"] = detail
    row["service"] = str(context.get("source", "")).removeprefix("aws.")
    resources = context.get("resources")
    row["resource"] = resources[0] if isinstance(resources, list) and resources else ""
    return row | _outcome(row, detail)


_ENVELOPE_KEYS: Final = ("id", "detail-type", "source", "account", "region", "time", "resources")


def _outcome(row: dict[str, Any], detail: Mapping[str, Any]) -> dict[str, str]:
    """Return how bad an event is by the state that it reports, and why."""
    [state] = values_of([row], _STATES)
    [error] = values_of([row], _ERRORS)
    told = state if isinstance(state, str) else ""
    why = error if isinstance(error, str) else told
    alarm = object_at(detail, "state").get("value") == "ALARM"
    if told.lower() in _BAD or alarm or (error and "errorCode" in detail):
        return {"level": "ERROR", "failure": why or "ALARM"}
    if told.lower() in _STOPPED:
        return {"level": "WARN", "failure": why if _failed_exit(detail) else ""}
    return {"level": "INFO", "failure": ""}


def _failed_exit(detail: Mapping[str, Any]) -> bool:
    """Say whether a task stopped because something in it failed, rather than because it was told to."""
    containers = detail.get("containers")
    codes = [one.get("exitCode") for one in containers if isinstance(one, dict)] if isinstance(containers, list) else []
    return any(code not in (None, 0) for code in codes) or detail.get("stopCode") in _FAILED_STOPS


_FAILED_STOPS: Final = ("TaskFailedToStart", "EssentialContainerExited", "TerminationNotice")

EVENTBRIDGE_PARSER: Final = EventBridgeParser(_FIELDS, {"detail-type": str})
