"""Parse CloudFront's access logs: standard ones under `#Fields`, real-time ones of configured fields, and JSON.

The header names the fields; without one, what the user tells (`cloudfront_fields`), else the documented order as far as
the line goes. See https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.message_template import template_column
from ...domain.timestamps import epoch_column, rfc3339_column
from ..described import Description, described
from ..field_map import read_instants
from ..field_paths import as_text, decode_rows
from ..log_batch import Times, log_batch
from ..number_columns import duration_column, status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of, present
from ..tolerant_json import read_json
from .cloudfront_fields import REAL_TIME_NAMES, STANDARD_NAMES, plain_name, request_attributes
from .told_header import with_header

_HEADER: Final = "#Fields: "
_STANDARD: Final = re.compile(
    rb"\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z0-9-]{3,20}\t(?:\d+|-)\t[0-9a-f.:]+\t[A-Z]+\t\S+\t"
)
_REAL_TIME: Final = re.compile(rb"\d{10}\.\d{3}\t[0-9a-f.:]{3,45}\t[\d.-]+\t\d{3}\t\d+\t[A-Z]+\thttps?\t")
_JSON_KEYS: Final = ("x-edge-location", "x-edge-request-id", "x-edge-result-type", "sc-status", "DistributionId")

FEWEST: Final = 12
"""Fields of the oldest standard log (2010) and more than any other tab-separated line that starts alike."""

Columns = Mapping[str, Sequence[str]]


class CloudFrontParser:
    """Access log lines of CloudFront distributions."""

    format = "aws.cloudfront"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line stands under CloudFront's header, looks like its lines, or is an object of its fields."""
        if sample.body[:1] == b"{":
            return sum(key in sample.fields for key in _JSON_KEYS) >= 2
        if sample.body[:1] == b"#":
            return False
        return bool(field_names(sample.context, sample.origin.metadata, sample.body)) and b"\t" in sample.body

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        columns = _columns(records)
        count = len(records)
        if told := records.origin.metadata.get("cloudfront_fields"):
            records = with_header(records, _HEADER + told.replace(",", " "))

        def column(*names: str) -> Sequence[str]:
            return next((present(columns[name]) for name in names if name in columns), [""] * count)

        hosts, aliases = column("cs-host"), column("x-host-header")
        errors = ["" if r in _FINE else r for r in _results(columns, count)]
        methods = column("cs-method")
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=_times(columns, count),
            name=methods,
            status=status_column(column("sc-status")),
            error=errors,
            duration_us=duration_column(column("time-taken"), "s"),
            peer=aliases,
            peer_role=np.zeros(count, np.uint8),
            template=template_column([f"{m} {e}" for m, e in zip(methods, errors, strict=True)]),
            **described(
                list(zip(hosts, aliases, column("distributionid", "primary-distribution-id"), strict=True)), _describe
            ),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        if body[:1] == b"{":
            return request_attributes({key: as_text(value) for key, value in read_json(body).items()})
        fields = zip(field_names(context, {}, body), body.decode("utf-8", "replace").split("\t"), strict=False)
        return request_attributes(dict(fields))


def field_names(context: Mapping[str, Any], metadata: Mapping[str, str], body: bytes) -> tuple[str, ...]:
    """Return the names of a line's fields: as its header says, as the user says, as its start looks; else nothing.

    >>> field_names({"header": "#Fields: date time"}, {}, b"")
    ('date', 'time')
    """
    header = str(context.get("header") or "")
    if header.startswith(_HEADER):
        return tuple(header.removeprefix(_HEADER).split())
    if told := metadata.get("cloudfront_fields"):
        return tuple(told.replace(",", " ").split())
    if _STANDARD.match(body[:512]):
        return STANDARD_NAMES
    return REAL_TIME_NAMES if _REAL_TIME.match(body[:512]) else ()


def _columns(records: Records) -> Columns:
    if records.bodies[0][:1] == b"{":
        objects = [{plain_name(key): as_text(value) for key, value in row.items()} for row in decode_rows(records)]
        return {name: [one.get(name, "-") for one in objects] for name in dict.fromkeys(k for o in objects for k in o)}
    contexts = records.contexts()
    metadata = records.origin.metadata
    told = {field_names(contexts[code], metadata, records.bodies[0]) for code in set(records.context.codes.tolist())}
    names = told.pop()
    rows = [line.split("\t") for line in lines_of(records)]
    if told or not names or any(len(row) < min(FEWEST, len(names)) for row in rows):
        raise UnreadableRecordError("a line is no CloudFront access log")
    if names in (STANDARD_NAMES, REAL_TIME_NAMES) and not all(_is_of(names, body) for body in records.bodies):
        raise UnreadableRecordError("a line is no CloudFront access log")
    width = len(names)
    rows = [row[:width] + ["-"] * (width - len(row)) for row in rows]
    return dict(zip(map(plain_name, names), zip(*rows, strict=True), strict=True))


def _is_of(names: tuple[str, ...], body: bytes) -> bool:
    return (_STANDARD if names == STANDARD_NAMES else _REAL_TIME).match(body[:512]) is not None


def _times(columns: Columns, count: int) -> Times:
    if "date" in columns and "time" in columns:
        return rfc3339_column([f"{d}T{t}Z" for d, t in zip(columns["date"], columns["time"], strict=True)])
    for name, unit in (("timestamp", "s"), ("timestamp(ms)", "ms"), ("timestamp-ms", "ms")):
        if name in columns:
            return epoch_column(columns[name], unit)
    return read_instants([None] * count)


def _results(columns: Columns, count: int) -> Sequence[str]:
    """Return how each request ended, in as much detail as the lines have."""
    detailed = columns.get("x-edge-detailed-result-type")
    if detailed is not None and any(one not in ("-", "") for one in detailed):
        return detailed
    return columns.get("x-edge-result-type") or [""] * count


def _describe(key: tuple[str, str, str]) -> Description:
    host, alias, distribution = key
    mentions = tuple(dict.fromkeys(one for one in (host, alias, distribution) if one))
    return Description(service=host.partition(".")[0], resource=host or distribution or alias, mentions=mentions)


_FINE: Final = frozenset(
    {"-", "", "Hit", "Miss", "RefreshHit", "Redirect", "OriginShieldHit", "FunctionGeneratedResponse"}
)
"""Results that are no error; see x-edge-detailed-result-type."""


class CloudFrontHeader:
    """`#Version` and `#Fields` lines; they carry no record."""

    name = "aws.cloudfront_header"
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line is one of the two."""
        return sample.body.startswith((b"#Version: ", b"#Fields: "))

    def peel(self, records: Records) -> Records:
        """Return nothing.

        Raises:
            ValueError: a line that is something else.
        """
        if not all(body.startswith((b"#Version: ", b"#Fields: ")) for body in records.bodies):
            raise ValueError("a line is no header of an access log")
        return records.take(np.zeros(0, np.int64))
