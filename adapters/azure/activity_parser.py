"""Parse the Azure activity log, as diagnostic settings, Log Analytics and the API write it.

The API's form has `eventTimestamp` and objects `{value, localizedValue}`; exports have `time` and plain texts. See
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.message_template import template_column
from ...domain.severity import SEVERITY_OF_AZURE_LEVEL
from ...domain.timestamps import rfc3339_column
from ..attribute_table import named_attributes
from ..field_map import FieldMap, mapped_columns, severities_of, times_of
from ..field_paths import MISSING, Row, Rows, as_text, decode_rows, values_of
from ..number_columns import duration_column, status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..tolerant_json import read_json
from .activity_export import NO_PROPERTIES, ExportedActivity, exported_activities
from .activity_names import activity_names
from .autoscale_activity import is_autoscale_activity
from .common_schema import RESOURCES, ROOTS, TIMES, category_of, is_common_schema, lowered, seen_as_azure
from .diagnostics_parser import RECORD_KIND
from .placed_records import Places, placed_batch

_CATEGORIES: Final = frozenset(
    {"administrative", "security", "servicehealth", "alert", "recommendation", "policy", "autoscale", "resourcehealth"}
    | {"azureactivity"}
)
_EXPORTED: Final = _CATEGORIES - {"azureactivity", "autoscale"}
_ENTRA: Final = "microsoft.aadiam"

_MAP: Final = FieldMap(
    format="azure.activity",
    provider="azure",
    time=("eventtimestamp", *TIMES),
    record_id="eventdataid",
    name=("operationname.value", "operationname", "operationnamevalue"),
    region=("location",),
    resource=("resourceid", "_resourceid", "authorization.scope", *RESOURCES),
    level=("level",),
    severities=SEVERITY_OF_AZURE_LEVEL,
    duration=("durationms",),
    prefix="azure",
)

_STATUSES: Final[Mapping[str, int]] = {s.phrase.replace(" ", "").replace("-", "").lower(): s.value for s in HTTPStatus}
"""`Created` to 201 and so on: the activity log writes the words."""

_FAILED: Final = frozenset({"failed", "failure", "error"})


class ActivityParser:
    """Records of the activity log.

    >>> from ..records import Origin
    >>> body = b'{"time":"2026-11-20T10:00:00Z","category":"Administrative","operationName":"MICROSOFT.SQL/SERVERS/X"'
    >>> body += b',"resourceId":"/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.SQL/SERVERS/DB"'
    >>> body += b',"resultType":"Failure","resultSignature":"Failed.Conflict"}'
    >>> event = ActivityParser().parse(Records.of([body], Origin("a.json")))[0]
    >>> event.service, event.error, event.status
    ('microsoft.sql', 'Conflict', 409)
    """

    format = "azure.activity"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of the activity log, in one of its forms."""
        row = seen_as_azure(sample)
        return row is not None and _is_activity(row)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per record."""
        if exported := exported_activities(records):
            return _exported_batch(records, exported)
        originals = decode_rows(records)
        rows = [lowered(row) for row in originals]
        if not all(map(_is_activity, rows)) or _has_autoscale(records, originals):
            raise UnreadableRecordError("a record is not of the activity log")
        columns = mapped_columns(rows, _MAP)
        told = Rows(rows)
        results, messages = told.texts(_RESULT), values_of(rows, ("properties.statusmessage",))
        columns |= _outcome(told.texts(_STATUS), results, messages, columns["severity"])
        columns["template"] = _templates(columns["name"], columns["error"])
        places = Places.of(rows, _MAP, service_is_type=True)
        return placed_batch(records, _MAP, columns, places, times_of(rows, _MAP.time))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record's attributes in OpenTelemetry names."""
        row = lowered(read_json(body))
        category = category_of(row)
        names = activity_names("administrative" if category == "azureactivity" else category)
        return RECORD_KIND | named_attributes(row, names, "azure")


