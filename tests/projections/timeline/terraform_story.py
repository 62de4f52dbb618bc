"""Builders: Terraform runs and log lines, parsed and folded as in life."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cloudledger.adapters.records import Origin, Records
from cloudledger.adapters.terraform import TerraformApplyLogParser, TerraformPlanParser, TerraformStateParser
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.batch_rows import batch_of
from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import LogRecorded
from cloudledger.domain.timestamps import to_datetime, to_instant_ns
from cloudledger.projections.partitions import ProjectionState
from cloudledger.projections.timeline import TimelineModel, TimelineProjection

ACCOUNT, REGION = "012345678901", "eu-west-1"
MINUTE = 60 * 10**9


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def database(name: str, **more: Any) -> dict[str, Any]:
    """The attributes of an AWS database."""
    return {
        "id": f"db-{name.upper()}",
        "identifier": name,
        "arn": arn("rds", f"db:{name}"),
        "address": f"{name}.c1xyz.{REGION}.rds.amazonaws.com",
        "endpoint": f"{name}.c1xyz.{REGION}.rds.amazonaws.com:5432",
        **more,
    }


def queue(name: str, **more: Any) -> dict[str, Any]:
    """The attributes of an AWS queue."""
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    return {"id": url, "url": url, "name": name, "arn": arn("sqs", name), **more}


def iso(instant: int) -> str:
    return to_datetime(instant).isoformat()


def resource_change(address: str, actions: Sequence[str], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    resource_type = address.split(".")[-2]
    change = {"actions": list(actions), "before": before, "after": after, "after_unknown": {}}
    change.update({name: more.pop(name) for name in list(more) if name.endswith(("_sensitive", "_unknown"))})
    return {"address": address, "mode": "managed", "type": resource_type, "change": change, **more}


def plan(changes: Sequence[Mapping[str, Any]], at: int, **more: Any) -> bytes:
    document = {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": list(changes), **more}
    return json.dumps({**document, "timestamp": iso(at)}).encode()


def state(resources: Mapping[str, Mapping[str, Any]], dependencies: Mapping[str, Sequence[str]] | None = None) -> bytes:
    rows = [
        {
            "mode": "managed",
            "type": address.split(".")[0],
            "name": address.split(".")[1],
            "instances": [{"attributes": values, "dependencies": (dependencies or {}).get(address, [])}],
        }
        for address, values in resources.items()
    ]
    document = {"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "l", "resources": rows}
    return json.dumps(document).encode()


def line(kind: str, at: int, **more: Any) -> bytes:
    fields = {
        "@level": "info",
        "@message": kind,
        "@module": "terraform.ui",
        "@timestamp": iso(at),
        "type": kind,
        **more,
    }
    return json.dumps(fields).encode()


def leg(address: str, action: str, start: int, end: int, **more: Any) -> list[bytes]:
    """The two lines of one create, update or delete."""
    hook = {"resource": {"addr": address, "resource_type": address.split(".")[-2]}, "action": action, **more}
    return [line("apply_start", start, hook=hook), line("apply_complete", end, hook=hook)]


def summary(at: int, **counts: int) -> bytes:
    return line("change_summary", at, changes={"operation": "apply", **counts})


class Story:
    """Collects events; `model()` answers from all of them."""

    def __init__(self) -> None:
        self.projection = TimelineProjection()
        self.state: ProjectionState = self.projection.empty()
        self.batches: list[EventBatch] = []
        self._position = 1

    def add(self, batch: EventBatch, stream: str = "s") -> None:
        stored = batch.stored_as(stream, np.arange(self._position, self._position + len(batch)))
        self._position += len(batch)
        self.batches.append(stored)
        self.state = self.projection.fold(self.state, stored)

    def run(
        self, name: str, *, planned: bytes = b"", log: Sequence[bytes] = (), after: bytes = b"", **metadata: Any
    ) -> None:
        """Add the files of one run."""
        told = {"account": ACCOUNT, "region": REGION, "stack": "shop", **metadata}
        if planned:
            self.add(TerraformPlanParser().parse(Records.of([planned], Origin(f"tf/{name}.plan.json", told))))
        if log:
            self.add(TerraformApplyLogParser().parse(Records.of(list(log), Origin(f"tf/{name}.apply.jsonl", told))))
        if after:
            self.add(TerraformStateParser().parse(Records.of([after], Origin(f"tf/{name}.tfstate", told))))

    def update(self, name: str, address: str, before: Any, after: Any, at: int, **metadata: Any) -> None:
        """Add a run that updates one resource for 30 seconds."""
        planned = plan([resource_change(address, ["update"], before, after)], at - MINUTE)
        log = [*leg(address, "update", at, at + MINUTE // 2, id_key="id", id_value=before["id"]), summary(at + MINUTE)]
        self.run(name, planned=planned, log=log, **metadata)

    def logs(self, events: Sequence[LogRecorded]) -> None:
        self.add(batch_of(events))

    def model(self) -> TimelineModel:
        return TimelineModel(self.state)


def logged(at: int, service: str, severity: int = 9, *mentions: str, **more: Any) -> LogRecorded:
    """One line of a service that names things."""
    key = event_id(str(at), service, *mentions, *map(str, more.values()))
    return LogRecorded(event_id=key, occurred_at=at, service=service, severity=severity, mentions=mentions, **more)


def instant(text: str) -> int:
    return to_instant_ns(text)
