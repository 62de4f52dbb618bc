"""What an audit record of a Kubernetes API server is about: the object's name in normal form.

Audit records look alike wherever the cluster runs. See https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...domain.identity import kubernetes_resource
from ..field_map import FieldMap, mapped_attributes

_GROUP = re.compile(r"/aws/eks/([^/]+)/cluster")


_FIELDS: Final = FieldMap(
    format="k8s.audit",
    provider="",
    time=("stageTimestamp", "requestReceivedTimestamp"),
    attributes={
        "auditID": "log.record.uid",
        "user.username": "user.name",
        "user.uid": "user.id",
        "userAgent": "user_agent.original",
        "requestURI": "url.path",
        "responseStatus.code": "http.response.status_code",
        "objectRef.namespace": "k8s.namespace.name",
        "verb": "rpc.method",
    },
    prefix="k8s.audit",
)


def audit_attributes(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return an audit record's fields in OpenTelemetry names; the client is the first of its addresses.

    >>> found = audit_attributes({"verb": "get", "sourceIPs": ["10.0.0.1"], "stage": "Panic"})
    >>> found["rpc.method"], found["client.address"], found["k8s.audit.stage"]
    ('get', '10.0.0.1', 'Panic')
    """
    found = mapped_attributes(record, _FIELDS)
    addresses = record.get("sourceIPs")
    client = addresses[0] if isinstance(addresses, list) and addresses else None
    path, _, query = str(found.get("url.path") or "").partition("?")
    if query:
        found |= {"url.path": path, "url.query": query}
    return {**found, "client.address": client} if isinstance(client, str) and client else found


def audited_object(record: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """Return the `k8s://` form of the object that a request was about, '' where the request names none.

    >>> record = {"objectRef": {"resource": "deployments", "namespace": "shop", "name": "pay"}}
    >>> audited_object(record, {"logGroup": "/aws/eks/prod/cluster"})
    'k8s://prod/shop/deployment/pay'
    """
    named = record.get("objectRef")
    if not isinstance(named, dict):
        return ""
    kind, namespace, name = (_text(named, key) for key in ("resource", "namespace", "name"))
    if not kind or not name:
        return ""
    group = _GROUP.match(str(context.get("logGroup", "")))
    return kubernetes_resource(group[1] if group else str(context.get("cluster", "")), namespace, kind, name)


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""
