"""Parse flow logs of network security groups (versions 1 and 2) and of virtual networks (version 4).

One record holds the flows of one interface in one minute, as comma-separated tuples: version 1 has 8 values, version 2
13, version 4 13 in another order, with milliseconds and protocol numbers. A record is one event; its tuples are
decoded as attributes. See https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview and
https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import Flag, PeerRole
from ...domain.identity import normalise_resource
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ..attribute_readers import number
from ..attribute_table import Names, named_attributes
from ..described import Description, described
from ..log_batch import log_batch
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords
from .common_schema import lowered, place_of
from .flow_tuples import flow_attributes


class _Group(msgspec.Struct, gc=False):
    """Tuples of one interface (`flows` of version 1 and 2) or one rule (`flowGroups` of version 4)."""

    flowTuples: list[str] = []


class _Rule(msgspec.Struct, gc=False):
    flows: list[_Group] = []
    flowGroups: list[_Group] = []


class _Flows(msgspec.Struct, gc=False):
    flows: list[_Rule] = []


class _Record(msgspec.Struct, gc=False):
    category: str
    time: str = ""
    resource: str = msgspec.field(name="resourceId", default="")
    target: str = msgspec.field(name="targetResourceID", default="")
    source: str = msgspec.field(name="flowLogResourceID", default="")
    properties: _Flows | None = None
    flow_records: _Flows | None = msgspec.field(name="flowRecords", default=None)


_RECORDS = TypedRecords(_Record)

_NAMES: Final[Names] = {
    "resourceid": "cloud.resource_id",
    "targetresourceid": "cloud.resource_id",
    "flowlogresourceid": "azure.flow_log.resource_id",
    "category": "azure.category",
    "operationname": "azure.operation.name",
    "macaddress": "network.local.mac",
    "flowlogversion": number("azure.flow_log.version"),
    "properties.version": number("azure.flow_log.version"),
    "systemid": "azure.flow_log.system.id",
    "flowlogguid": "azure.flow_log.guid",
}


class FlowParser:
    """Records of one of the two categories of flow logs.

    >>> from ..records import Origin
    >>> body = b'''{"time":"2026-11-20T10:00:32.895Z","category":"NetworkSecurityGroupFlowEvent",
    ... "resourceId":"/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WEB",
    ... "properties":{"Version":1,"flows":[{"rule":"deny","flows":[{"mac":"000D3AF8801A",
    ... "flowTuples":["1795168800,192.0.2.95,10.1.0.4,51529,5358,T,I,D"]}]}]}}'''
    >>> parser = FlowParser("azure.nsgflow", "networksecuritygroupflowevent")
    >>> event = parser.parse(Records.of([body], Origin("PT1H.json")))[0]
    >>> event.name, event.peer, event.service, parser.attributes(body, {})["source.port"]
    ('DENY', '10.1.0.4', 'web', 51529)
    """

    def __init__(self, format: str, category: str) -> None:
        self.format = format
        self._category = category

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of the category."""
        fields = sample.fields
        category = fields.get("category") or fields.get("Category")
        holds = isinstance(fields.get("properties"), dict) or isinstance(fields.get("flowRecords"), dict)
        return isinstance(category, str) and category.lower() == self._category and holds

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per record."""
        rows, flags = _RECORDS.decode(records)
        if not all(row.category.lower() == self._category for row in rows):
            raise UnreadableRecordError(f"a record is not of {self.format}")
        tuples = [_tuples(row) for row in rows]
        peers = [_only([line.split(",", 3)[2] for line in lines if line.count(",") > 2]) for lines in tuples]
        names = [_only([_verdict(line) for line in lines]) or "FLOWS" for lines in tuples]
        known = np.array([bool(peer) for peer in peers], np.bool_)
        return log_batch(
            records,
            format=self.format,
            provider="azure",
            times=rfc3339_column([row.time for row in rows]),
            flags=flags | np.where(known, int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8),
            name=names,
            peer=peers,
            peer_role=np.where(known, int(PeerRole.CALLEE), 0).astype(np.uint8),
            template=template_column(names),
            **described([(row.target or row.resource or row.source, row.source) for row in rows], _describe),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record's attributes in OpenTelemetry names; its tuples, typed, under `azure.flows`."""
        row = lowered(read_json(body))
        told = {key: value for key, value in row.items() if key not in ("properties", "flowrecords")}
        held = row.get("properties")
        rest = {key: value for key, value in held.items() if key != "flows"} if isinstance(held, dict) else {}
        flows = flow_attributes((held if isinstance(held, dict) and held else row.get("flowrecords")) or {})
        return flows | named_attributes({**told, "properties": rest}, _NAMES, "azure")


def _tuples(row: _Record) -> list[str]:
    held = row.flow_records or row.properties
    return [
        line
        for rule in (held.flows if held else ())
        for group in (rule.flows or rule.flowGroups)
        for line in group.flowTuples
    ]


def _only(values: Sequence[str]) -> str:
    """Return the value that all have, else nothing."""
    return values[0] if values and values.count(values[0]) == len(values) else ""


def _verdict(line: str) -> str:
    """Return ALLOW or DENY: the eighth value, in version 4 a state of which D is denied."""
    parts = line.split(",", 8)
    return "DENY" if len(parts) > 7 and parts[7] == "D" else "ALLOW"


def _describe(key: tuple[str, str]) -> Description:
    resource, source = key
    account, kind, name = place_of(resource)
    own = normalise_resource(resource, provider="azure")
    other = normalise_resource(source, provider="azure") if source and source != resource else ""
    return Description(account, "", name or kind, own, (other,) if other else ())


FLOW_PARSERS: Final = (
    FlowParser("azure.nsgflow", "networksecuritygroupflowevent"),
    FlowParser("azure.vnetflow", "flowlogflowevent"),
)
