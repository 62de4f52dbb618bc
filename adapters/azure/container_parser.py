"""Parse rows of the ContainerLogV2 table: container logs of AKS in Log Analytics.

See https://learn.microsoft.com/azure/azure-monitor/reference/tables/containerlogv2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.event_id import event_ids
from ...domain.severity import SEVERITY_OF_TEXT
from ...domain.timestamps import rfc3339_column
from ..kubernetes.container_logs import PodKey, container_batch
from ..parser import Sample
from ..records import Records


class _Labels(msgspec.Struct, gc=False):
    name: str = msgspec.field(name="app.kubernetes.io/name", default="")
    app: str = ""
    k8s_app: str = msgspec.field(name="k8s-app", default="")


class _Metadata(msgspec.Struct, gc=False):
    podLabels: _Labels = msgspec.field(default_factory=_Labels)


class _Row(msgspec.Struct, gc=False):
    kind: Literal["ContainerLogV2"] = msgspec.field(name="Type")
    pod: str = msgspec.field(name="PodName")
    namespace: str = msgspec.field(name="PodNamespace", default="")
    container: str = msgspec.field(name="ContainerName", default="")
    time: str = msgspec.field(name="TimeGenerated", default="")
    message: str | dict[str, Any] = msgspec.field(name="LogMessage", default="")
    level: str = msgspec.field(name="LogLevel", default="")
    metadata: _Metadata | str | None = msgspec.field(name="KubernetesMetadata", default=None)
    resource_id: str = msgspec.field(name="_ResourceId", default="")
    item_id: str = msgspec.field(name="_ItemId", default="")
    billed_size: float | None = msgspec.field(name="_BilledSize", default=None)


_DECODER = msgspec.json.Decoder(_Row)


class AzureContainerParser:
    """Container log lines in Log Analytics."""

    format = "azure.aks.container"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a row of ContainerLogV2."""
        return sample.fields.get("Type") == "ContainerLogV2" and "PodName" in sample.fields

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per row."""
        rows = _DECODER.decode_lines(b"\n".join(records.bodies))
        if len(rows) != len(records):
            raise ValueError("a record holds several JSON values")
        overrides: dict[str, Any] = {"event_id": _ids(records, rows)}
        sizes = [row.billed_size for row in rows]
        if None not in sizes:
            overrides["size_bytes"] = np.array(sizes, np.int64)
        places = _Places()
        pods: list[PodKey] = [
            (r.namespace, r.pod, r.container, labels, places[r.resource_id])
            for r, labels in zip(rows, _labels([row.metadata for row in rows]), strict=True)
        ]
        return container_batch(
            records,
            format=self.format,
            provider="azure",
            messages=[r.message if type(r.message) is str else _text(r.message) for r in rows],
            pods=pods,
            times=rfc3339_column([r.time for r in rows]),
            severity=np.array([SEVERITY_OF_TEXT.get(r.level, 0) for r in rows], np.uint8),
            overrides=overrides,
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's attributes in OpenTelemetry names."""
        row = msgspec.json.decode(body)
        names = {
            "LogMessage": "log.record.body",
            "LogSource": "log.iostream",
            "PodName": "k8s.pod.name",
            "PodNamespace": "k8s.namespace.name",
            "ContainerName": "k8s.container.name",
            "ContainerId": "container.id",
            "Computer": "k8s.node.name",
            "_ResourceId": "cloud.resource_id",
            "_ItemId": "log.record.uid",
        }
        attributes = {names.get(key, f"azure.{key}"): value for key, value in row.items()}
        attributes |= {f"k8s.pod.label.{k}": v for k, v in _pod_labels(row).items()}
        return {name: value for name, value in attributes.items() if value not in (None, "")}


class _Places(dict[str, tuple[str, str, str, str]]):
    """Cluster id, account, region and cluster name of each resource id."""

    def __missing__(self, resource_id: str) -> tuple[str, str, str, str]:
        parts = resource_id.lower().strip("/").split("/")
        account = parts[1] if len(parts) > 1 and parts[0] == "subscriptions" else ""
        self[resource_id] = place = (resource_id.lower(), account, "", parts[-1])
        return place


def _labels(column: list[_Metadata | str | None]) -> list[tuple[str, ...]]:
    """Return the service labels of rows whose metadata is an object, JSON text (as exports write it), or missing."""
    labels = [m.podLabels if type(m) is _Metadata else _decoded(m) for m in column]
    return [(n.name, n.app, n.k8s_app) for n in labels]


def _decoded(metadata: Any) -> _Labels:
    return msgspec.json.decode(metadata, type=_Metadata).podLabels if metadata else _Labels()


def _pod_labels(row: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = row.get("KubernetesMetadata") or {}
    decoded: Any = msgspec.json.decode(metadata) if isinstance(metadata, str) else metadata
    return decoded.get("podLabels") or {} if isinstance(decoded, dict) else {}


def _text(message: Any) -> str:
    return msgspec.json.encode(message).decode()


def _ids(records: Records, rows: list[_Row]) -> Any:
    if records.ids is None and all(row.item_id for row in rows):
        return event_ids(["azure.loganalytics\0" + row.item_id for row in rows])
    return records.event_ids()
