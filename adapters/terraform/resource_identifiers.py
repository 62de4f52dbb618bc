"""From a resource's attributes to the identifiers under which logs name it, as `namespace:value`.

An allow-list: only attributes that identify are read, whatever else the attributes hold stays out of the ledger.
Namespaces: `aws.arn`, `aws.id`, `aws.name` (as `service/name`), `aws.url`, `aws.unique_id`, `azure.id`, `azure.guid`,
`gcp.full_name`, `gcp.numeric_id`, `gcp.email`, `k8s.ref` (as `namespace/kind/name`), `dns`, `ip`, `loggroup`, `lb`,
`name`, `id`, `tag` (as `key=value`), and `parent:` before an identifier of the resource that a satellite belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ...domain.identity import normalise_resource, parse_arn
from .secret_values import looks_secret
from .type_rules import STAND_INS, TypeRule, provider_of, rule_of

MAX_IDENTIFIERS = 64
"""Chosen: names of one resource kept; more are addresses of a fleet."""

SERVICE_TAGS = ("service", "app", "application", "component", "app.kubernetes.io/name", "workload")
"""Tag and label keys that name the service a resource serves, in order of precedence."""

_TRACE_TAGS = ("yor_trace", "aws:cloudformation:stack-name", "aws:cloudformation:logical-id", "name")
_HOST_ATTRIBUTES = re.compile(
    r"(?:.*_)?(?:dns_name|fqdn|domain_name|endpoint|hostname|address)|login_server|vault_uri|uri|url|repository_url"
    r"|private_dns|public_dns"
)
_IP_ATTRIBUTES = re.compile(r"(?:.*_)?ip(?:_address)?|address")
_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?([a-z0-9_](?:[a-z0-9_-]*\.)+[a-z][a-z0-9-]+)\.?(?::\d+)?(?:/.*)?", re.IGNORECASE
)
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:]+:[0-9a-f.:]*", re.IGNORECASE)
_SHORT_ID = re.compile(r"[a-z]+(?:-[a-z]+)?-(?:[0-9a-f]{17}|[0-9a-f]{8})")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_QUEUE_URL = re.compile(r"https?://(?:sqs\.|[a-z0-9-]+\.queue\.|queue\.)\S+/\d{12}/\S+")
_KUBERNETES_KIND = re.compile(r"kubernetes_(.+?)(?:_v\d\w*)?")
_MAX_VALUE = 512


class Scope(msgspec.Struct, frozen=True):
    """Where a run works: account (or project) and region complete names to full identifiers."""

    account: str = ""
    region: str = ""
    secrets: frozenset[str] = frozenset()


def identifiers_of_resource(
    resource_type: str, attributes: Mapping[str, Any], scope: Scope | None = None, identity: Any = None
) -> tuple[str, ...]:
    """Return the identifiers of a resource, the strongest first.

    >>> identifiers_of_resource("aws_sqs_queue", {"name": "jobs"}, Scope("012345678901", "eu-west-1"))
    ('aws.arn:arn:aws:sqs:eu-west-1:012345678901:jobs', 'aws.name:sqs/jobs')
    """
    scope = scope or Scope()
    rule, provider = rule_of(resource_type), provider_of(resource_type)
    found: list[str] = []
    for source in _sources(resource_type, attributes, identity):
        found += _found(resource_type, rule, provider, source, scope)
    kept = [one for one in dict.fromkeys(found) if len(one) <= _MAX_VALUE and not looks_secret(one, scope.secrets)]
    return tuple(sorted(kept, key=_rank)[:MAX_IDENTIFIERS])


def identifiers_of_id(resource_type: str, value: str) -> tuple[str, ...]:
    """Return the identifiers in the `id` that an apply log tells of a resource.

    >>> identifiers_of_id("aws_sns_topic", "arn:aws:sns:eu-west-1:012345678901:alerts")
    ('aws.arn:arn:aws:sns:eu-west-1:012345678901:alerts', 'aws.name:sns/alerts')
    """
    return identifiers_of_resource(resource_type, {"id": value})


def scope_of(attributes: Mapping[str, Any]) -> tuple[str, str]:
    """Return account (or subscription, project) and region that attributes tell, '' where they do not.

    >>> scope_of({"arn": "arn:aws:sqs:eu-west-1:012345678901:jobs"})
    ('012345678901', 'eu-west-1')
    """
    arn = parse_arn(attributes["arn"]) if isinstance(attributes.get("arn"), str) else None
    if arn is not None:
        return arn.account, arn.region
    account = attributes.get("project") or ""
    region = attributes.get("region") or attributes.get("location") or ""
    named = attributes.get("id")
    if isinstance(named, str) and named.lower().startswith("/subscriptions/"):
        account = named.split("/")[2].lower()
    return str(account), region if isinstance(region, str) else ""


def service_of(identifiers: tuple[str, ...]) -> str:
    """Return the service that a resource's tags name, '' without such a tag.

    >>> service_of(("name:x", "tag:service=payments"))
    'payments'
    """
    tags = dict(one[4:].split("=", 1) for one in identifiers if one.startswith("tag:") and "=" in one)
    return next((tags[key] for key in SERVICE_TAGS if tags.get(key)), "")


_STRENGTH = ("aws.arn", "azure.id", "gcp.full_name", "k8s.ref", "aws.url", "aws.id", "id", "aws.unique_id")


def _rank(identifier: str) -> int:
    namespace = identifier.split(":", 1)[0]
    return _STRENGTH.index(namespace) if namespace in _STRENGTH else len(_STRENGTH) + (namespace in ("tag", "parent"))


def _sources(resource_type: str, attributes: Mapping[str, Any], identity: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(identity, dict):
        yield identity
    yield attributes
    for name in STAND_INS.get(resource_type, ()):
        held = attributes.get(name)
        if isinstance(held, dict):
            # State files wrap values of dynamic type as {"value": .., "type": ..}.
            held = held["value"] if held.keys() == {"value", "type"} and isinstance(held["value"], dict) else held
            yield {name: value for name, value in held.items() if name != "id"}


def _found(
    resource_type: str, rule: TypeRule, provider: str, attributes: Mapping[str, Any], scope: Scope
) -> Iterator[str]:
    own_account, own_region = scope_of(attributes)
    scope = Scope(own_account or scope.account, own_region or scope.region)
    name = attributes.get(rule.name) if rule.name else ""
    if isinstance(name, str) and name and provider != "kubernetes":
        yield from _of_name(resource_type, rule, provider, name, scope)
    for attribute, value in attributes.items():
        if isinstance(value, str) and value and attribute not in rule.ignored:
            yield from _of_attribute(resource_type, rule, provider, attribute, value, scope)
        elif attribute in ("tags", "tags_all", "labels", "effective_labels") and isinstance(value, dict):
            yield from _of_tags(value)
    yield from _of_template(rule, attributes, scope)
    yield from _of_parent(rule, provider, attributes, scope)
    if provider == "kubernetes":
        yield from _of_kubernetes(resource_type, attributes)


def _of_name(resource_type: str, rule: TypeRule, provider: str, name: str, scope: Scope) -> Iterator[str]:
    yield f"aws.name:{rule.service}/{name}" if provider == "aws" and rule.service else f"name:{name}"
    if rule.log_group:
        yield "loggroup:" + rule.log_group.format(name=name)
    if provider == "aws":
        full = normalise_resource(
            name, provider="aws", account=scope.account, region=scope.region, resource_type=resource_type
        )
        if full.startswith("arn:"):
            yield f"aws.arn:{full}"


def _of_attribute(
    resource_type: str, rule: TypeRule, provider: str, attribute: str, value: str, scope: Scope
) -> Iterator[str]:
    if attribute in ("arn", "id", "self_link", "selflink") or attribute in rule.also:
        yield from _of_value(resource_type, rule, provider, attribute, value, scope)
    if not (provider or resource_type in STAND_INS):
        return
    if _IP_ATTRIBUTES.fullmatch(attribute) and _IP.fullmatch(value):
        yield f"ip:{value.lower()}"
    elif _HOST_ATTRIBUTES.fullmatch(attribute) and (host := _HOST.fullmatch(value)) and not _QUEUE_URL.fullmatch(value):
        yield f"dns:{host[1].lower()}"
    elif resource_type in STAND_INS and attribute in ("name", "function_name", "identifier"):
        yield f"name:{value}"


def _of_value(
    resource_type: str, rule: TypeRule, provider: str, attribute: str, value: str, scope: Scope
) -> Iterator[str]:
    """Classify an identifying value by its shape."""
    arn = parse_arn(value)
    if arn is not None:
        yield f"aws.arn:{arn.normal}"
        if rule.name and rule.service and arn.service == rule.service and attribute == "id":
            yield f"aws.name:{rule.service}/{arn.name}"
    elif value.lower().startswith("/subscriptions/"):
        yield f"azure.id:{normalise_resource(value)}"
    elif provider == "gcp" and (value.startswith("projects/") or "googleapis.com/" in value):
        service = f"{rule.service}.googleapis.com" if rule.service and value.startswith("projects/") else ""
        full = normalise_resource(value, provider="gcp", account=scope.account, resource_type=service)
        yield f"gcp.full_name:{full}"
    elif provider == "aws" and _SHORT_ID.fullmatch(value):
        yield f"aws.id:{value}"
    elif _QUEUE_URL.fullmatch(value):
        yield f"aws.url:{value}"
    elif _UUID.fullmatch(value):
        yield f"azure.guid:{value.lower()}" if provider == "azure" else f"id:{value.lower()}"
    else:
        yield from _of_plain_value(rule, provider, attribute, value)


def _of_plain_value(rule: TypeRule, provider: str, attribute: str, value: str) -> Iterator[str]:
    if attribute == "arn_suffix":
        yield f"lb:{value}"
    elif attribute in ("unique_id", "policy_id", "resource_id", "cluster_resource_id"):
        yield f"gcp.numeric_id:{value}" if provider == "gcp" else f"aws.unique_id:{value}"
    elif attribute == "email":
        yield f"gcp.email:{value.lower()}"
    elif attribute == "number" or (provider == "gcp" and value.isdecimal()):
        yield f"gcp.numeric_id:{value}"
    elif attribute == "id" and provider == "aws" and rule.service and not rule.parent and ":" not in value:
        yield f"aws.unique_id:{value}" if value.startswith("db-") else f"aws.name:{rule.service}/{value}"


def _of_tags(tags: Mapping[str, Any]) -> Iterator[str]:
    for key, value in tags.items():
        if isinstance(value, str) and value and key.lower() in (*SERVICE_TAGS, *_TRACE_TAGS):
            yield f"tag:{key.lower()}={value}"


def _of_template(rule: TypeRule, attributes: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    if not rule.full_name:
        return
    values = {"project": scope.account, "region": scope.region, **attributes}
    try:
        full = rule.full_name.format_map(
            {k: v.rsplit("/", 1)[-1] if k == "cluster" else v for k, v in values.items() if v}
        )
    except (KeyError, AttributeError):
        return
    yield f"gcp.full_name:{normalise_resource(full, provider='gcp', account=scope.account)}"


def _of_parent(rule: TypeRule, provider: str, attributes: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    value = attributes.get(rule.parent) if rule.parent else None
    if not isinstance(value, str) or not value:
        return
    parent_rule = rule_of(rule.parent_type)
    if parse_arn(value) or value.startswith(("/", "http")) or _SHORT_ID.fullmatch(value):
        found = [*_of_value(rule.parent_type, parent_rule, provider, "id", value, scope)]
    else:
        found = [*_of_name(rule.parent_type, parent_rule, provider, value, scope)]
        found += _of_template(parent_rule, {parent_rule.name: value}, scope)
    yield from (f"parent:{one}" for one in found)


def _of_kubernetes(resource_type: str, attributes: Mapping[str, Any]) -> Iterator[str]:
    if resource_type == "helm_release":
        yield f"k8s.release:{attributes.get('namespace') or 'default'}/{attributes.get('name', '')}"
        return
    metadata = attributes.get("metadata")
    first = metadata[0] if isinstance(metadata, list) and metadata and isinstance(metadata[0], dict) else {}
    kind = _KUBERNETES_KIND.fullmatch(resource_type)
    if kind and isinstance(first.get("name"), str):
        yield f"k8s.ref:{first.get('namespace') or 'default'}/{kind[1].replace('_', '')}/{first['name']}"
        yield f"name:{first['name']}"
        yield from _of_tags(first.get("labels") or {})
        if isinstance(first.get("uid"), str):
            yield f"k8s.uid:{first['uid']}"
