"""Parse the records of a format that a `FieldMap` describes.

One class for the many JSON formats of little volume; the clouds' packages hold their tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..domain.batch import EventBatch
from ..domain.event_id import event_ids
from ..domain.identity import normalise_resource, parse_arn
from .field_map import FieldMap, mapped_attributes, mapped_columns, times_of, unreadable_flags
from .field_paths import MISSING, Row, decode_rows, texts_of, value_at, values_of
from .line_columns import line_flags, read_lines
from .log_batch import log_batch
from .parser import Sample, UnreadableRecordError
from .quoted_identifiers import AWS, normal_mentions, quoted_identifiers
from .records import Records
from .tolerant_json import read_json

Required = Mapping[str, Any]
"""Path to what must stand there: a type, a text, or a set of texts."""


@dataclass(eq=False)
class MappedParser:
    """Records of one JSON format, told by the fields that all of them have.

    >>> from .records import Origin
    >>> fields = FieldMap(format="aws.x", provider="aws", time=("at",), name=("op",))
    >>> parser = MappedParser(fields, {"op": str})
    >>> parser.parse(Records.of([b'{"op":"get","at":"2026-11-20T10:00:00Z"}'], Origin("x.json")))[0].name
    'get'
    """

    fields: FieldMap
    required: Required
    format: str = field(init=False)

    def __post_init__(self) -> None:
        self.format = self.fields.format

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record has the fields that the format requires."""
        return bool(sample.fields) and has_required(sample.fields, self.required)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per record."""
        rows = decode_rows(records)
        if not all(has_required(row, self.required) for row in rows):
            raise UnreadableRecordError(f"a record is not of {self.format}")
        fields = self.fields
        said = read_lines(texts_of(rows, fields.message), records.origin.observed_at) if fields.message else None
        columns = mapped_columns(rows, fields, said.columns if said else None)
        resources = _resources(records, rows, fields)
        places = [
            _place(*place) for place in zip(columns["account"], columns["region"], resources, strict=True)
        ]  # fmt: skip
        columns["account"], columns["region"] = [account for account, _ in places], [region for _, region in places]
        return log_batch(
            records,
            format=self.format,
            provider=fields.provider,
            times=times_of(rows, fields.time, fields.time_unit),
            flags=line_flags(unreadable_flags(columns, rows, fields), rows, said),
            resource=[
                normalise_resource(name, provider=fields.provider, account=a, region=r) if name else ""
                for name, (a, r) in zip(resources, places, strict=True)
            ],
            mentions=_mentions(records, rows, fields, places),
            **_ids(rows, fields),
            **columns,
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names."""
        return mapped_attributes(read_json(body), self.fields)


def has_required(row: Row, required: Required) -> bool:
    """Say whether what must stand in a record stands there.

    >>> has_required({"kind": "Event", "n": 1}, {"kind": "Event", "n": int}), has_required({}, {"kind": str})
    (True, False)
    """
    for path, wanted in required.items():
        value = value_at(row, path)
        if isinstance(wanted, type):
            if not isinstance(value, wanted):
                return False
        elif isinstance(wanted, frozenset):
            if not isinstance(value, str) or value not in wanted:
                return False
        elif value != wanted:
            return False
    return True


def _resources(records: Records, rows: Sequence[Row], fields: FieldMap) -> list[str]:
    find = fields.resource_of
    if find is None:
        return texts_of(rows, fields.resource)
    contexts = records.contexts()
    return [find(row, contexts[code]) for row, code in zip(rows, records.context.codes.tolist(), strict=True)]


@lru_cache(4096)
def _place(account: str, region: str, resource: str) -> tuple[str, str]:
    """Return account and region; an ARN knows those that a record leaves out."""
    arn = parse_arn(resource) if not (account and region) else None
    return (account or arn.account, region or arn.region) if arn else (account, region)


def _ids(rows: Sequence[Row], fields: FieldMap) -> dict[str, Any]:
    if not fields.record_id:
        return {}
    ids = texts_of(rows, (fields.record_id,))
    return {"event_id": event_ids([f"{fields.format}\0{one}" for one in ids])} if all(ids) else {}


def _mentions(
    records: Records, rows: Sequence[Row], fields: FieldMap, places: Sequence[tuple[str, str]]
) -> list[tuple[str, ...]]:
    quoted = quoted_identifiers(records.bodies, AWS) if fields.provider == "aws" else [[] for _ in rows]
    for path in fields.names:
        for found, value in zip(quoted, values_of(rows, (path,)), strict=True):
            found += [one for one in (value if isinstance(value, list) else [value]) if _is_name(one)]
    return [
        normal_mentions(tuple(found), fields.provider, account, region) if found else ()
        for found, (account, region) in zip(quoted, places, strict=True)
    ]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value not in MISSING and len(value) <= 512
