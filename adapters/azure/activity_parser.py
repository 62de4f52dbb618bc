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
from ...domain.severity import SEVERITY_OF_AZURE_LEVEL
from ..attribute_table import named_attributes
from ..field_map import FieldMap, mapped_columns
from ..field_paths import Row, Rows, as_text, decode_rows, value_at
from ..number_columns import status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..tolerant_json import read_json
from .activity_names import activity_names
from .autoscale_activity import is_autoscale_activity
from .common_schema import RESOURCES, TIMES, category_of, is_common_schema, lowered, seen_as_azure
from .diagnostics_parser import RECORD_KIND, azure_batch

_CATEGORIES: Final = frozenset(
    {"administrative", "security", "servicehealth", "alert", "recommendation", "policy", "autoscale", "resourcehealth"}
    | {"azureactivity"}
)
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
        originals = decode_rows(records)
        rows = [lowered(row) for row in originals]
        if not all(map(_is_activity, rows)) or any(map(is_autoscale_activity, originals)):
            raise UnreadableRecordError("a record is not of the activity log")
        columns = mapped_columns(rows, _MAP)
        told = Rows(rows)
        codes = _last_words(told.texts(_STATUS))
        columns["status"] = status_column([_STATUSES.get(code.lower(), code) for code in codes])
        failed = [result.lower() in _FAILED for result in told.texts(_RESULT)]
        columns["error"] = [
            _error_code(row) or code or "Failed" if bad else ""
            for row, code, bad in zip(rows, codes, failed, strict=True)
        ]
        columns["severity"] = _severities(columns["severity"], failed)
        return azure_batch(records, rows, _MAP, columns, service_is_type=True)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record's attributes in OpenTelemetry names."""
        row = lowered(read_json(body))
        category = category_of(row)
        names = activity_names("administrative" if category == "azureactivity" else category)
        return RECORD_KIND | named_attributes(row, names, "azure")


def _is_activity(fields: Row) -> bool:
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


def _error_code(row: Row) -> str:
    """Return the code in `statusMessage`, which is JSON in a text."""
    message = value_at(row, "properties.statusmessage")
    try:
        held = read_json(message.encode()) if isinstance(message, str) else message
    except ValueError:
        return ""
    error = held.get("error") if isinstance(held, dict) else None
    code = error.get("code") if isinstance(error, dict) else held.get("code") if isinstance(held, dict) else ""
    return code[:128] if isinstance(code, str) else ""


def _severities(told: Any, failed: Sequence[bool]) -> Any:
    """Return the level that the record tells; a failed operation is an error where it tells none."""
    return np.where((told == 0) & np.array(failed, np.bool_), 17, told)
