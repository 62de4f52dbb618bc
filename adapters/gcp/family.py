"""A family of Cloud Logging's logs: which entries are of it, and where their payload holds what.

One parser reads all families that carry little volume or plain text. See
https://cloud.google.com/logging/docs/api/v2/resource-list.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...domain.events import PeerRole
from ..attribute_table import Names

Paths = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of logs.

    `log_ids` are decoded LOG_IDs (a trailing slash means all below), `resource_types` monitored resources (likewise);
    where both are given, both must fit. `names` are attribute names of the payload's fields, whose others get `prefix`.
    """

    format: str
    log_ids: Paths = ()
    resource_types: Paths = ()
    name: Paths = ()
    service: Paths = ()
    status: Paths = ()
    error: Paths = ()
    duration: Paths = ()
    duration_unit: str = "s"
    peer: Paths = ()
    peer_role: PeerRole = PeerRole.CALLEE
    peer_is_address: bool = False
    level: Paths = ()
    resource: Paths = ()
    mentions: Paths = ()
    successes: frozenset[str] = frozenset({"NOERROR", "OK", "SUCCESS", "0"})
    names: Names = field(default_factory=dict)
    prefix: str = "gcp.payload"

    def has(self, log: str, kind: str) -> bool:
        """Say whether entries of a log and a resource are of the family.

        >>> Family(format="gcp.dns", log_ids=("dns.googleapis.com/",)).has("dns.googleapis.com/dns_queries", "x")
        True
        """
        if self.log_ids and not _among(log, self.log_ids):
            return False
        return not self.resource_types or _among(kind, self.resource_types)


def _among(name: str, listed: Paths) -> bool:
    return any(name == one or (one.endswith("/") and name.startswith(one)) for one in listed)
