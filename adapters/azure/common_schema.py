"""Read Azure's common log schema, in the spellings in which it arrives.

Diagnostic settings write `time`, `resourceId`, `category`; Log Analytics exports the same as `TimeGenerated`,
`_ResourceId`, `Type`; casing differs from service to service. Keys are therefore compared in lower case; of two keys
that differ in case only, the first counts. See https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from ...domain.identity import parse_azure_resource_id
from ..field_paths import Row
from ..parser import Sample

TIMES: Final = (
    "time",
    "timestamp",
    "timegenerated",
    "timegenerated [utc]",
    "eventtimestamp",
    "eventtimestring",
    "properties.timestamp",
    "properties.time",
    "event_timestamp",
    "starttime",
    "createddatetime",
)
"""Where the time may stand, the event's own first."""

RESOURCES: Final = ("resourceid", "_resourceid", "targetresourceid", "resourceuri", "resource_id")

ROOTS: Final = ("/subscriptions/", "/tenants/", "/providers/")
"""How ids of resources start, in lower case."""

MAX_NESTED_TEXT: Final = 1 << 20
"""Longest JSON text inside a string that is decoded."""


def lowered(row: Row) -> dict[str, Any]:
    """Return a record with lower-case keys, `properties` decoded and lower-case too.

    >>> lowered({"Category": "X", "properties": '{"Level": 4}'})
    {'category': 'X', 'properties': {'level': 4}}
    """
    fields = _lowered(row)
    table = fields.get("type")
    if isinstance(table, str) and (table == "AzureDiagnostics" or table.endswith("_CL")):
        fields = {_TYPE_SUFFIX.sub("", key): value for key, value in fields.items()}
    for key in ("properties", "properties_d", "eventproperties"):
        if (held := fields.get(key)) is not None:
            decoded = nested(held)
            # What is no object stays under another name, so that `properties` always has one type.
            if isinstance(decoded, dict):
                fields["properties"] = _lowered(decoded)
            else:
                fields["properties"], fields["properties_text"] = {}, held
            break
    return fields


_TYPE_SUFFIX: Final = re.compile("_[sdbtg]$")
"""Columns that fields get in the table AzureDiagnostics, and in custom tables, end with their type."""


def seen_as_azure(sample: Sample) -> Row | None:
    """Return a sample's record with lower-case keys where it may be one of Azure's, else None; found out once.

    >>> from ..records import Origin
    >>> seen_as_azure(Sample(b'{"category":"X"}', {}, Origin("x"))) is None
    True
    """
    if "azure" not in sample.memo:
        fields = lowered(sample.fields) if sample.fields else {}
        api_form = "eventtimestamp" in fields or "event_timestamp" in fields
        sample.memo["azure"] = fields if api_form or is_common_schema(fields) else None
    found: Row | None = sample.memo["azure"]
    return found


def _lowered(row: Row) -> dict[str, Any]:
    keys = tuple(row)
    lower = _LOWER.get(keys) or _remember(keys)
    if lower.is_unique:
        return dict(zip(lower.keys, row.values(), strict=True))
    fields: dict[str, Any] = {}
    for key, value in zip(lower.keys, row.values(), strict=True):
        fields.setdefault(key, value)
    return fields


class _Keys(NamedTuple):
    """The keys of records of one shape in lower case, and whether no two of them are equal then."""

    keys: tuple[str, ...]
    is_unique: bool


def _remember(keys: tuple[str, ...]) -> _Keys:
    lower = tuple([key.lower() for key in keys])
    found = _Keys(lower, len(set(lower)) == len(lower))
    if len(_LOWER) < _MAX_SHAPES and len(keys) <= _MAX_SHAPE_KEYS:
        _LOWER[keys] = found
    return found


_MAX_SHAPES: Final = 4096
_MAX_SHAPE_KEYS: Final = 256
_LOWER: Final[dict[tuple[str, ...], _Keys]] = {}
"""Of each shape, its lower-case keys: a writer's records have a few. Measured: five times as fast as key by key."""


def nested(value: Any) -> Any:
    r"""Return what a text that holds JSON means, also where it is written with single quotes; else the text.

    >>> nested('{"a": 1}'), nested("{'a': 'it\\'s'}"), nested("plain")
    ({'a': 1}, {'a': "it's"}, 'plain')
    """
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "[") or len(value) > MAX_NESTED_TEXT:
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError):
        return _single_quoted(value) if "'" in value and len(value) < 65_536 else value


def _single_quoted(text: str) -> Any:
    try:
        held = ast.literal_eval(text)
        return msgspec.json.decode(msgspec.json.encode(held)) if isinstance(held, dict | list) else text
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError, msgspec.MsgspecError):
        return text


def category_of(fields: Row) -> str:
    """Return what kind of record it is, in lower case: `category`, else the table's name.

    Args:
        fields: the record with lower-case keys.

    >>> category_of({"category": "SignInLogs"}), category_of({"type": "AppTraces"})
    ('signinlogs', 'apptraces')
    """
    for key in ("category", "type", "categoryvalue", "event_category"):
        value = fields.get(key)
        if isinstance(value, dict):
            value = value.get("value")
        if isinstance(value, str) and value:
            return value.lower()
    return ""


@lru_cache(65_536)
def place_of(resource_id: str) -> tuple[str, str, str]:
    """Return subscription (or tenant), provider with its type, and name of a resource.

    >>> place_of("/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.WEB/SITES/Shop")
    ('0', 'microsoft.web/sites', 'shop')
    """
    found = parse_azure_resource_id(resource_id)
    if found is None:
        return "", "", ""
    parts = found.key.split("/")
    tenant = parts[2] if parts[1:2] == ["tenants"] and len(parts) > 2 else ""
    kind = found.resource_type if "/providers/" in found.key else ""
    return found.subscription or tenant, kind, found.name if kind else ""


def is_security_alert(fields: Mapping[str, Any]) -> bool:
    """Say whether a record with lower-case keys is an alert of Defender, in the table's or an export's form.

    >>> is_security_alert({"alerttype": "VM_Brute", "systemalertid": "1"}), is_security_alert({"type": "AppTraces"})
    (True, False)
    """
    kind = fields.get("type")
    if isinstance(kind, str) and kind.lower() in _ALERTS:
        return True
    return "alerttype" in fields and "systemalertid" in fields


_ALERTS: Final = frozenset({"securityalert", "microsoft.security/locations/alerts"})


def is_common_schema(fields: Mapping[str, Any]) -> bool:
    """Say whether a record is of the common schema: a category or operation, a time, and a resource or table of Azure.

    Args:
        fields: the record with lower-case keys.

    >>> is_common_schema({"category": "X", "resourceid": "/subscriptions/0", "time": ""})
    True
    """
    if is_security_alert(fields):
        return True
    if not (category_of(fields) or "operationname" in fields) or not any(key in fields for key in _TIME_KEYS):
        return False
    for key in RESOURCES:
        resource = fields.get(key)
        if isinstance(resource, str) and resource[:16].lower().startswith(ROOTS):
            return True
    # A row of a table names the table; other columns that all tables have may be left out of an export's query.
    return "timegenerated" in fields and (isinstance(fields.get("type"), str) or not _OWN_KEYS.isdisjoint(fields))


_TIME_KEYS: Final = tuple(one for one in TIMES if "." not in one)
_OWN_KEYS: Final = frozenset({"tenantid", "_itemid", "_billedsize", "sourcesystem", "_internal_workspaceresourceid"})
