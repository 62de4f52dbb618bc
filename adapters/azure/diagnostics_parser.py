"""Parse resource logs of Azure Monitor: any category of the common schema, read by the table of its family.

Between envelopes (Event Hub, blob, Log Analytics) and the store. A category without a family is `azure.generic` and
keeps all its fields. See https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import Flag, PeerRole
from ..attribute_table import Names, named_attributes
from ..field_map import FieldMap, mapped_columns, times_of, unreadable_flags
from ..field_paths import Row, as_text, decode_rows
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..tolerant_json import read_json
from .common_schema import RESOURCES, category_of, is_common_schema, lowered, seen_as_azure
from .placed_records import Places, placed_batch

Refine = Callable[[Sequence[Row], dict[str, Any]], None]

RECORD_KIND: Final[dict[str, Any]] = {"cloudevents.event_source": "azure.resource.log"}
"""What OpenTelemetry's collector says of every record of Azure Monitor."""


@dataclass(eq=False)
class DiagnosticsParser:
    """Records of the categories of one family; without categories, of any.

    >>> from ..records import Origin
    >>> body = b'{"time":"2026-11-20T10:00:00Z","resourceId":"/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/A.X/Y/Z'
    >>> body += b'","category":"Anything","operationName":"Do","level":"Warning"}'
    >>> parser = DiagnosticsParser(FieldMap(format="azure.x", provider="azure", time=("time",), level=("level",)))
    >>> event = parser.parse(Records.of([body], Origin("x.json")))[0]
    >>> event.severity, event.service, event.account
    (13, 'z', '0')
    """

    fields: FieldMap
    categories: frozenset[str] = frozenset()
    resource_types: tuple[str, ...] = ()
    refine: Refine | None = None
    names: Names = field(default_factory=dict)
    derive: Callable[[Row], dict[str, Any]] | None = None
    accepts: Callable[[Row], bool] | None = None
    format: str = field(init=False)

    def __post_init__(self) -> None:
        self.format = self.fields.format

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of one of the categories."""
        row = seen_as_azure(sample)
        return row is not None and self._is_of(row)

    def _is_of(self, row: Row) -> bool:
        if self.categories and category_of(row) not in self.categories:
            return False
        if not is_common_schema(row) or (self.accepts and not self.accepts(row)):
            return False
        if not self.resource_types:
            return True
        resource = next((as_text(row[key]) for key in RESOURCES if key in row), "").lower()
        return any(one in resource for one in self.resource_types)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per record."""
        rows = [lowered(row) for row in decode_rows(records)]
        if not all(map(self._is_of, rows)):
            raise UnreadableRecordError(f"a record is not of {self.format}")
        columns = mapped_columns(rows, self.fields)
        if self.refine:
            self.refine(rows, columns)
        flags = unreadable_flags(columns, rows, self.fields)
        if "external" in columns:
            flags = flags | np.where(columns.pop("external"), int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8)
        places = Places.of(rows, self.fields)
        return placed_batch(records, self.fields, {"flags": flags, **columns}, places, times_of(rows, self.fields.time))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names."""
        row = lowered(read_json(body))
        derived = self.derive(row) if self.derive else {}
        return RECORD_KIND | named_attributes(row, self.names, "azure") | derived


def peers_by_address(columns: dict[str, Any], peers: Sequence[str], names: Sequence[str]) -> None:
    """Set the callee of requests: its name where there is one, else its address, which is marked as such.

    >>> columns = {}
    >>> peers_by_address(columns, ["10.0.0.1:80", ""], ["", "pool"])
    >>> columns["peer"], columns["external"].tolist()
    (['10.0.0.1:80', 'pool'], [True, False])
    """
    columns["peer"] = [name or peer for name, peer in zip(names, peers, strict=True)]
    columns["peer_role"] = np.array([int(PeerRole.CALLEE) if peer else 0 for peer in columns["peer"]], np.uint8)
    columns["external"] = np.array([bool(peer) and not name for name, peer in zip(names, peers, strict=True)], np.bool_)
