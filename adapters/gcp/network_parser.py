"""Parse the flow-like logs of Google Cloud: VPC flows, firewall rules, NAT, network load balancers.

Formats of volume, hence typed decode. A flow's time is its end: `timestamp` is when the flow was reported. See
https://cloud.google.com/vpc/docs/about-flow-logs-records and https://cloud.google.com/firewall/docs/firewall-rules-logging.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import Flag, PeerRole
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ..attribute_table import Names
from ..described import Description, described
from ..log_batch import log_batch
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords
from . import network_names
from .entry_attributes import entry_attributes
from .log_entry import (
    Entry,
    entry_columns,
    entry_flags,
    entry_times,
    frozen_labels,
    log_id,
    project_of,
    region_of,
    resource_of,
)


class _Connection(msgspec.Struct, gc=False):
    src_ip: str | None = None
    dest_ip: str | None = None
    clientIp: str | None = None
    serverIp: str | None = None


class _Machine(msgspec.Struct, gc=False):
    vm_name: str | None = None


class FlowPayload(msgspec.Struct, gc=False):
    """The fields of any of these logs that columns are made of."""

    connection: _Connection | None = None
    type: str | None = msgspec.field(name="@type", default=None)
    reporter: str | None = None
    action: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    startTime: str | None = None
    endTime: str | None = None
    disposition: str | None = None
    allocation_status: str | None = None
    proxyStatus: str | None = None
    src_instance: _Machine | None = None
    dest_instance: _Machine | None = None
    instance: _Machine | None = None
    remote_instance: _Machine | None = None
    endpoint: _Machine | None = None


class _FlowEntry(Entry, kw_only=True, gc=False):
    jsonPayload: FlowPayload


_ENTRIES = TypedRecords(_FlowEntry)
_NO_CONNECTION: Final = _Connection()
_Key = tuple[str, str, tuple[tuple[str, str], ...], str, str]


@dataclass(frozen=True)
class FlowLog:
    """One of these logs: its LOG_IDs, attribute names, and the fields that name an event and its peer."""

    format: str
    log_ids: tuple[str, ...]
    names: Names
    prefix: str
    name: str = "type"
    peer: str = "dest_ip"
    peer_role: PeerRole = PeerRole.CALLEE


class NetworkParser:
    """Entries of one of the flow-like logs.

    >>> from ..records import Origin
    >>> body = b'''{"logName":"projects/p/logs/compute.googleapis.com%2Ffirewall","insertId":"1","resource":{"type":
    ... "gce_subnetwork","labels":{"project_id":"p","subnetwork_name":"main","location":"us-central1"}},"jsonPayload":
    ... {"connection":{"src_ip":"10.0.0.1","dest_ip":"10.0.0.2"},"disposition":"DENIED"}}'''
    >>> event = NetworkParser(FLOW_LOGS[1]).parse(Records.of([body], Origin("fw.json")))[0]
    >>> event.format, event.name, event.peer, event.service
    ('gcp.firewall', 'DENIED', '10.0.0.2', 'main')
    """

    def __init__(self, log: FlowLog) -> None:
        self.log = log
        self.format = log.format

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an entry of the log."""
        name = sample.fields.get("logName")
        holds = isinstance(sample.fields.get("jsonPayload"), dict)
        return isinstance(name, str) and holds and log_id(name) in self.log.log_ids

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per entry."""
        entries, flags = _ENTRIES.decode(records)
        if not {log_id(name) for name in {e.logName for e in entries}} <= set(self.log.log_ids):
            raise UnreadableRecordError(f"an entry is not of {self.format}")
        payloads = [e.jsonPayload for e in entries]
        ends = [p.connection or _NO_CONNECTION for p in payloads]
        peers = [peer or "" for peer in map(attrgetter(self.log.peer), ends)]
        names = [(name or "").rpartition(".")[2] for name in map(attrgetter(self.log.name), payloads)]
        known = np.array(list(map(bool, peers)), np.bool_)
        times, took = _times(entries, payloads)
        return log_batch(
            records,
            format=self.format,
            provider="gcp",
            times=times,
            flags=entry_flags(entries, flags) | np.where(known, int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8),
            name=names,
            duration_us=took,
            peer=peers,
            peer_role=np.where(known, int(self.log.peer_role), 0).astype(np.uint8),
            template=template_column(names),
            **entry_columns(records, entries),
            **described([_key(e) for e in entries], _describe),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry's attributes in OpenTelemetry names."""
        return entry_attributes(read_json(body), self.log.names, self.log.prefix)


