"""The tables of OCSF: which class an activity belongs to, and the numbers of classes, activities and severities.

Version 1.5.0, https://schema.ocsf.io/1.5.0/ (classes: https://schema.ocsf.io/1.5.0/classes/api_activity,
.../http_activity, .../network_activity, .../dns_activity, .../authentication, .../detection_finding,
.../application_lifecycle, .../entity_management, .../base_event). Later versions keep these numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from .event_class import Activity, Operation

OCSF_VERSION: Final = "1.5.0"


class OcsfClass(NamedTuple):
    """A class of events: its number, name, category and the names of its activities."""

    uid: int
    name: str
    category: str
    activities: Mapping[int, str]

    @property
    def category_uid(self) -> int:
        """The category is the thousands of the class.

        >>> CLASSES[Activity.API].category_uid
        6
        """
        return self.uid // 1000


_CRUD: Final = {1: "Create", 2: "Read", 3: "Update", 4: "Delete"}
_METHODS: Final = ("Connect", "Delete", "Get", "Head", "Options", "Post", "Put", "Trace")

CLASSES: Final[Mapping[Activity, OcsfClass]] = {
    Activity.API: OcsfClass(6003, "API Activity", "Application Activity", _CRUD),
    Activity.AUTHENTICATION: OcsfClass(
        3002, "Authentication", "Identity & Access Management", {1: "Logon", 2: "Logoff"}
    ),
    Activity.HTTP: OcsfClass(4002, "HTTP Activity", "Network Activity", dict(enumerate(_METHODS, 1))),
    Activity.DNS: OcsfClass(4003, "DNS Activity", "Network Activity", {1: "Query", 2: "Response", 6: "Traffic"}),
    Activity.NETWORK: OcsfClass(4001, "Network Activity", "Network Activity", {5: "Refuse", 6: "Traffic"}),
    Activity.FINDING: OcsfClass(2004, "Detection Finding", "Findings", {1: "Create", 2: "Update", 3: "Close"}),
    Activity.LIFECYCLE: OcsfClass(6002, "Application Lifecycle", "Application Activity", {8: "Update"}),
    Activity.ENTITY: OcsfClass(3004, "Entity Management", "Identity & Access Management", _CRUD),
    Activity.OTHER: OcsfClass(0, "Base Event", "Uncategorized", {}),
}

UNKNOWN: Final = 0
OTHER: Final = 99

CRUD: Final = {
    Operation.CREATE: 1,
    Operation.READ: 2,
    Operation.UPDATE: 3,
    Operation.DELETE: 4,
    Operation.OTHER: OTHER,
}

METHODS: Final = {name.upper(): number for number, name in enumerate(_METHODS, 1)}
"""PATCH has a number from 1.7.0 on only; it is `Other` here."""

SEVERITIES: Final = (
    (24, 6, "Fatal"),
    (21, 5, "Critical"),
    (17, 4, "High"),
    (13, 3, "Medium"),
    (10, 2, "Low"),
    (1, 1, "Informational"),
    (0, 0, "Unknown"),
)
"""OpenTelemetry's number from which on, `severity_id`, and its caption."""

VENDORS: Final = {"aws": ("AWS", "AWS"), "azure": ("Microsoft", "Azure"), "gcp": ("Google", "GCP")}
"""Provider to the vendor of its products, and to its name in `cloud.provider`."""

RESPONSE_CODES: Final = {
    **{"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5, "YXDOMAIN": 6},
    **{"YXRRSET": 7, "NXRRSET": 8, "NOTAUTH": 9, "NOTZONE": 10},
}
"""https://www.iana.org/assignments/dns-parameters, as far as OCSF numbers them alike."""

PROTOCOL_NUMBERS: Final = {
    "icmp": 1,
    "igmp": 2,
    "tcp": 6,
    "udp": 17,
    "gre": 47,
    "esp": 50,
    "ipv6-icmp": 58,
    "sctp": 132,
}


def severity_of(severity: int) -> tuple[int, str]:
    """Return `severity_id` and its caption.

    >>> severity_of(9), severity_of(18), severity_of(0)
    ((1, 'Informational'), (4, 'High'), (0, 'Unknown'))
    """
    return next((number, caption) for least, number, caption in SEVERITIES if severity >= least)
