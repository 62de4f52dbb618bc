"""Find the managed objects that an identifier in a log means, with the strength of the match.

Between the resource history and linking. Identifiers of objects are expanded into every form that logs write (derived
names, log groups, hosts); a log's identifier is taken apart (ARN, Azure id, Google name, host, Kubernetes object).
The strengths are those of the design's evidence table: full identifiers before names with their type before bare
names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...domain.identity import (
    Arn,
    AzureResourceId,
    GcpResourceName,
    KubernetesObject,
    identifiers_of,
    normalise_resource,
    parse_resource,
    workload_of_pod,
)
from .resource_history import ManagedObject

GLOBAL, TYPED_NAME, DERIVED, PARENT, SCOPED_NAME, ADDRESS, ACTOR, BARE_NAME = 0.95, 0.8, 0.75, 0.7, 0.6, 0.6, 0.5, 0.3
"""Scores. A bare name counts as scoped when the event's account is the resource's; without a scope it only suggests."""

MIN_NAME = 4
"""Chosen: shorter bare names (`db`, `api`) mean too many things."""

_GLOBAL_NAMES = (
    "aws.arn aws.id aws.url aws.unique_id azure.id azure.guid gcp.full_name gcp.numeric_id gcp.email k8s.uid id"
)
_GLOBAL_NAMESPACES = frozenset(_GLOBAL_NAMES.split())
_ACTOR_TYPES = re.compile(
    r"aws_iam_(?:role|user|instance_profile)|google_service_account|azurerm_user_assigned_identity|azuread_.*"
)
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?((?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*)\.?(?::\d+)?(?:/.*)?", re.IGNORECASE)
_IP = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?|\[?([0-9a-f]*:[0-9a-f:]+)\]?(?:%.*)?", re.IGNORECASE)
_SERVICE_HOSTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), service)
    for pattern, service in (
        (r"([^.]+)\.(?:cluster-(?:ro-|custom-)?)?[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(?:\.cn)?", "rds"),
        (r"(?:master\.|replica\.)?([^.]+)\.[a-z0-9.-]+\.cache\.amazonaws\.com(?:\.cn)?", "elasticache"),
        (r"(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", "s3"),
    )
)
"""Hosts that AWS names after the resource: first part, and the service whose name it is."""

_AZURE_HOST = re.compile(
    r"([^.]+)\.(?:(?:postgres|mysql|mariadb)\.)?(?:database|vault|blob\.core|queue\.core|table\.core|file\.core|servicebus"
    r"|redis\.cache|documents|azurewebsites|azurecr)\.(?:azure\.com|windows\.net|azure\.net|net|io)"
)


@dataclass(frozen=True, slots=True)
class Match:
    """An object that an identifier means, how sure that is, and why."""

    object: ManagedObject
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Entry:
    object: ManagedObject
    score: float
    kind: str


class IdentityIndex:
    """Every form of every identifier to the objects that bear it."""

    def __init__(self, objects: Iterable[ManagedObject]) -> None:
        self._entries: dict[str, dict[int, _Entry]] = {}
        self._names: dict[str, dict[int, _Entry]] = {}
        self._matches: dict[tuple[str, str, str], tuple[Match, ...]] = {}
        self._unknown: dict[str, bool] = {}
        self._tails: set[str] = set()
        for managed in objects:
            for identifier in managed.identifiers:
                self._add(managed, identifier)

    def matches(self, text: str, *, service: str = "", account: str = "") -> tuple[Match, ...]:
        """Return the objects that an identifier in a log means, at any time, the surest first.

        Args:
            text: the identifier as the event names it.
            service: the event's service: a name in a call to a service is a name of that service's resources.
            account: the event's account, subscription or project.
        """
        if self._is_unknown(text):
            return ()
        key = (text, service, account)
        if key not in self._matches:
            self._matches[key] = self._find(text, service, account)
        return self._matches[key]

    def _is_unknown(self, text: str) -> bool:
        """Say whether a text means nothing in any service and account: true of most that logs name."""
        known = self._unknown.get(text)
        if known is None:
            if not self._tails:
                self._tails.update(key.partition("/")[2] for key in self._entries)
            known = text not in self._names and text not in self._tails
            known = self._unknown[text] = known and next(self._candidates(text, "", ""), None) is None
        return known

    def _find(self, text: str, service: str, account: str) -> tuple[Match, ...]:
        best: dict[int, Match] = {}
        for entry, score, reason in self._candidates(text, service, account):
            serial = entry.object.serial
            if serial not in best or best[serial].score < score:
                best[serial] = Match(entry.object, score, reason)
        return tuple(sorted(best.values(), key=lambda match: (-match.score, match.object.serial)))

    def _candidates(self, text: str, service: str, account: str) -> Iterator[tuple[_Entry, float, str]]:
        normal = normalise_resource(text)
        for entry in self._of(normal):
            yield entry, entry.score, f"names {entry.kind} {text}"
        identity = parse_resource(normal)
        if identity is not None:
            yield from self._of_identity(identity, normal)
        elif (address := _IP.fullmatch(text)) is not None:
            for entry in self._of((address[1] or address[2]).lower()):
                yield entry, entry.score, f"names address {text}"
        elif (host := _HOST.fullmatch(text)) is not None:
            yield from self._of_host(host[1].lower())
        elif text.startswith("/"):
            yield from self._of_log_group(text)
        if identity is None:
            yield from self._of_bare_name(text, service, account)

    def _of(self, key: str) -> Iterable[_Entry]:
        return self._entries.get(key, {}).values()

    def _of_identity(
        self, identity: Arn | AzureResourceId | GcpResourceName | KubernetesObject, normal: str
    ) -> Iterator[tuple[_Entry, float, str]]:
        if isinstance(identity, Arn):
            yield from self._of_arn(identity, normal)
        elif isinstance(identity, KubernetesObject):
            yield from self._of_kubernetes(identity, normal)
        else:
            for parent in _parents(normal, "/", 3):
                for entry in self._of(parent):
                    yield entry, min(PARENT, entry.score), f"names a part of {parent}"
        if isinstance(identity, GcpResourceName):
            for entry in self._names.get(identity.name, {}).values():
                if entry.object.provider == "gcp" and not _has(entry.object, "gcp.full_name"):
                    yield entry, TYPED_NAME, f"names {identity.name} by its full name"

    def _of_arn(self, arn: Arn, normal: str) -> Iterator[tuple[_Entry, float, str]]:
        if arn.resource_type == "assumed-role":
            role = f"arn:{arn.partition}:iam::{arn.account}:role/{arn.name.split('/')[0]}"
            for entry in self._of(role):
                yield entry, ACTOR, f"performed by {role}"
        for entry in self._of(f"{arn.service}/{arn.name}"):
            if not _has(entry.object, "aws.arn") and entry.object.account in ("", arn.account):
                yield entry, min(entry.score, TYPED_NAME), f"names {arn.service} {arn.name} by its ARN"
        if arn.service == "logs":
            yield from self._of_log_group(arn.resource.removeprefix("log-group:").split(":", 1)[0])
        if arn.service == "s3" and "/" in arn.resource:
            for entry in self._of(f"arn:{arn.partition}:s3:::{arn.resource.split('/', 1)[0]}"):
                yield entry, entry.score, f"names an object in {arn.resource.split('/', 1)[0]}"
            return
        for parent in (*_parents(normal, "/", 4), *_parents(normal, ":", 6)):
            for entry in self._of(parent):
                yield entry, min(PARENT, entry.score), f"names a part of {parent}"

    def _of_log_group(self, log_group: str) -> Iterator[tuple[_Entry, float, str]]:
        """A service's log group is named after the resource; a database's goes on with the kind of log."""
        for name in (log_group, *_parents(log_group, "/", 3)):
            for entry in self._of(name):
                yield entry, min(entry.score, DERIVED), f"is in log group {name}"

    def _of_kubernetes(self, named: KubernetesObject, normal: str) -> Iterator[tuple[_Entry, float, str]]:
        for entry in self._of(f"k8s:{named.namespace}/{named.kind}/{named.name}"):
            yield entry, entry.score, f"names {normal}"
        if named.kind == "pod" and (workload := workload_of_pod(named.name)):
            for kind in ("deployment", "statefulset", "daemonset"):
                for entry in self._of(f"k8s:{named.namespace}/{kind}/{workload}"):
                    yield entry, min(entry.score, DERIVED), f"names a pod of {kind} {workload}"

    def _of_host(self, host: str) -> Iterator[tuple[_Entry, float, str]]:
        for entry in self._of(host):
            yield entry, entry.score, f"names host {host}"
        for pattern, service in _SERVICE_HOSTS:
            if (named := pattern.fullmatch(host)) is not None:
                for entry in self._of(f"{service}/{named[1]}"):
                    if not _has(entry.object, "dns") or service == "s3":
                        yield entry, min(entry.score, DERIVED), f"names {service} {named[1]} by its host"
        if (named := _AZURE_HOST.fullmatch(host)) is not None:
            for entry in self._names.get(named[1], {}).values():
                if entry.object.provider == "azure":
                    yield entry, DERIVED, f"names {named[1]} by its host"

    def _of_bare_name(self, text: str, service: str, account: str) -> Iterator[tuple[_Entry, float, str]]:
        caller = service.lower().removesuffix(".amazonaws.com")
        for entry in self._of(f"{caller}/{text}"):
            if _same_account(entry.object, account):
                yield entry, min(entry.score, TYPED_NAME), f"names {caller} {text}"
        named = self._names.get(text, {})
        living = [entry for entry in named.values() if _same_account(entry.object, account)]
        scoped = bool(account) and all(entry.object.account == account for entry in living)
        # Resources of one module often share a name (a database and its subnet group), and their deployments too.
        places = {(e.object.stack, e.object.component if scoped else e.object.address) for e in living}
        if len(text) < MIN_NAME or len(places) != 1:
            return
        for entry in living:
            yield (
                entry,
                SCOPED_NAME if scoped else BARE_NAME,
                f"names {text}" + (" in the same account" if scoped else ""),
            )

    def _add(self, managed: ManagedObject, identifier: str) -> None:
        namespace, _, value = identifier.partition(":")
        if namespace == "tag":
            return
        if namespace == "parent":
            for key, score, kind in _keys(value):
                self._put(self._entries, key, _Entry(managed, min(score, PARENT), f"the parent, {kind}"))
            return
        if _ACTOR_TYPES.fullmatch(managed.resource_type):
            for key, _, kind in _keys(identifier):
                self._put(self._entries, key, _Entry(managed, ACTOR, f"the identity {kind}"))
            return
        for key, score, kind in _keys(identifier):
            self._put(self._entries, key, _Entry(managed, score, kind))
        if (name := _bare_name(namespace, value)) and len(name) <= 256:
            self._put(self._names, name, _Entry(managed, BARE_NAME, "name"))

    def _put(self, entries: dict[str, dict[int, _Entry]], key: str, entry: _Entry) -> None:
        known = entries.setdefault(key, {})
        if entry.object.serial not in known or known[entry.object.serial].score < entry.score:
            known[entry.object.serial] = entry


def _keys(identifier: str) -> Iterator[tuple[str, float, str]]:
    """Yield the forms in which an identifier is looked up, with their score."""
    namespace, _, value = identifier.partition(":")
    if namespace in _GLOBAL_NAMESPACES:
        yield normalise_resource(value), GLOBAL, namespace
        yield value, GLOBAL, namespace
        yield from _derived(value)
    elif namespace == "aws.name":
        yield value, TYPED_NAME, "name"
    elif namespace in ("dns", "loggroup", "lb"):
        yield value, DERIVED, {"dns": "host", "loggroup": "log group", "lb": "load balancer"}[namespace]
    elif namespace == "ip":
        yield value, SCOPED_NAME, "address"
    elif namespace == "k8s.ref":
        yield f"k8s:{value}", TYPED_NAME, "Kubernetes object"


def _derived(value: str) -> Iterator[tuple[str, float, str]]:
    identity = parse_resource(value)
    for name in identifiers_of(value)[1:]:
        if name.startswith("/") or "://" in name:
            yield name, DERIVED, "derived name"
        elif name.startswith("arn:"):
            yield name, GLOBAL, "aws.arn"
    if isinstance(identity, Arn):
        yield f"{identity.service}/{identity.name}", TYPED_NAME, "name"


def _bare_name(namespace: str, value: str) -> str:
    if namespace == "name":
        return value
    if namespace == "aws.name":
        return value.partition("/")[2]
    identity = parse_resource(value) if namespace in ("aws.arn", "azure.id", "gcp.full_name") else None
    return identity.name if identity is not None else ""


def _parents(text: str, separator: str, fewest: int) -> Iterator[str]:
    """Yield what is left when the last parts are cut off, one by one."""
    parts = text.split(separator)
    for count in range(len(parts) - 1, max(fewest, len(parts) - 7), -1):
        yield separator.join(parts[:count])


def _has(managed: ManagedObject, namespace: str) -> bool:
    return any(one.startswith(namespace + ":") for one in managed.identifiers)


def _same_account(managed: ManagedObject, account: str) -> bool:
    return not account or not managed.account or managed.account == account
