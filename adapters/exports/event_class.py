"""What kind of activity an event reports, and what was done: shared by the export tables.

Read from the format and the attributes. The kinds are those that both the Elastic Common Schema (its categories) and
OCSF (its classes) tell apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from ...domain.events import DeploymentRecorded, Event, LogRecorded, ResourceChanged
from ...domain.severity import Severity


class Activity(Enum):
    """What an event reports."""

    API = "api"
    AUTHENTICATION = "authentication"
    HTTP = "http"
    DNS = "dns"
    NETWORK = "network"
    FINDING = "finding"
    LIFECYCLE = "lifecycle"
    ENTITY = "entity"
    OTHER = "other"


class Operation(Enum):
    """What was done to a resource."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    OTHER = "other"


_OF_FORMAT: Final[Mapping[str, Activity]] = {
    **dict.fromkeys(("aws.cloudtrail", "azure.activity", "azure.audit", "azure.keyvault", "gcp.audit"), Activity.API),
    **dict.fromkeys(("aws.eks.audit", "azure.storage", "aws.bedrock", "gcp.access_transparency"), Activity.API),
    **dict.fromkeys(("azure.signin",), Activity.AUTHENTICATION),
    **dict.fromkeys(("aws.guardduty", "aws.securityhub", "aws.inspector", "aws.macie"), Activity.FINDING),
    **dict.fromkeys(("aws.cloudtrail.insight", "aws.accessanalyzer", "azure.defender"), Activity.FINDING),
    **dict.fromkeys(("gcp.firewall.threat", "gcp.securitycenter"), Activity.FINDING),
    **dict.fromkeys(("aws.vpcflow", "aws.tgwflow", "aws.elb.nlb", "azure.nsgflow", "azure.vnetflow"), Activity.NETWORK),
    **dict.fromkeys(("gcp.vpcflow", "gcp.firewall", "gcp.nat", "gcp.nlb", "aws.networkfirewall"), Activity.NETWORK),
    **dict.fromkeys(("aws.elb.connection", "aws.globalaccelerator"), Activity.NETWORK),
    **dict.fromkeys(("aws.route53_resolver", "aws.route53_public", "gcp.dns"), Activity.DNS),
}
"""Formats all of whose records report one kind of activity. The others are told by what their records hold."""

_SIGN_INS: Final = frozenset({"ConsoleLogin", "SwitchRole", "ExitRole", "CheckMfa"})
"""CloudTrail's sign-in events, https://docs.aws.amazon.com/awscloudtrail/latest/userguide/\
cloudtrail-event-reference-aws-console-sign-in-events.html."""

_VERBS: Final[Mapping[Operation, str]] = {
    Operation.CREATE: "create insert add run launch allocate register generate import copy post new",
    Operation.READ: "get list describe head read search lookup query scan watch view fetch batchget select aggregated",
    Operation.UPDATE: "update modify put set change patch attach detach associate disassociate enable disable write"
    " replace tag untag start stop reboot restart move",
    Operation.DELETE: "delete remove terminate destroy deregister revoke purge release deletecollection deleting drop",
}
_OF_VERB: Final = {verb: operation for operation, verbs in _VERBS.items() for verb in verbs.split()}
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def activity_of(event: Event, attributes: Mapping[str, Any]) -> Activity:
    """Return what an event reports.

    >>> activity_of(LogRecorded(format="aws.cloudtrail", name="ConsoleLogin"), {})
    <Activity.AUTHENTICATION: 'authentication'>
    """
    if not isinstance(event, LogRecorded):
        kinds = {DeploymentRecorded: Activity.LIFECYCLE, ResourceChanged: Activity.ENTITY}
        return kinds.get(type(event), Activity.OTHER)
    if event.format == "aws.cloudtrail" and event.name in _SIGN_INS:
        return Activity.AUTHENTICATION
    told = _OF_FORMAT.get(event.format) or _OF_FORMAT.get(event.format.rpartition(".")[0])
    if told is Activity.NETWORK and not _has_ends(attributes):
        return Activity.OTHER
    return told or _seen(attributes)


def _seen(attributes: Mapping[str, Any]) -> Activity:
    if "dns.question.name" in attributes:
        return Activity.DNS
    if "http.request.method" in attributes or "http.request.method_original" in attributes:
        return Activity.HTTP
    both = "source.address" in attributes and "destination.address" in attributes
    return Activity.NETWORK if both else Activity.OTHER


def _has_ends(attributes: Mapping[str, Any]) -> bool:
    ends = ("source.address", "destination.address", "client.address", "server.address")
    return any(name in attributes for name in ends)


def operation_of(event: Event) -> Operation:
    """Return what was done, from the name of the operation: `ModifyDBInstance`, `.../write`, `storage.objects.get`.

    >>> [operation_of(Event(name=name)).value for name in ("ModifyDBInstance", "MICROSOFT.SQL/SERVERS/WRITE", "x.get")]
    ['update', 'update', 'read']
    """
    if isinstance(event, ResourceChanged):
        return _OF_VERB.get(event.action, Operation.OTHER)
    last = re.split(r"[./:]", event.name)[-1]
    words = [word.lower() for word in _WORD.findall(last)]
    return next((_OF_VERB[word] for word in words[:2] if word in _OF_VERB), Operation.OTHER)


def outcome_of(event: Event, attributes: Mapping[str, Any]) -> str:
    """Return `success`, `failure`, or `unknown` where the event does not tell.

    >>> outcome_of(Event(status=404), {}), outcome_of(Event(status=204), {}), outcome_of(Event(severity=17), {})
    ('failure', 'success', 'unknown')
    """
    told = str(getattr(event, "outcome", ""))
    if event.error or event.status >= 400 or told in ("failed", "partial"):
        return "failure"
    if event.status or told == "succeeded":
        return "success"
    # An audit record without an error code says that the call went well.
    return "success" if activity_of(event, attributes) is Activity.API and event.severity < Severity.WARN else "unknown"


def record_id(event: Event, attributes: Mapping[str, Any]) -> str:
    """Return the provider's own id of a record, else the event's.

    >>> record_id(Event(event_id=bytes([10])), {})
    '0a'
    """
    return str(attributes.get("log.record.uid") or event.event_id.hex())
