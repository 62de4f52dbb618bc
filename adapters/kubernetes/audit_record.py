"""What an audit record of a Kubernetes API server is about: the object's name in normal form.

Audit records look alike wherever the cluster runs. See https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...domain.identity import kubernetes_resource

_GROUP = re.compile(r"/aws/eks/([^/]+)/cluster")


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
