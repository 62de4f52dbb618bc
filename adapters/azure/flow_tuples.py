"""The tuples inside flow records, decoded as typed attributes.

`1487282421,42.119.146.95,10.1.0.4,51529,5358,T,I,D` (version 1; version 2 adds state and counters) and
`1663146003599,10.0.0.6,52.239.184.180,23956,443,6,O,E,NX,3,767,2,1580` (version 4). See
https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..attribute_readers import number_of, protocol_number

MAX_TUPLES: Final = 10_000
"""Flows decoded of one record. Chosen: above what one interface has in a minute."""

_STATES: Final = {"B": "begin", "C": "continuing", "E": "end", "D": "deny"}
_DIRECTIONS: Final = {"I": "receive", "O": "transmit"}
_DECISIONS: Final = {"A": "allow", "D": "deny"}
_LETTERS: Final = {"T": "tcp", "U": "udp"}
_COUNTERS: Final = (
    "azure.flow.packets.sent",
    "azure.flow.bytes.sent",
    "azure.flow.packets.received",
    "azure.flow.bytes.received",
)


def flow_attributes(held: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flows of a record, and of a single one also its fields.

    >>> found = flow_attributes({"flows": [{"rule": "web", "flows": [{"flowTuples": ["1,a,b,1,2,U,O,A,B,,,,"]}]}]})
    >>> found["azure.flows"][0]["network.transport"], found["destination.port"], found["azure.flow.count"]
    ('udp', 2, 1)
    """
    flows = [flow for rule in _objects(held, "flows") for flow in _flows_of_rule(rule)][:MAX_TUPLES]
    if not flows:
        return {}
    single = flows[0] if len(flows) == 1 else {}
    totals = {name: sum(flow.get(name, 0) for flow in flows) for name in _COUNTERS if any(name in f for f in flows)}
    return {**single, **totals, "azure.flow.count": len(flows), "azure.flows": flows}


def _flows_of_rule(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for group in (*_objects(rule, "flows"), *_objects(rule, "flowGroups")):
        named = {
            "security_rule.name": rule.get("rule") or group.get("rule"),
            "azure.flow.mac": group.get("mac"),
            "azure.flow.acl.id": rule.get("aclID"),
        }
        known = {name: value for name, value in named.items() if isinstance(value, str) and value}
        lines = group.get("flowTuples")
        found += [known | flow_of(line) for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
    return found


def _objects(held: Any, key: str) -> list[Mapping[str, Any]]:
    listed = held.get(key) if isinstance(held, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def flow_of(line: str) -> dict[str, Any]:
    """Return the typed fields of one tuple of any version; a short one gives what it has.

    >>> flow = flow_of("1663146003599,10.0.0.6,52.239.184.180,23956,443,6,O,E,NX,3,767,2,1580")
    >>> flow["network.transport"], flow["azure.flow.state"], flow["azure.flow.bytes.sent"]
    ('tcp', 'end', 767)
    >>> flow_of("1487282421,42.119.146.95,10.1.0.4,51529,5358,T,I,D")["azure.flow.decision"]
    'deny'
    """
    parts = line.split(",", 16)
    values = [*parts, *[""] * (13 - len(parts))]
    milliseconds = len(parts[0]) > 11  # version 4 counts in milliseconds, the others in seconds
    instant = number_of(values[0])
    flow: dict[str, Any] = {
        "azure.flow.time_ms": None if instant is None else int(instant) * (1 if milliseconds else 1000),
        "source.address": values[1],
        "destination.address": values[2],
        "source.port": number_of(values[3]),
        "destination.port": number_of(values[4]),
        "network.io.direction": _DIRECTIONS.get(values[6], values[6]),
    }
    flow |= _version_4(values) if values[5].isdecimal() else _version_2(values)
    counters = {name: number_of(value) for name, value in zip(_COUNTERS, values[9:13], strict=True)}
    return {name: value for name, value in (flow | counters).items() if value not in (None, "")}


def _version_4(values: list[str]) -> dict[str, Any]:
    denied = values[7] == "D"
    return {
        **protocol_number("network.transport")(values[5]),
        "azure.flow.state": _STATES.get(values[7], values[7]),
        "azure.flow.decision": "deny" if denied else "allow",
        "azure.flow.encryption": values[8],
    }


def _version_2(values: list[str]) -> dict[str, Any]:
    return {
        "network.transport": _LETTERS.get(values[5], values[5]),
        "azure.flow.decision": _DECISIONS.get(values[7], values[7]),
        "azure.flow.state": _STATES.get(values[8], values[8]),
    }
