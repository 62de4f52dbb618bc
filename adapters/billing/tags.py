"""Tags and labels of billing rows, and the service that they or a log group's name tell.

Azure writes tags as a JSON object with or without its braces, BigQuery as a list of key and value, CUR 2.0 as a map.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from ...domain.identity import parse_arn
from .column_names import tag_name

SERVICE_TAGS = (
    "service.name",
    "service",
    "service-name",
    "servicename",
    "app.kubernetes.io/name",
    "app",
    "application",
    "component",
    "k8s-app",
    "k8s-pod/app",
)
"""Tags that name a service, the most specific first. OpenTelemetry and Kubernetes recommended labels, then usage."""

_GROUP_RULES = tuple(
    re.compile(rule)
    for rule in (
        r"/aws/lambda/(?:[a-z]{2}-[a-z]+-\d\.)?([^/]+)$",
        r"/aws/codebuild/([^/]+)$",
        r"/aws/(?:ecs/containerinsights|containerinsights|eks)/([^/]+)(?:/|$)",
        r"/aws/rds/(?:instance|cluster)/([^/]+)/",
        r"/aws/vendedlogs/states/([^/]+)$",
        r"/aws/(?:apigateway|api-gateway|batch|glue|sagemaker)/([^/]+)",
        r"/ecs/([^/]+)",
    )
)
"""Log groups that AWS services name after what writes them; the CUDOS dashboards group by the same prefixes."""

_CLUSTERS = ("/aws/ecs/containerinsights/", "/aws/containerinsights/", "/aws/eks/")


def tags_of(value: Any) -> dict[str, str]:
    """Return tags from any of the forms that exports write; text that is none of them gives no tags.

    >>> tags_of('"app": "cart","tier":1'), tags_of([{"key": "app", "value": "pay"}])
    ({'app': 'cart', 'tier': '1'}, {'app': 'pay'})
    """
    if isinstance(value, str):
        value = _decoded(value.strip())
    if isinstance(value, list):
        value = {str(item.get("key", "")): item.get("value") for item in value if isinstance(item, dict)}
    if not isinstance(value, dict):
        return {}
    return {tag_name(str(name)): str(item) for name, item in value.items() if name and item not in (None, "")}


def service_of(tags: Mapping[str, str], resource: str) -> str:
    """Return the service that a row's tags or its log group name, else an empty string.

    >>> service_of({"App": "cart"}, ""), service_of({}, "arn:aws:logs:us-east-1:1:log-group:/aws/lambda/pay")
    ('cart', 'pay')
    """
    if tags:
        lower = {name.lower(): value for name, value in tags.items()}
        for name in SERVICE_TAGS:
            if lower.get(name):
                return lower[name]
    return service_of_log_group(log_group_of(resource))


@lru_cache(maxsize=65_536)
def service_of_log_group(group: str) -> str:
    """Return what writes a log group, where its name tells; a cluster's group holds many services and tells none.

    >>> service_of_log_group("/ecs/checkout"), service_of_log_group("/aws/containerinsights/shop/application")
    ('checkout', '')
    """
    if group.startswith(_CLUSTERS):
        return ""
    return next((found[1] for rule in _GROUP_RULES if (found := rule.match(group))), "")


@lru_cache(maxsize=65_536)
def log_group_of(resource: str) -> str:
    """Return the log group that an ARN names.

    >>> log_group_of("arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/pay:*")
    '/aws/lambda/pay'
    """
    marker = ":log-group:"
    if marker not in resource or parse_arn(resource) is None:
        return ""
    return resource.partition(marker)[2].partition(":")[0]


def _decoded(text: str) -> Any:
    if not text:
        return None
    try:
        return msgspec.json.decode(text if text[0] in "{[" else "{" + text + "}")
    except msgspec.MsgspecError:
        return None
