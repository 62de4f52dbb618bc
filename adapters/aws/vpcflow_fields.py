"""The fields of flow logs: names, JSON spellings, OpenTelemetry names.

Lambda processors, Firehose and Kinesis pipelines write flows as objects; their keys are the fields' names with `_`
or `-`, or run together (`account_id`, `account-id`, `accountId`). See
https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..field_paths import Row, as_text

PROTOCOLS: Final = {
    "1": "icmp",
    "2": "igmp",
    "4": "ipv4",
    "6": "tcp",
    "17": "udp",
    "41": "ipv6",
    "47": "gre",
    "50": "esp",
    "51": "ah",
    "58": "ipv6-icmp",
    "132": "sctp",
}
"""https://www.iana.org/assignments/protocol-numbers."""

_FIELDS: Final = """
version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id
pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path ecs-service-name ecs-cluster-arn ecs-task-arn
"""
_NAMES: Final[Mapping[str, str]] = {
    **{name.replace("-", ""): name for name in _FIELDS.split()},
    "account": "account-id",
    "interface": "interface-id",
    "sourceaddress": "srcaddr",
    "destinationaddress": "dstaddr",
    "sourceport": "srcport",
    "destinationport": "dstport",
    "starttime": "start",
    "endtime": "end",
    "status": "log-status",
}


def flow_of(row: Row) -> dict[str, str]:
    """Return the fields of a flow under their names in headers, as text.

    >>> flow_of({"accountId": 1, "srcaddr": "a", "other": 2})
    {'account-id': '1', 'srcaddr': 'a'}
    """
    named = ((_NAMES.get(key.lower().replace("-", "").replace("_", "")), value) for key, value in row.items())
    return {name: as_text(value) or "-" for name, value in named if name and not isinstance(value, dict | list)}


def is_flow(flow: Mapping[str, str]) -> bool:
    """Say whether fields are those of a flow.

    >>> is_flow({"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2", "account-id": "1"})
    True
    """
    own = flow.keys() & {"account-id", "interface-id", "log-status", "packets", "action", "protocol"}
    return {"srcaddr", "dstaddr"} <= flow.keys() and bool(own)


_STANDARD: Final = {
    "srcaddr": "source.address",
    "dstaddr": "destination.address",
    "srcport": "source.port",
    "dstport": "destination.port",
    "account-id": "cloud.account.id",
    "region": "cloud.region",
    "az-id": "cloud.availability_zone",
    "interface-id": "network.interface.name",
}
_NUMBERS: Final = frozenset(
    {"srcport", "dstport", "packets", "bytes", "start", "end", "version", "tcp-flags", "traffic-path"}
)


def flow_attributes(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a flow's fields in OpenTelemetry names.

    >>> flow_attributes({"srcaddr": "10.0.0.1", "srcport": "443", "protocol": "6", "action": "-"})
    {'source.address': '10.0.0.1', 'source.port': 443, 'network.transport': 'tcp'}
    """
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if value in ("-", ""):
            continue
        if name == "protocol":
            found["network.transport"] = PROTOCOLS.get(value, value)
        elif name == "flow-direction":
            found["network.io.direction"] = {"ingress": "receive", "egress": "transmit"}.get(value, value)
        elif name == "type":
            found["network.type"] = value.lower()
        else:
            key = _STANDARD.get(name, f"aws.vpc.flow.{name.replace('-', '_')}")
            found[key] = int(value) if name in _NUMBERS and value.isdecimal() else value
    return found
