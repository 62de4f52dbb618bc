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
pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path ecs-cluster-arn ecs-cluster-name
ecs-container-instance-arn ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name
ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason resource-id encryption-status
resource-type tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id
tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id
packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired
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
    "az-id": "aws.az.id",
    "interface-id": "network.interface.name",
    "instance-id": "host.id",
    "version": "aws.vpc.flow.log.version",
    "vpc-id": "aws.vpc.id",
    "subnet-id": "aws.vpc.subnet.id",
    "log-status": "aws.vpc.flow.status",
    "sublocation-type": "aws.sublocation.type",
    "sublocation-id": "aws.sublocation.id",
    "pkt-src-aws-service": "aws.vpc.flow.source.service",
    "pkt-dst-aws-service": "aws.vpc.flow.destination.service",
}
"""OpenTelemetry's names, and for what it has none those of its collector; ECS fields are `aws.ecs.*`."""

_LOST: Final = ("no-route", "blackhole", "mtu-exceeded", "ttl-expired")
_NUMBERS: Final = frozenset(
    {"srcport", "dstport", "packets", "bytes", "start", "end", "version", "tcp-flags", "traffic-path"}
    | {"encryption-status", *(f"packets-lost-{reason}" for reason in _LOST)}
)
_DIRECTIONS: Final = {"ingress": "receive", "egress": "transmit"}


def flow_attributes(fields: Mapping[str, str], prefix: str = "aws.vpc.flow") -> dict[str, Any]:
    """Return a flow's fields in OpenTelemetry names, typed: the tuple of a line as one would query it.

    >>> flow_attributes({"srcaddr": "10.0.0.1", "srcport": "443", "protocol": "6", "action": "-"})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'source.address': '10.0.0.1', 'source.port': 443, 'network.transport': 'tcp', 'network.protocol.name': 'tcp'}
    """
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if value in ("-", ""):
            continue
        if name == "protocol":
            # The collector writes the second name; the conventions keep it for what runs on top of the transport.
            found["network.transport"] = found["network.protocol.name"] = PROTOCOLS.get(value, value)
        elif name == "flow-direction":
            found["network.io.direction"] = _DIRECTIONS.get(value, value)
        elif name == "type":
            found["network.type"] = value.lower()
        else:
            found[_name_of(name, prefix)] = int(value) if name in _NUMBERS and value.isdecimal() else value
    return found | _packet_addresses(fields)


def _name_of(field: str, prefix: str) -> str:
    if field.startswith("ecs-"):
        return f"aws.ecs.{field.removeprefix('ecs-').replace('-', '.')}"
    return _STANDARD.get(field) or f"{prefix}.{field.replace('-', '_')}"


def _packet_addresses(fields: Mapping[str, str]) -> dict[str, str]:
    """Return where packets really came from and went to, where a gateway or load balancer stood in between."""
    found: dict[str, str] = {}
    for side, address, packet in (
        ("source.address", "srcaddr", "pkt-srcaddr"),
        ("destination.address", "dstaddr", "pkt-dstaddr"),
    ):
        own, real = fields.get(address, "-"), fields.get(packet, "-")
        if real not in ("-", "") and own not in ("-", ""):
            found[side] = real
            found |= {"network.local.address": own} if own != real else {}
    return found
