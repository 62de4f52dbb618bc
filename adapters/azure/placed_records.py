"""From what records of Azure say of their place to the columns of a batch: account, service, resource, mentions.

Used by the parsers of the activity log and of resource logs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...domain.batch import EventBatch
from ...domain.event_id import event_ids
from ...domain.identity import normalise_resource
from ..described import Description, described
from ..field_map import FieldMap
from ..field_paths import MISSING, Row, texts_of, values_of
from ..log_batch import Times, log_batch
from ..number_columns import size_column
from ..quoted_identifiers import AZURE, quoted_identifiers
from ..records import Records
from .common_schema import RESOURCES, place_of

_CALLERS: Final = ("caller", "identity.claims.name", "identity.claims.appid", "initiatedby.user.userprincipalname")


@dataclass(frozen=True)
class Places:
    """What each record of a chunk says of its place.

    Attributes:
        resources, tenants: ids as written, "" for none.
        callers: who asked, if that is a name.
        item_ids: the provider's ids of the records; used if all have one.
        billed: sizes as billed; used if all have one.
        service_is_type: the service is the resource's provider (`microsoft.sql`), not its name.
    """

    resources: Sequence[str]
    tenants: Sequence[str]
    callers: Sequence[Any]
    item_ids: Sequence[str]
    billed: Sequence[Any]
    service_is_type: bool = False

    @classmethod
    def of(cls, rows: Sequence[Row], fields: FieldMap, *, service_is_type: bool = False) -> Places:
        """Return the places of records with lower-case keys.

        >>> fields = FieldMap(format="azure.x", provider="azure", time=("time",))
        >>> Places.of([{"resourceid": "/subscriptions/0", "_itemid": "7"}], fields).item_ids
        ['7']
        """
        own = (fields.record_id,) if fields.record_id else ()
        return cls(
            texts_of(rows, fields.resource or RESOURCES),
            texts_of(rows, ("tenantid", "tenant_id")),
            values_of(rows, _CALLERS),
            texts_of(rows, (*own, "_itemid")),
            values_of(rows, ("_billedsize",)),
            service_is_type,
        )


def placed_batch(
    records: Records, fields: FieldMap, columns: dict[str, Any], places: Places, times: Times
) -> EventBatch:
    """Return the events of records whose columns were read: adds place, identifiers, time, id and billed size."""
    columns |= _place(records, columns, places)
    if records.ids is None and all(places.item_ids):
        columns["event_id"] = event_ids(["azure.loganalytics\0" + one for one in places.item_ids])
    if all(value is not None for value in places.billed):
        columns["size_bytes"] = size_column(places.billed)
    return log_batch(records, format=fields.format, provider="azure", times=times, **columns)


def _place(records: Records, columns: dict[str, Any], places: Places) -> dict[str, Any]:
    quoted = quoted_identifiers(records.bodies, AZURE)
    objects = columns.pop("object", None) or [""] * len(records)
    keys = [
        (resource, tenant, tuple(dict.fromkeys((*found, caller) if _is_name(caller) else found)), about)
        for resource, tenant, found, caller, about in zip(
            places.resources, places.tenants, quoted, places.callers, objects, strict=True
        )
    ]
    place = described(keys, _describe_type if places.service_is_type else _describe_name)
    services = columns["service"]
    if any(services):
        place["service"] = [own or other for own, other in zip(services, place["service"].to_list(), strict=True)]
    place["region"] = [region.lower().replace(" ", "") for region in columns["region"]]
    return place


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
    mentions = dict.fromkeys([own, *[normalise_resource(one, provider="azure") for one in named[:MAX_MENTIONS]]])
    mentions.pop(resource, None)
    mentions.pop("", None)
    return Description(account or tenant, "", service_of(kind, name), resource, tuple(mentions))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value not in MISSING and len(value) <= 256
