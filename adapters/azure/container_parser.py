"""Parse rows of the ContainerLogV2 table: container logs of AKS in Log Analytics.

See https://learn.microsoft.com/azure/azure-monitor/reference/tables/containerlogv2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.event_id import event_ids
from ...domain.severity import SEVERITY_OF_TEXT
from ...domain.timestamps import rfc3339_column
from ..attribute_table import Names, named_attributes
from ..kubernetes.container_logs import PodKey, container_batch
from ..kubernetes.partial_lines import partial_lines
from ..parser import Sample
from ..records import Records
from ..text.line_attributes import line_attributes
from ..tolerant_json import read_json
from .categories.family import COMMON
from .common_schema import lowered, nested
from .diagnostics_parser import RECORD_KIND


class _Labels(msgspec.Struct):
    name: str = msgspec.field(name="app.kubernetes.io/name", default="")
    app: str = ""
    k8s_app: str = msgspec.field(name="k8s-app", default="")


class _Metadata(msgspec.Struct):
    podLabels: _Labels = msgspec.field(default_factory=_Labels)


class _Row(msgspec.Struct, gc=False):
    kind: Literal["ContainerLogV2"] = msgspec.field(name="Type")
    pod: str = msgspec.field(name="PodName")
    namespace: str = msgspec.field(name="PodNamespace", default="")
    container: str = msgspec.field(name="ContainerName", default="")
    time: str = msgspec.field(name="TimeGenerated", default="")
    message: str | dict[str, Any] = msgspec.field(name="LogMessage", default="")
    level: str = msgspec.field(name="LogLevel", default="")
    source: str = msgspec.field(name="LogSource", default="")
    metadata: msgspec.Raw = msgspec.field(name="KubernetesMetadata", default=msgspec.Raw(b"null"))
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
        messages = [r.message if type(r.message) is str else "" for r in rows]
        return container_batch(
            records,
            format=self.format,
            provider="azure",
            messages=messages,
            objects={row: r.message for row, r in enumerate(rows) if type(r.message) is dict},
            headers=[(r.namespace, r.pod, r.container, r.resource_id, bytes(r.metadata)) for r in rows],
            pod_of=_pod_of,
            times=rfc3339_column([r.time for r in rows]),
            streams=[r.source for r in rows],
            partial=partial_lines(messages),
            severity=np.array([SEVERITY_OF_TEXT.get(r.level, 0) for r in rows], np.uint8),
            overrides=overrides,
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's attributes in OpenTelemetry names."""
        row = lowered(read_json(body))
        text = row.get("logmessage")
        said = line_attributes(text) if isinstance(text, str) else {}
        return said | RECORD_KIND | named_attributes(row, _NAMES, "azure")


def _read_metadata(value: Any) -> dict[str, Any]:
    """Read what Kubernetes says of the pod: its labels and annotations, an object or JSON in a text."""
    held = nested(value)
    if not isinstance(held, dict):
        return {}
    found: dict[str, Any] = {}
    for key, part in held.items():
        if isinstance(part, dict):
            prefix = _LISTED.get(key, f"azure.kubernetes.{key}")
            found |= {f"{prefix}.{name}": label for name, label in part.items() if label}
        elif part:
            found[_METADATA.get(key, f"azure.kubernetes.{key}")] = part
    return found


_LISTED: Final = {
    "podLabels": "k8s.pod.label",
    "podAnnotations": "k8s.pod.annotation",
    "namespaceLabels": "k8s.namespace.label",
}
_METADATA: Final = {"image": "container.image.name", "imageTag": "container.image.tags", "podUid": "k8s.pod.uid"}

_NAMES: Final[Names] = {
    **COMMON,
    "logmessage": "log.record.body",
    "logsource": "log.iostream",
    "loglevel": "log.record.severity.original",
    "podname": "k8s.pod.name",
    "podnamespace": "k8s.namespace.name",
    "containername": "k8s.container.name",
    "containerid": "container.id",
    "computer": "k8s.node.name",
    "kubernetesmetadata": _read_metadata,
}


def _pod_of(header: tuple[str, str, str, str, bytes]) -> PodKey:
    """Return the container that a row's columns name."""
    namespace, pod, container, resource_id, metadata = header
    labels = _service_labels(metadata)
    return (namespace, pod, container, (labels.name, labels.app, labels.k8s_app), _place(resource_id))


def _place(resource_id: str) -> tuple[str, str, str, str]:
    """Return cluster id, account, region and cluster name of a resource id."""
    parts = resource_id.lower().strip("/").split("/")
    account = parts[1] if len(parts) > 1 and parts[0] == "subscriptions" else ""
    return (resource_id.lower(), account, "", parts[-1])


def _service_labels(metadata: bytes) -> _Labels:
    """Return the labels of metadata that is an object, JSON text (as exports write it), or missing."""
    decoded = msgspec.json.decode(metadata, type=_Metadata | str | None)
    if isinstance(decoded, str):
        decoded = msgspec.json.decode(decoded, type=_Metadata) if decoded else None
    return decoded.podLabels if decoded else _Labels()


def _text(message: Any) -> str:
    return msgspec.json.encode(message).decode()


def _ids(records: Records, rows: list[_Row]) -> Any:
    if records.ids is None and all(row.item_id for row in rows):
        return event_ids(["azure.loganalytics\0" + row.item_id for row in rows])
    return records.event_ids()
