"""Find out which fields a headerless flow log line has, when they are not the default ones.

CloudWatch Logs gets flow logs without a header; their custom order cannot be told by counting fields. What a field
plainly is (an interface, an account, an address, a verdict) names it; what could be several things stays unnamed rather
than misnamed. See https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

_PLAIN: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("interface-id", r"eni-[0-9a-f]{8,17}"),
        ("vpc-id", r"vpc-[0-9a-f]{8,17}"),
        ("subnet-id", r"subnet-[0-9a-f]{8,17}"),
        ("instance-id", r"i-[0-9a-f]{8,17}"),
        ("tgw-id", r"tgw-[0-9a-f]{17}"),
        ("tgw-attachment-id", r"tgw-attach-[0-9a-f]{17}"),
        ("account-id", r"\d{12}"),
        ("action", r"ACCEPT|REJECT"),
        ("log-status", r"OK|NODATA|SKIPDATA"),
        ("type", r"IPv4|IPv6|EFA"),
        ("flow-direction", r"ingress|egress"),
        ("az-id", r"[a-z]{3,4}\d?-az\d"),
        ("region", r"[a-z]{2}(?:-[a-z]+){1,2}-\d"),
        ("ecs-cluster-arn", r"arn:aws[\w-]*:ecs:\S+:cluster/\S+"),
        ("ecs-task-arn", r"arn:aws[\w-]*:ecs:\S+:task/\S+"),
    )
)
_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|(?=\S*:)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}")
_ADDRESSES: Final = ("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr")
_INSTANT: Final = re.compile(r"1[0-9]{9}|2[0-9]{9}")

MAX_FIELDS: Final = 64
"""More than all fields that AWS documents."""


def told_layout(line: str) -> tuple[str, ...]:
    """Return the names of a line's fields, `field-<n>` where they cannot be told; nothing for a line that is no flow.

    >>> told_layout("eni-0123456789abcdef0 10.0.0.1 10.0.0.2 443 1418530010 1418530070 ACCEPT")
    ('interface-id', 'srcaddr', 'dstaddr', 'field-4', 'start', 'end', 'action')
    >>> told_layout("10.0.0.1 asked 10.0.0.2")
    ()
    """
    parts = line.split()
    if len(parts) > MAX_FIELDS:
        return ()
    kinds = [_kind(part) for part in parts]
    return _layout(tuple(kinds))


def _kind(part: str) -> str:
    if part.isdecimal() and len(part) != 12:
        return "instant" if _INSTANT.fullmatch(part) else ""
    if _ADDRESS.fullmatch(part):
        return "address"
    return next((name for name, pattern in _PLAIN if pattern.fullmatch(part)), "")


@lru_cache(1024)
def _layout(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the layout of the kinds; a verdict, both ends and both times make a flow."""
    named = tuple(_named(kinds))
    present = set(named)
    flow = {"srcaddr", "dstaddr", "start", "end"} <= present and bool({"action", "log-status"} & present)
    return named if flow and len(present) == len(named) else ()


def _named(kinds: Sequence[str]) -> Iterator[str]:
    addresses, instants, seen = iter(_ADDRESSES), iter(("start", "end")), set[str]()
    for number, kind in enumerate(kinds, 1):
        if kind in ("address", "instant"):
            name = next(addresses if kind == "address" else instants, "")
        else:
            name = kind if kind not in seen else ""
        seen.add(name)
        yield name or f"field-{number}"
