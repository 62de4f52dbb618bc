"""Describe a JSON log format as a table: under which paths its records hold what the columns of a batch say.

For the many formats that carry little volume each. A format is one `FieldMap`; `MappedParser` reads it. Formats of
volume have parsers of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.columns import NO_DURATION, StringColumn
from ..domain.events import Flag, PeerRole
from ..domain.message_template import template_column
from ..domain.severity import severity_of_text
from ..domain.timestamps import epoch_column, parse_timestamp_ns, rfc3339_column
from ..domain.trace_context import span_id_column, trace_id_column
from .field_paths import Row, Rows, flattened, value_at, values_of
from .log_batch import Times
from .number_columns import duration_column, size_column, status_column
from .text import read_messages

Paths = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FieldMap:
    """Where the records of a format hold what.

    Attributes:
        format, provider: of all records.
        time: paths of the event's time; `time_unit` is the unit of numbers there.
        record_id: path of the provider's own id of a record.
        service: paths of the emitting service; `service_name` where the records name none.
        resource: paths of the resource that the event is about; `resource_of` finds it from record and context.
        level: paths of the severity; `severities` translates its values (else the usual words).
        duration, duration_unit: how long it took.
        error: paths of what went wrong; values in `successes` mean nothing did.
        peer, peer_role: the other side of a call.
        message: paths of free text, which is searched for severity, trace context, error type and callee.
        names: paths of further identifiers.
        attributes: path to OpenTelemetry name; what is not in here goes under `prefix`.
    """

    format: str
    provider: str
    time: Paths
    time_unit: str | None = None
    record_id: str = ""
    name: Paths = ()
    service: Paths = ()
    service_name: str = ""
    account: Paths = ()
    region: Paths = ()
    resource: Paths = ()
    resource_of: Callable[[Row, Mapping[str, Any]], str] | None = None
    level: Paths = ()
    severities: Mapping[Any, int] | None = None
    status: Paths = ()
    error: Paths = ()
    successes: frozenset[str] = frozenset()
    duration: Paths = ()
    duration_unit: str = "ms"
    size: Paths = ()
    peer: Paths = ()
    peer_role: PeerRole = PeerRole.CALLEE
    trace: Paths = ()
    span: Paths = ()
    parent: Paths = ()
    message: Paths = ()
    names: Paths = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""


def times_of(rows: Sequence[Row], paths: Paths, unit: str | None = None) -> Times:
    """Return the instants of records, and which could be read: RFC 3339 or any other form, or numbers.

    >>> times_of([{"t": "2000-10-10T13:55:36Z"}, {"t": 971186136}], ("t",), "s")[0].tolist()
    [971186136000000000, 971186136000000000]
    """
    return times_of_values(values_of(rows, paths), unit)


def times_of_values(values: Sequence[Any], unit: str | None = None) -> Times:
    """Return the instants that values name, and which could be read.

    >>> times_of_values([971186136, None], "s")[1].tolist()
    [True, False]
    """
    if all(type(value) is str for value in values) and unit is None:
        return rfc3339_column(values)
    if all(type(value) is int for value in values):
        return epoch_column(values, unit)
    return read_instants([_instant(value, unit) for value in values])


def read_instants(instants: Sequence[int | None]) -> Times:
    """Return instants that were read one by one as columns.

    >>> read_instants([5, None])[1].tolist()
    [True, False]
    """
    readable = np.array([instant is not None for instant in instants], np.bool_)
    return np.array([instant or 0 for instant in instants], np.int64), readable


def mapped_columns(rows: Sequence[Row], fields: FieldMap, said: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the columns that a map reads out of records (all but time, id, resource and mentions).

    Args:
        rows: the records.
        fields: where they hold what.
        said: columns that were read of their messages; by default they are read as plain text.
    """
    told = Rows(rows)
    columns: dict[str, Any] = {}
    if said is not None:
        columns = {name: column for name, column in said.items() if name in _OF_MESSAGES}
    elif fields.message:
        columns = read_messages(told.texts(fields.message)).as_columns()
    columns["name"] = _named(told.texts(fields.name), columns.get("name"))
    columns["service"] = [service or fields.service_name for service in told.texts(fields.service)]
    columns["account"], columns["region"] = told.texts(fields.account), told.texts(fields.region)
    status = status_column(told.values(fields.status))
    columns["status"] = np.where(status != 0, status, columns["status"]) if "status" in columns else status
    columns |= _measures(told, fields) | _outcome(told, fields, columns) | _traces(told, fields, columns)
    if fields.peer:
        peers = told.texts(fields.peer)
        columns["peer"] = peers
        columns["peer_role"] = np.array([fields.peer_role if peer else 0 for peer in peers], np.uint8)
    if "template" not in columns:
        columns["template"] = template_column(
            [f"{name} {error}" for name, error in zip(columns["name"], columns["error"], strict=True)]
        )
    return columns


