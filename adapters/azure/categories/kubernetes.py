"""Logs of AKS: the control plane's categories, and Container Insights' tables of events and older container logs.

Container lines of ContainerLogV2 have a parser of their own. See
https://learn.microsoft.com/azure/aks/monitor-aks-reference and
https://learn.microsoft.com/azure/azure-monitor/reference/tables/kubeevents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ....domain.identity import kubernetes_resource
from ...attribute_readers import number
from ...attribute_table import Names
from ...field_map import known_or
from ...field_paths import Row, texts_of, values_of
from ...kubernetes.audit_record import audit_attributes, audited_object
from ...number_columns import status_column
from ...text.line_attributes import line_attributes
from ..common_schema import RESOURCES, nested, place_of
from .family import LEVELS, family, own

_CONTROL_PLANE: Final = """
kube-audit kube-audit-admin kube-apiserver kube-controller-manager kube-scheduler cluster-autoscaler guard
cloud-controller-manager csi-azuredisk-controller csi-azurefile-controller csi-snapshot-controller csi-blob-controller
csi-azuredisk-node csi-azurefile-node karpenter-events node-auto-provisioning fleet-member-agent
fleet-member-net-controller-manager fleet-mcs-controller-manager AKSAudit AKSAuditAdmin AKSControlPlane
"""
_TABLES: Final = """
ContainerLog KubeEvents KubePodInventory KubeNodeInventory KubeServices KubePVInventory KubeHealth KubeMonAgentEvents
ContainerInventory ContainerNodeInventory ContainerImageInventory ContainerServiceLog
"""

_NAMES: Final[Names] = {
    "log": "log.record.body",
    "logentry": "log.record.body",
    "logentrysource": "log.iostream",
    "stream": "log.iostream",
    "message": "log.record.body",
    "pod": "k8s.pod.name",
    "podname": "k8s.pod.name",
    "poduid": "k8s.pod.uid",
    "containerid": "container.id",
    "containername": "k8s.container.name",
    "image": "container.image.name",
    "imagetag": "container.image.tags",
    "namespace": "k8s.namespace.name",
    "podnamespace": "k8s.namespace.name",
    "clustername": "k8s.cluster.name",
    "clusterid": "k8s.cluster.uid",
    "computer": "k8s.node.name",
    "reason": "k8s.event.reason",
    "kubeeventtype": "k8s.event.type",
    "objectkind": "k8s.object.kind",
    "count": number("k8s.event.count"),
    "sourcecomponent": "k8s.event.reporting_controller",
    "ccpnamespace": "azure.aks.control_plane.namespace",
}

_PLACES: Final = (*RESOURCES, "clusterid")
"""The tables name their cluster in a column of their own too."""

_EVENT_LEVELS: Final[Mapping[Any, int]] = {**LEVELS, "Normal": 9, "Warning": 13}


def _read_objects(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Read what records are about: audited objects (in `properties.log`, or AKSAudit's columns), objects of events."""
    logs = values_of(rows, ("properties.log", "log"))
    audited = [
        nested(text) if type(text) is str and '"audit.k8s.io' in text else row
        for row, text in zip(rows, logs, strict=True)
    ]
    records = [record if isinstance(record, dict) else {} for record in audited]
    clusters = [place_of(resource)[2] for resource in texts_of(rows, _PLACES)]
    columns["object"] = [
        audited_object({"objectRef": record.get("objectRef") or record.get("objectref")}, {"cluster": cluster})
        or _event_object(row, cluster)
        for row, record, cluster in zip(rows, records, clusters, strict=True)
    ]
    _read_answers(records, columns)


def _read_answers(records: Sequence[Row], columns: dict[str, Any]) -> None:
    verbs = texts_of(records, ("verb",))
    columns["name"] = [verb or name for verb, name in zip(verbs, columns["name"], strict=True)]
    codes = values_of(records, ("responseStatus.code", "responsestatus.code"))
    columns["status"] = known_or(status_column(codes), columns["status"])
    reasons = texts_of(records, ("responseStatus.reason", "responsestatus.reason"))
    columns["error"] = [reason or error for reason, error in zip(reasons, columns["error"], strict=True)]
    # An API server's answer in words is an error; a 404 to a probing client is one of the caller's.
    failed = np.array([bool(reason) for reason in reasons], np.bool_)
    untold = (columns["severity"] == 0) & failed & (columns["status"] >= 500)
    columns["severity"] = np.where(untold, 17, columns["severity"])


def _read_line(row: Row) -> dict[str, Any]:
    """Return what a line of the control plane or of a container says: an audit record's fields, or its form's."""
    properties = row.get("properties")
    held = properties if isinstance(properties, dict) else {}
    text = next((one for one in (held.get("log"), row.get("log"), row.get("logentry")) if isinstance(one, str)), "")
    if '"audit.k8s.io' in text and isinstance(record := nested(text), dict):
        return audit_attributes(record)
    return {key: value for key, value in line_attributes(text).items() if key != "log.record.body"} if text else {}


def _event_object(row: Row, cluster: str) -> str:
    kind, name, namespace = (row.get(key) for key in ("objectkind", "name", "namespace"))
    if not (isinstance(kind, str) and isinstance(name, str) and kind and name):
        return ""
    return kubernetes_resource(cluster, namespace if isinstance(namespace, str) else "", kind.lower(), name)


PARSERS: Final = (
    family(
        "azure.aks",
        f"{_CONTROL_PLANE} {_TABLES}",
        resource=_PLACES,
        name=("reason", "category", "type"),
        service=("sourcecomponent", "category", "containername"),
        level=("kubeeventtype", "level", "properties.level"),
        severities=_EVENT_LEVELS,
        message=(*own("log", "message"), "logentry"),
        names=_NAMES,
        refine=_read_objects,
        derive=_read_line,
    ),
)
