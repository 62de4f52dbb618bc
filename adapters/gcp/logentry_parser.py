"""Parse every other entry of Cloud Logging, by the family of its log and resource.

Cloud Run, functions, Compute Engine, flows, DNS, firewall, NAT, and whatever else there is.
See https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.events import Flag
from ..described import Description, described
from ..field_map import known_or
from ..field_paths import Row, as_text, values_of
from ..joining.line_marks import with_marks
from ..line_columns import read_lines
from ..log_batch import log_batch
from ..number_columns import duration_column, status_column
from ..parser import Sample
from ..records import Records
from ..text.line_attributes import line_attributes
from ..tolerant_json import read_json
from ..typed_records import TypedRecords
from .entry_attributes import entry_attributes
from .families import FAMILIES
from .family import Family
from .log_entry import (
    Entry,
    entry_columns,
    entry_flags,
    entry_times,
    frozen_labels,
    log_id,
    project_of,
    region_of,
    request_columns,
    resource_of,
)

Paths = tuple[str, ...]
MESSAGES: Final = ("message", "msg", "log", "textPayload", "MESSAGE", "event_message", "statusMessage")


_ENTRY_KEYS: Final = frozenset({"resource", "insertId", "timestamp", "receiveTimestamp", "textPayload", "jsonPayload"})


class _AnyEntry(Entry, kw_only=True, gc=False):
    textPayload: str | None = None
    jsonPayload: dict[str, Any] | None = None
    protoPayload: dict[str, Any] | None = None
    labels: dict[str, str] | None = None


_ENTRIES = TypedRecords(_AnyEntry)
_NO_LABELS: Final[Mapping[str, str]] = {}


_PLACED: Final = frozenset({"account", "region", "resource", "service"})
"""Columns that the entry's own resource fills."""


def _known(name: str, own: Any, said: Any) -> Any:
    """Return what entries say of their request, else what their payload says."""
    if said is None:
        return own
    if name == "name":
        others = said.to_list() if isinstance(said, StringColumn) else said
        return [one or other for one, other in zip(own, others, strict=True)]
    return np.where(own > 0, own, said).astype(own.dtype)


