"""The other side of a call as records name it: hosts, URLs, pods, cloud resources; and which service that is.

The fold cuts a name to what identifies the peer (`host_column`); a query resolves it against the services that log
(`PeerNames`). A name that cannot be resolved becomes a node only where it plainly is a host or a datastore.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

import numpy as np

from ...domain.columns import StringColumn
from ...domain.dictionary import ABSENT, Dictionary

DATASTORE_PORTS = frozenset({1433, 1521, 3306, 5432, 6379, 7000, 8086, 9042, 9200, 11211, 26379, 27017, 27018})
QUEUE_PORTS = frozenset({4222, 5671, 5672, 6650, 9092, 9093})
"""Registered or default ports: https://www.iana.org/assignments/service-names-port-numbers."""

_DATASTORE_NAME = re.compile(
    r"(?:^|[.\-_])(?:mysql|mariadb|postgres(?:ql)?|pgsql|mongo(?:db)?|redis|memcached?|cassandra|elasticsearch|oracle"
    r"|rds|dynamodb|documents|database|cache|bigtable|firestore|spanner|sqlserver)(?:$|[.\-_])"
)
_QUEUE_NAME = re.compile(
    r"(?:^|[.\-_])(?:sqs|sns|kafka|rabbitmq|amqp|nats|servicebus|eventhubs?|pubsub|kinesis)(?:$|[.\-_])"
)
_SCHEME = re.compile(r"^(?:jdbc:)?([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_POD_SUFFIX = re.compile(r"-[a-f0-9]{6,10}-[a-z0-9]{5}$|-[a-z0-9]{5}$|-\d+$")
"""Suffixes that Kubernetes adds to a workload's name: of a Deployment, a DaemonSet or Job, a StatefulSet."""

_HOST = re.compile(r"^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$")
_NOT_A_SERVICE = frozenset(
    {"localhost", "passthroughcluster", "blackholecluster", "unknown", "-", "kubernetes.default.svc"}
)


class Peer(NamedTuple):
    """A node that a name stands for; `kind` is service, datastore, queue or external."""

    name: str
    kind: str


@lru_cache(maxsize=65_536)
def host_of(name: str) -> str:
    """Return what identifies the peer in a name: scheme, host and port; empty for an address or this very machine.

    >>> host_of("http://user:secret@pay.shop.svc:8080/v1/charge?id=3"), host_of("10.0.0.7:5432"), host_of("localhost")
    ('http://pay.shop.svc:8080', '', '')
    """
    text = name.strip()
    scheme = _SCHEME.match(text)
    if scheme:
        text = f"{scheme[1].lower()}://{re.split(r'[/?#;]', text[scheme.end() :], maxsplit=1)[0].rpartition('@')[2]}"
    host = _bare(text)
    return "" if not host or host in _NOT_A_SERVICE or _is_address(host) else text


def host_column(column: StringColumn) -> StringColumn:
    """Return a column of names cut by `host_of`; each distinct name is looked at once."""
    highest = int(column.codes.max()) if len(column) else ABSENT
    if highest == ABSENT:
        return column
    present = np.zeros(highest + 1, np.bool_)
    present[column.codes] = True
    used = np.flatnonzero(present)
    dictionary = Dictionary()
    table = np.zeros(len(present), np.uint32)
    table[used] = dictionary.encode([host_of(column.values[code]) for code in used.tolist()])
    return StringColumn(table[column.codes], dictionary)


class PeerNames:
    """Resolve peers against the services that are known to log.

    >>> names = PeerNames(["ts-order-service", "Pay"])
    >>> names.resolve("http://ts-order-service.shop.svc.cluster.local:8080").name, names.resolve("pay").name
    ('ts-order-service', 'Pay')
    >>> names.resolve("mongodb://ts-station-mongo:27017"), names.resolve("word")
    (Peer(name='ts-station-mongo', kind='datastore'), None)
    """

    def __init__(self, services: Iterable[str]) -> None:
        self._services = {service.casefold(): service for service in sorted(services) if service}
        self._resolved: dict[str, Peer | None] = {}

    def resolve(self, name: str) -> Peer | None:
        """Return the node that a name stands for, None where nothing can be said."""
        if name not in self._resolved:
            self._resolved[name] = self._service(name) or _unobserved(name)
        return self._resolved[name]

    def _service(self, name: str) -> Peer | None:
        for candidate in _candidates(name):
            service = self._services.get(candidate)
            if service is not None:
                return Peer(service, "service")
        return None


def _candidates(name: str) -> list[str]:
    """Return the names under which a service may be known, the most certain first."""
    host = _bare(name)
    label = host.split(".", 1)[0]
    return [name.casefold(), host, label, _POD_SUFFIX.sub("", label)]


def _bare(name: str) -> str:
    """Return the host alone, in lower case: no scheme, port, brackets or final dot."""
    text = _SCHEME.sub("", name).casefold()
    if text.startswith("outbound|"):  # Envoy's cluster names: outbound|port|subset|host
        text = text.rpartition("|")[2]
    if text.startswith("arn:"):
        return re.split(r"[:/]", text)[-1]
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text if text.count(":") > 1 else re.sub(r":\d*$", "", text).rstrip(".")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _unobserved(name: str) -> Peer | None:
    """Return a node for a peer that logs nothing itself."""
    if name.casefold().startswith("arn:"):
        return Peer(name, _kind_of(name, f".{name.split(':')[2]}."))
    host = _bare(name)
    kind = _kind_of(name, host)
    # A single word may be anything that a message happened to hold; a host has a port, a scheme, a dot or a hyphen.
    plainly_a_host = host != name.casefold() or "." in host or "-" in host or kind != "external"
    return Peer(host, kind) if plainly_a_host and _HOST.match(host) else None


def _kind_of(name: str, host: str) -> str:
    port = re.search(r":(\d+)$", name)
    number = int(port[1]) if port else 0
    scheme = _SCHEME.match(name)
    words = f"{host}.{scheme[1].lower()}" if scheme else host
    if number in DATASTORE_PORTS or _DATASTORE_NAME.search(words):
        return "datastore"
    return "queue" if number in QUEUE_PORTS or _QUEUE_NAME.search(words) else "external"