def _times(entries: list[_FlowEntry], payloads: list[FlowPayload]) -> tuple[Any, Any]:
    """Return when flows ended, and how long they took."""
    ends, ended = rfc3339_column([p.end_time or p.endTime or "" for p in payloads])
    starts, started = rfc3339_column([p.start_time or p.startTime or "" for p in payloads])
    took = np.where(ended & started & (ends >= starts), (ends - starts) // 1000, -1)
    if ended.all():
        return (ends, ended), took
    instants, readable = entry_times(entries)
    return (np.where(ended, ends, instants), ended | readable), took


def _key(entry: _FlowEntry) -> _Key:
    payload, resource = entry.jsonPayload, entry.resource
    own = payload.src_instance or payload.instance or payload.endpoint
    other = payload.dest_instance or payload.remote_instance
    return (
        entry.logName,
        resource.type,
        frozen_labels(resource.labels),
        (own.vm_name if own else "") or "",
        (other.vm_name if other else "") or "",
    )


_SERVICES: Final = (
    *("backend_service_name", "gateway_name", "router_id", "subnetwork_name", "name", "forwarding_rule_name"),
    "id",
)


def _describe(key: _Key) -> Description:
    log_name, kind, frozen, own_machine, other_machine = key
    labels = dict(frozen)
    service = next((labels[label] for label in _SERVICES if labels.get(label)), "") or kind
    own = resource_of(kind, labels)
    named = (own_machine, other_machine, labels.get("forwarding_rule_name", ""))
    mentions = tuple(dict.fromkeys(one for one in named if one and one != own))
    return Description(project_of(log_name, labels), region_of(labels), service, own, mentions)


FLOW_LOGS: Final = (
    FlowLog(
        "gcp.vpcflow",
        ("compute.googleapis.com/vpc_flows", "networkmanagement.googleapis.com/vpc_flows"),
        network_names.VPC_FLOW_NAMES,
        "gcp.vpc.flow",
        name="reporter",
    ),
    FlowLog(
        "gcp.firewall",
        ("compute.googleapis.com/firewall",),
        network_names.FIREWALL_NAMES,
        "gcp.firewall",
        name="disposition",
    ),
    FlowLog(
        "gcp.firewall.threat",
        ("networksecurity.googleapis.com/firewall_threat", "ids.googleapis.com/threat", "ids.googleapis.com/traffic"),
        network_names.FIREWALL_NAMES,
        "gcp.firewall",
        name="action",
        peer="serverIp",
    ),
    FlowLog(
        "gcp.nat",
        ("compute.googleapis.com/nat_flows", "networkconnectivity.googleapis.com/nat_flows"),
        network_names.NAT_NAMES,
        "gcp.nat",
        name="allocation_status",
    ),
    FlowLog(
        "gcp.nlb",
        ("loadbalancing.googleapis.com/flows",),
        network_names.PASSTHROUGH_NAMES,
        "gcp.load_balancing.passthrough_nlb",
        peer="clientIp",
        peer_role=PeerRole.CALLER,
    ),
    FlowLog(
        "gcp.nlb.proxy",
        ("loadbalancing.googleapis.com/connections", "loadbalancing.googleapis.com/external_regional_connections"),
        network_names.PROXY_NAMES,
        "gcp.load_balancing.proxy_nlb",
        peer="clientIp",
        peer_role=PeerRole.CALLER,
    ),
)

NETWORK_PARSERS: Final = tuple(NetworkParser(log) for log in FLOW_LOGS)
