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
from ...domain.event_id import event_ids
from ...domain.events import Flag, PeerRole
from ...domain.identity import normalise_resource
from ..attribute_table import Names, named_attributes
from ..described import Description, described
from ..field_map import FieldMap, mapped_columns, times_of, unreadable_flags
from ..field_paths import MISSING, Row, as_text, decode_rows, texts_of, values_of
from ..log_batch import log_batch
from ..number_columns import size_column
from ..parser import Sample, UnreadableRecordError
from ..quoted_identifiers import AZURE, quoted_identifiers
from ..records import Records
from ..tolerant_json import read_json
from .common_schema import RESOURCES, category_of, is_common_schema, lowered, place_of, seen_as_azure

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
        return azure_batch(records, rows, self.fields, {"flags": flags, **columns}, service_is_type=False)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names."""
        row = lowered(read_json(body))
        derived = self.derive(row) if self.derive else {}
        return RECORD_KIND | named_attributes(row, self.names, "azure") | derived


def azure_batch(
    records: Records, rows: Sequence[Row], fields: FieldMap, columns: dict[str, Any], *, service_is_type: bool
) -> EventBatch:
    """Return the events of records whose columns were read: adds place, identifiers, time, id and billed size."""
    resources = texts_of(rows, fields.resource or RESOURCES)
    callers = values_of(
        rows, ("caller", "identity.claims.name", "identity.claims.appid", "initiatedby.user.userprincipalname")
    )
    quoted = quoted_identifiers(records.bodies, AZURE)
    tenants = texts_of(rows, ("tenantid", "tenant_id"))
    objects = columns.pop("object", None) or [""] * len(rows)
    keys = [
        (resource, tenant, tuple(dict.fromkeys((*found, caller) if _is_name(caller) else found)), about)
        for resource, tenant, found, caller, about in zip(resources, tenants, quoted, callers, objects, strict=True)
    ]
    place = described(keys, _describe_type if service_is_type else _describe_name)
    services = columns.pop("service")
    regions = [region.lower().replace(" ", "") for region in columns.pop("region")]
    columns.pop("account")
    if any(services):
        place["service"] = [own or other for own, other in zip(services, place["service"].to_list(), strict=True)]
    place["region"] = regions
    item_ids = texts_of(rows, (fields.record_id, "_itemid")) if fields.record_id else texts_of(rows, ("_itemid",))
    if records.ids is None and all(item_ids):
        columns["event_id"] = event_ids(["azure.loganalytics\0" + one for one in item_ids])
    billed = values_of(rows, ("_billedsize",))
    if all(value is not None for value in billed):
        columns["size_bytes"] = size_column(billed)
    return log_batch(
        records,
        format=fields.format,
        provider="azure",
        times=times_of(rows, fields.time),
        **{**columns, **place},
    )


_Key = tuple[str, str, tuple[str, ...], str]
"""Resource, tenant, named identifiers, and the object inside the resource that a record is about."""

MAX_MENTIONS: Final = 32


def _describe_name(key: _Key) -> Description:
    return _describe(key, lambda kind, name: name or kind)


def _describe_type(key: _Key) -> Description:
    return _describe(key, lambda kind, _: kind.partition("/")[0])


def _describe(key: _Key, service_of: Callable[[str, str], str]) -> Description:
    text, tenant, named, about = key
    account, kind, name = place_of(text)
    own = normalise_resource(text, provider="azure")
    resource = about or own
    mentions = dict.fromkeys(normalise_resource(one, provider="azure") for one in (own, *named[:MAX_MENTIONS]))
    return Description(
        account or tenant,
        "",
        service_of(kind, name),
        resource,
        tuple(one for one in mentions if one and one != resource),
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value not in MISSING and len(value) <= 256


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
