"""Rows of a billing export, read by column name: CSV lines with their header in the context, or JSON objects.

Between framing and the billing parsers. Columns differ by account, month and language: a missing one is simply absent
from the row, an unknown one stays unused. Empty fields and `NULL` are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from ..parser import Sample, UnreadableRecordError
from ..records import Records

Row = dict[str, Any]
Rename = Callable[[str], str]

_NULLS = frozenset(("", "NULL", "null"))


def is_csv(context: Mapping[str, Any]) -> bool:
    """Say whether records are lines of a CSV file.

    >>> is_csv({"envelope": "csv", "header": "a,b"})
    True
    """
    return context.get("envelope") == "csv"


def column_names(sample: Sample, rename: Rename) -> frozenset[str]:
    """Return the names of a sample's columns: of its CSV header, or of its (flattened) JSON object.

    >>> from ..records import Origin
    >>> sorted(column_names(Sample(b'{"sku":{"id":"1"},"cost":2}', {}, Origin("x.json")), str.lower))
    ['cost', 'sku_id']
    """
    if is_csv(sample.context):
        return frozenset(map(rename, header_columns(str(sample.context.get("header", "")))))
    return frozenset(map(rename, flattened(sample.fields))) if sample.fields else frozenset()


def read_rows(records: Records, rename: Rename) -> list[Row]:
    """Return one row per record.

    Raises:
        UnreadableRecordError: a record that is no single CSV line of its header's width, or no JSON object.
    """
    contexts = records.contexts()
    rows: list[Row] = []
    codes = records.context.codes.tolist()
    for code, bodies in _runs(codes, records.bodies):
        context = contexts[code]
        rows += _csv_rows(str(context["header"]), bodies, rename) if is_csv(context) else _json_rows(bodies, rename)
    return rows


def read_row(body: bytes, context: Mapping[str, Any], rename: Rename) -> Row:
    """Return one record's row.

    >>> read_row(b"1,x", {"envelope": "csv", "header": "Cost,Name"}, str.lower)
    {'cost': '1', 'name': 'x'}
    """
    if is_csv(context):
        return _csv_rows(str(context["header"]), [body], rename)[0]
    return _json_rows([body], rename)[0]


def flattened(fields: Mapping[str, Any]) -> Row:
    """Return an object with its nested objects' fields as `outer_inner`; lists and tags stay as they are.

    >>> flattened({"service": {"id": "5490"}, "labels": [], "cost": 1})
    {'service_id': '5490', 'labels': [], 'cost': 1}
    """
    flat: Row = {}
    for name, value in fields.items():
        if isinstance(value, dict) and name.lower() != "tags":
            flat.update({f"{name}_{inner}": item for inner, item in flattened(value).items()})
        else:
            flat[name] = value
    return flat


@lru_cache(maxsize=256)
def header_columns(header: str) -> tuple[str, ...]:
    """Return the columns that a header line names.

    >>> header_columns('a,"b c"')
    ('a', 'b c')
    """
    return tuple(next(csv.reader([header.strip("\ufeff\r\n")], delimiter=_delimiter(header)), ()))


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _runs(codes: list[int], bodies: Any) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the runs of records that share a context, in order."""
    start = 0
    for end in range(1, len(codes) + 1):
        if end == len(codes) or codes[end] != codes[start]:
            yield codes[start], list(bodies[start:end])
            start = end


def _csv_rows(header: str, bodies: list[bytes], rename: Rename) -> list[Row]:
    names = [rename(column) for column in header_columns(header)]
    try:
        lines = [body.decode("utf-8").strip("\r\n") for body in bodies]
        parsed = list(csv.reader(lines, delimiter=_delimiter(header), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableRecordError(f"no CSV line: {error}") from None
    if len(parsed) != len(bodies):
        raise UnreadableRecordError("a quoted field does not end in its record")
    return [_csv_row(names, values) for values in parsed]


def _csv_row(names: list[str], values: list[str]) -> Row:
    """Return a line's fields; columns missing at its end are absent, fields beyond the header are an error."""
    if len(values) > len(names) and any(values[len(names) :]):
        raise UnreadableRecordError(f"{len(values)} fields under a header of {len(names)}")
    return {name: value for name, value in zip(names, values, strict=False) if value not in _NULLS}


def _json_rows(bodies: list[bytes], rename: Rename) -> list[Row]:
    rows: list[Row] = []
    for body in bodies:
        fields = msgspec.json.decode(body)
        if not isinstance(fields, dict):
            raise UnreadableRecordError("a billing row must be a JSON object")
        rows.append({rename(n): v for n, v in flattened(fields).items() if v is not None and v != "" and v != "NULL"})
    return rows
