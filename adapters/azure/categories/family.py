"""What the families of Azure's log categories share: the common schema's names, levels, and how a family is written.

Numeric levels have three contradictory scales: which one holds is a matter of the category. Diagnostic settings put a
category's own fields under `properties`, Log Analytics' tables have them as columns: a table here names them once.
See https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ....domain.severity import SEVERITY_OF_AZURE_LEVEL, SEVERITY_OF_ETW_LEVEL
from ...attribute_readers import decoded, host_port, number
from ...attribute_table import Names
from ...field_map import FieldMap
from ...field_paths import Row
from ..common_schema import TIMES
from ..diagnostics_parser import DiagnosticsParser, Refine


def _caller(value: Any) -> dict[str, Any]:
    """Read who called, with or without a port: both the client and the peer of the socket."""
    found = dict(host_port("client")(value))
    return found | ({"network.peer.address": found["client.address"]} if found else {})


COMMON: Final[Names] = {
    "resourceid": "cloud.resource_id",
    "_resourceid": "cloud.resource_id",
    "resourceuri": "cloud.resource_id",
    "category": "azure.category",
    "type": "azure.category",
    "operationname": "azure.operation.name",
    "operationnamevalue": "azure.operation.name",
    "operationversion": "azure.operation.version",
    "resulttype": "azure.result.type",
    "resultsignature": "azure.result.signature",
    "resultdescription": "azure.result.description",
    "durationms": number("azure.operation.duration"),
    "calleripaddress": _caller,
    "correlationid": "azure.correlation_id",
    "tenantid": "azure.tenant.id",
    "location": "cloud.region",
    "_itemid": "log.record.uid",
    "_billedsize": number("azure.billed_size"),
    "properties_text": "azure.properties",
}
"""Fields of every record; OpenTelemetry's collector names them alike."""

_FINE: Final = """
0 NoError Success success Succeeded succeeded OK Ok Completed Accepted SASSuccess AnonymousSuccess SASIpMaskSuccess
True true Started Start InProgress Queued 200 201 202 203 204 206 304 None none NULL Unknown Accept
"""
FINE: Final = frozenset(_FINE.split())
"""Results that are no error."""

LEVELS: Final[Mapping[Any, int]] = {**SEVERITY_OF_ETW_LEVEL, **dict[Any, int](SEVERITY_OF_AZURE_LEVEL)}
"""Words, and the numbers of Event Tracing for Windows."""


def own(*fields: str) -> tuple[str, ...]:
    """Return the paths of a category's own fields, in diagnostic settings and in tables.

    >>> own("httpstatus")
    ('properties.httpstatus', 'httpstatus')
    """
    return tuple(path for field in fields for path in (f"properties.{field}", field))


def own_names(names: Names) -> Names:
    """Return a table over a category's own fields, wherever they stand.

    >>> sorted(own_names({"clientip": "client.address"}))
    ['clientip', 'properties.clientip']
    """
    below = {f"properties.{field}": name for field, name in names.items()}
    return {**below, **{field: name for field, name in names.items() if field not in COMMON}}


def family(
    format: str,
    categories: str = "",
    *,
    names: Names | None = None,
    resource_types: tuple[str, ...] = (),
    refine: Refine | None = None,
    derive: Callable[[Row], dict[str, Any]] | None = None,
    accepts: Callable[[Row], bool] | None = None,
    **paths: Any,
) -> DiagnosticsParser:
    """Return the parser of a family.

    Args:
        format: its name.
        categories: categories and tables, with blanks between; none for all.
        names: attribute names of the categories' own fields.
        resource_types: parts of resource ids, one of which a record must have.
        refine: reads what is no matter of paths.
        derive: reads attributes that more than one field make.
        accepts: what else a record must fulfil.
        paths: further fields of `FieldMap`.

    >>> family("azure.x", "SomeLogs").categories
    frozenset({'somelogs'})
    """
    told: dict[str, Any] = {
        "time": TIMES,
        "name": ("operationname", "operationnamevalue", "category", "type"),
        "region": ("location", "region", "properties.region"),
        "level": ("level", "properties.level"),
        "severities": LEVELS,
        "successes": FINE,
        "duration": ("durationms", "properties.durationms"),
    }
    fields = FieldMap(format=format, provider="azure", prefix="azure", **{**told, **paths})
    return DiagnosticsParser(
        fields,
        frozenset(categories.lower().split()),
        resource_types,
        refine=refine,
        names={**COMMON, **own_names(names or {})},
        derive=derive,
        accepts=accepts,
    )


def shared_identity(value: Any) -> dict[str, Any]:
    """Read `identity`: the claims of a caller's token, else the object as it is.

    >>> found = shared_identity({"claim": {"upn": "eve@example.com", "oid": "7"}})
    >>> found["user.name"], found["user.id"], found["azure.identity"]["claim"]["oid"]
    ('eve@example.com', '7', '7')
    """
    found = dict(decoded("azure.identity")(value))
    held = found.get("azure.identity")
    tokens = [held.get(key) for key in ("claim", "claims")] if isinstance(held, dict) else []
    claims: dict[str, Any] = next((token for token in tokens if isinstance(token, dict)), {})
    users = {
        "user.name": next((claims[key] for key in ("upn", _UPN, _NAME) if claims.get(key)), None),
        "user.id": next((claims[key] for key in ("oid", _OBJECT) if claims.get(key)), None),
        "azure.identity.application.id": claims.get("appid"),
    }
    return {name: user for name, user in users.items() if user} | found


_UPN: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
_NAME: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"
_OBJECT: Final = "http://schemas.microsoft.com/identity/claims/objectidentifier"