_OF_MESSAGES = frozenset(
    {
        *("severity", "template", "trace_id", "span_id", "parent_span_id", "error", "peer", "peer_role"),
        *("name", "status", "duration_us"),
    }
)
"""Columns that messages may fill; where a record is from, it says itself."""


def _named(own: list[str], said: Any) -> list[str]:
    if said is None:
        return own
    others = said.to_list() if isinstance(said, StringColumn) else said
    return [name or other for name, other in zip(own, others, strict=True)]


def _measures(rows: Rows, fields: FieldMap) -> dict[str, Any]:
    measures: dict[str, Any] = {}
    if fields.duration:
        measures["duration_us"] = duration_column(rows.values(fields.duration), fields.duration_unit)
    if fields.size:
        measures["size_bytes"] = size_column(rows.values(fields.size))
    return measures


def _outcome(rows: Rows, fields: FieldMap, read: Mapping[str, Any]) -> dict[str, Any]:
    errors = rows.texts(fields.error)
    errors = ["" if error in fields.successes else error[:256] for error in errors]
    if "error" in read:
        errors = _named(errors, read["error"])
    severity = severities_of(rows.values(fields.level), fields.severities)
    if "severity" in read:
        severity = np.where(severity != 0, severity, read["severity"])
    return {"error": errors, "severity": severity}


def severities_of(levels: Sequence[Any], table: Mapping[Any, int] | None) -> npt.NDArray[np.uint8]:
    """Return severity numbers of what records say, by a table of the format's own, else by the usual words.

    >>> severities_of(["WARN", 4, None], {4: 17}).tolist()
    [13, 17, 0]
    """
    known = table or {}
    return np.array(
        [
            0
            if type(level) not in (str, int)
            else known.get(level) or (severity_of_text(level) if type(level) is str else 0)
            for level in levels
        ],
        np.uint8,
    )


def _traces(rows: Rows, fields: FieldMap, read: Mapping[str, Any]) -> dict[str, Any]:
    readers: tuple[tuple[str, Paths, Callable[[Sequence[str | None]], Any]], ...] = (
        ("trace_id", fields.trace, trace_id_column),
        ("span_id", fields.span, span_id_column),
        ("parent_span_id", fields.parent, span_id_column),
    )
    found: dict[str, Any] = {}
    for name, paths, column in readers:
        if paths:
            own = column(rows.texts(paths))
            found[name] = known_or(own, read[name]) if name in read else own
    return found


def known_or(own: Any, other: Any) -> Any:
    """Return ids of one column, where absent those of another.

    >>> known_or(np.array([0, 5]), np.array([7, 8])).tolist()
    [7, 5]
    """
    present = own.any(axis=1)[:, None] if own.ndim == 2 else own != 0
    return np.where(present, own, other)


def unreadable_flags(columns: Mapping[str, Any], rows: Sequence[Row], fields: FieldMap) -> npt.NDArray[np.uint8]:
    """Return FIELD_UNREADABLE for records whose status or duration is there but is no number."""
    flags = np.zeros(len(rows), np.uint8)
    for paths, absent in ((fields.status, columns["status"] == 0), (fields.duration, _no_duration(columns))):
        if paths and absent is not None and absent.any():
            told = np.array([type(value) in (dict, list, bool) for value in values_of(rows, paths)], np.bool_)
            flags[absent & told] = Flag.FIELD_UNREADABLE
    return flags


def _no_duration(columns: Mapping[str, Any]) -> Any:
    return columns["duration_us"] == NO_DURATION if "duration_us" in columns else None


def mapped_attributes(row: Row, fields: FieldMap) -> dict[str, Any]:
    """Return a record's attributes: standard names where the map has them, the rest under the format's prefix.

    >>> fields = FieldMap(format="x", provider="aws", time=("t",), attributes={"u.n": "user.name"}, prefix="aws.x")
    >>> mapped_attributes({"u": {"n": "eve", "o": 1}}, fields)
    {'user.name': 'eve', 'aws.x.u.o': 1}
    """
    found: dict[str, Any] = {}
    for path, name in fields.attributes.items():
        value = value_at(row, path)
        if value not in (None, "", "-"):
            found.setdefault(name, _as_number(value) if name.endswith(_NUMBERS) else value)
    rest = {
        name: value
        for name, value in flattened(row, "").items()
        if not any(name == path or name.startswith(path + ".") for path in fields.attributes)
    }
    return found | {f"{fields.prefix or fields.format}.{name}": value for name, value in rest.items()}


_NUMBERS = ("status_code", ".port", ".size", ".pid")
"""Attributes whose type is a number by their convention; providers write texts."""


def _as_number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else value


def _instant(value: Any, unit: str | None) -> int | None:
    if type(value) is str or (type(value) in (int, float)):
        return parse_timestamp_ns(value, unit=unit)
    return None