def _exported_batch(records: Records, rows: Sequence[ExportedActivity]) -> EventBatch:
    """Return the events of records in the export's form."""
    if not all(_is_exported(row) for row in rows):
        raise UnreadableRecordError("a record is not of the activity log")
    told = [row.properties or NO_PROPERTIES for row in rows]
    statuses = [
        _told(p.statusCode or "") or _told(p.httpStatusCode or "") or _told(row.resultSignature)
        for p, row in zip(told, rows, strict=True)
    ]
    severity = severities_of([row.level for row in rows], SEVERITY_OF_AZURE_LEVEL)
    outcome = _outcome(statuses, [_told(row.resultType) for row in rows], [p.statusMessage for p in told], severity)
    names = [_told(row.operationName) for row in rows]
    columns: dict[str, Any] = {
        "name": names,
        "service": [""] * len(rows),
        "region": [_told(row.location) for row in rows],
        "duration_us": duration_column([row.durationMs for row in rows], "ms"),
        "template": _templates(names, outcome["error"]),
        **outcome,
    }
    none = [""] * len(rows)
    places = Places(
        [_told(row.resourceId) for row in rows],
        [_told(row.tenantId) for row in rows],
        [row.caller for row in rows],
        none,
        [None] * len(rows),
        service_is_type=True,
    )
    return placed_batch(records, _MAP, columns, places, rfc3339_column([row.time for row in rows]))


def _templates(names: Sequence[str], errors: Sequence[str]) -> Any:
    return template_column([f"{name} {error}" for name, error in zip(names, errors, strict=True)])


def _is_exported(row: ExportedActivity) -> bool:
    resource = row.resourceId.lower()
    return row.category.lower() in _EXPORTED and resource.startswith(ROOTS) and _ENTRA not in resource


def _told(text: str) -> str:
    return "" if text in MISSING else text


def _has_autoscale(records: Records, rows: Sequence[dict[str, Any]]) -> bool:
    """Say whether a record is of the category that the parser of scaling reads; only one with the word may be."""
    suspects = [row for row, body in zip(rows, records.bodies, strict=True) if b'"Autoscale"' in body]
    return any(map(is_autoscale_activity, suspects))


def _is_activity(fields: Row) -> bool:
    category, resource = fields.get("category"), fields.get("resourceid")
    if (
        type(category) is str
        and type(resource) is str
        and "time" in fields
        and resource[:15].lower() == "/subscriptions/"
    ):
        return category.lower() in _CATEGORIES and _ENTRA not in resource.lower()
    return _is_unusual_activity(fields)


def _is_unusual_activity(fields: Row) -> bool:
    if "resourceprovidername" in fields and ("eventtimestamp" in fields or "event_timestamp" in fields):
        return True
    if category_of(fields) not in _CATEGORIES or not is_common_schema(fields):
        return False
    return not any(_ENTRA in as_text(fields[key]).lower() for key in RESOURCES if key in fields)


_STATUS: Final = (
    "properties.statuscode",
    "substatus.value",
    "httpstatuscode",
    "properties.httpstatuscode",
    "resultsignature",
    "activitysubstatusvalue",
)
_RESULT: Final = ("resulttype", "status.value", "activitystatusvalue", "activitystatus", "status")


def _last_words(statuses: Sequence[str]) -> list[str]:
    """Return HTTP statuses as number or word: `Failed.NotFound` and `Succeeded.` carry it behind the dot."""
    return [status.rpartition(".")[2] for status in statuses]


def _outcome(statuses: Sequence[str], results: Sequence[str], messages: Sequence[Any], told: Any) -> dict[str, Any]:
    """Return status, error and severity; a failed operation is an error where the record tells no level."""
    codes = _last_words(statuses)
    failed = [result.lower() in _FAILED for result in results]
    errors = [
        _error_code(message) or code or "Failed" if bad else ""
        for message, code, bad in zip(messages, codes, failed, strict=True)
    ]
    return {
        "status": status_column([_STATUSES.get(code.lower(), code) for code in codes]),
        "error": errors,
        "severity": np.where((told == 0) & np.array(failed, np.bool_), 17, told),
    }


def _error_code(message: Any) -> str:
    """Return the code in `statusMessage`, which is JSON in a text."""
    try:
        held = read_json(message.encode("utf-8", "replace")) if isinstance(message, str) else message
    except ValueError:
        return ""
    error = held.get("error") if isinstance(held, dict) else None
    code = error.get("code") if isinstance(error, dict) else held.get("code") if isinstance(held, dict) else ""
    return code[:128] if isinstance(code, str) else ""