class LogEntryParser:
    """Entries of one family."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.format = family.format

    @property
    def _is_written(self) -> bool:
        """Whether the family's entries are what programs wrote, rather than records of a service of the cloud."""
        return not self.family.log_ids

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an entry of the family."""
        fields = sample.fields
        resource, name = fields.get("resource"), fields.get("logName")
        if not isinstance(name, str) or "/logs/" not in name or not fields.keys() & _ENTRY_KEYS:
            return False
        kind = resource.get("type") if isinstance(resource, dict) else ""
        return self.family.has(log_id(name), kind if isinstance(kind, str) else "")

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per entry."""
        entries, flags = _ENTRIES.decode(records)
        has = self.family.has
        if not all(has(log_id(e.logName), e.resource.type) for e in entries):
            raise ValueError(f"an entry is not of {self.format}")
        payloads = [e.jsonPayload or e.protoPayload or {} for e in entries]
        messages = [
            e.textPayload if e.textPayload is not None else _message(p) for e, p in zip(entries, payloads, strict=True)
        ]
        columns = self._columns(records, entries, payloads, messages)
        external, marks = columns.pop("external", None), columns.pop("marks")
        flags = entry_flags(entries, flags)
        return log_batch(
            records,
            format=self._formats(entries),
            provider="gcp",
            times=entry_times(entries),
            flags=with_marks(flags if external is None else flags | external, marks),
            **columns,
        )

    def _formats(self, entries: Sequence[_AnyEntry]) -> str | list[str]:
        """Functions of the second generation are services of Cloud Run; a label says who manages them."""
        if self.format != "gcp.cloudrun":
            return self.format
        managers = [(e.labels or _NO_LABELS).get("goog-managed-by") for e in entries]
        return ["gcp.functions" if one == "cloudfunctions" else self.format for one in managers]

    def _columns(
        self, records: Records, entries: Sequence[_AnyEntry], payloads: Sequence[Row], messages: Sequence[str]
    ) -> dict[str, Any]:
        objects = {row: e.jsonPayload for row, e in enumerate(entries) if e.jsonPayload} if self._is_written else {}
        read = read_lines(messages, records.origin.observed_at, objects=objects, json_inside=self._is_written)
        columns = {name: column for name, column in read.columns.items() if name not in _PLACED}
        columns["marks"] = read.marks
        own = entry_columns(records, entries)
        columns["trace_id"] = known_or(own.pop("trace_id"), columns["trace_id"])
        columns["span_id"] = known_or(own.pop("span_id"), columns["span_id"])
        told = own.pop("severity")
        columns["severity"] = np.where(told != 0, told, columns["severity"])
        requests = request_columns([e.httpRequest for e in entries])
        columns |= own | {name: _known(name, value, columns.get(name)) for name, value in requests.items()}
        self._read_family(payloads, columns)
        machines = [(e.labels or {}).get(_MACHINE, "") for e in entries]
        services = [
            as_text(own) or machine
            for own, machine in zip(values_of(payloads, self.family.service), machines, strict=True)
        ]
        keys = [
            (e.logName, e.resource.type, frozen_labels(e.resource.labels), service, tuple(named))
            for e, service, named in zip(entries, services, self._names(payloads), strict=True)
        ]
        return columns | described(keys, _describe)

    def _read_family(self, payloads: Sequence[Row], columns: dict[str, Any]) -> None:
        family = self.family
        if family.name:
            names = map(as_text, values_of(payloads, family.name))
            columns["name"] = [name or other for name, other in zip(names, columns["name"], strict=True)]
        if family.status:
            columns["status"] = known_or(status_column(values_of(payloads, family.status)), columns["status"])
        if family.error:
            errors = [as_text(value)[:256] for value in values_of(payloads, family.error)]
            others = columns["error"]
            others = others.to_list() if isinstance(others, StringColumn) else others
            columns["error"] = [o if e in family.successes else e or o for e, o in zip(errors, others, strict=True)]
        if family.duration:
            columns["duration_us"] = duration_column(values_of(payloads, family.duration), family.duration_unit)
        if family.peer:
            peers = [as_text(value) for value in values_of(payloads, family.peer)]
            columns["peer"] = peers
            named = np.array([bool(peer) for peer in peers], np.bool_)
            columns["peer_role"] = np.where(named, int(family.peer_role), 0).astype(np.uint8)
            if family.peer_is_address:
                columns["external"] = np.where(named, int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8)

    def _names(self, payloads: Sequence[Row]) -> list[list[str]]:
        columns = [values_of(payloads, (path,)) for path in self.family.mentions]
        return [[one for one in row if isinstance(one, str) and one] for row in zip(*columns, strict=True)] or [
            [] for _ in payloads
        ]

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry's attributes in OpenTelemetry names."""
        entry = read_json(body)
        found = entry_attributes(entry, self.family.names, self.family.prefix)
        text = entry.get("textPayload")
        return {**line_attributes(text), **found} if self._is_written and isinstance(text, str) else found


def _message(payload: Row) -> str:
    found = next((payload[key] for key in MESSAGES if isinstance(payload.get(key), str)), None)
    return found if found is not None else as_text(payload) if payload else ""


_MACHINE: Final = "compute.googleapis.com/resource_name"
"""Label with the name of the machine that wrote an entry; the resource knows its number only."""

_LABELS: Final = """
service_name function_name component_name instance_name job_name module_id configuration_name container_name database_id
environment_name workflow_id queue_id bucket_name topic_id subscription_id backend_service_name instance_group_name
subnetwork_name router_id
"""
_SERVICE_LABELS: Final = tuple(_LABELS.split())
"""Labels of resources that name the service, the closest first."""


def _describe(key: tuple[str, str, tuple[tuple[str, str], ...], str, tuple[str, ...]]) -> Description:
    log_name, kind, frozen, service, named = key
    labels = dict(frozen)
    found = service or next((labels[label] for label in _SERVICE_LABELS if labels.get(label)), "") or kind
    own = resource_of(kind, labels)
    ids = (labels.get(label, "") for label in ("instance_id", "revision_name"))
    mentions = tuple(dict.fromkeys(one for one in (*ids, *named) if one and one != own))
    return Description(project_of(log_name, labels), region_of(labels), found.rpartition(":")[2], own, mentions)


LOG_ENTRY_PARSERS: Final = tuple(LogEntryParser(family) for family in FAMILIES)
