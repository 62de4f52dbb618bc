"""Parse the log groups of Lambda functions: the runtime's lines and whatever the function writes, as text or JSON.

Only CloudWatch's log group says that a line is Lambda's, so recognition is by context; the function is the service. See
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.identity import normalise_resource
from ...domain.trace_context import span_id_column, trace_id_column
from ..described import Description, described
from ..field_map import known_or
from ..field_paths import flattened
from ..joining.line_marks import with_marks
from ..log_batch import log_batch
from ..parser import Sample
from ..records import Records
from ..text import read_messages
from ..text.chunk_text import ChunkText
from ..text.line_attributes import line_attributes
from ..text.trace_lines import mark_lines
from ..text_lines import lines_of
from ..tolerant_json import read_json
from .lambda_lines import read_line

_GROUP: Final = "/aws/lambda/"
_REGIONAL_EDGE: Final = re.compile(r"(?:[a-z]{2}-[a-z]+-\d\.)(.+)")
_PLATFORM: Final = re.compile(rb"(?:START|END|REPORT) RequestId: [0-9a-f-]{36}|INIT_START Runtime Version: ")
_STREAM: Final = re.compile(r"\d{4}/\d\d/\d\d/(?:[^\[]*)\[([^\]]+)\]([0-9a-f]{32})")


class LambdaParser:
    """Lines of Lambda functions."""

    format = "aws.lambda"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line came from a function's log group, or is one that only the runtime writes."""
        if function_of_group(sample.context.get("logGroup")):
            return True
        return _PLATFORM.match(sample.body) is not None or _is_platform_event(sample)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        messages = lines_of(records)
        lines = [read_line(message) for message in messages]
        columns = read_messages([line.text or line.name for line in lines]).as_columns()
        severity = np.array([line.severity for line in lines], np.uint8)
        columns["severity"] = np.where(severity != 0, severity, columns["severity"])
        errors = columns["error"].to_list()
        columns["error"] = [line.error[:256] or error for line, error in zip(lines, errors, strict=True)]
        columns["trace_id"] = known_or(trace_id_column([line.trace for line in lines]), columns["trace_id"])
        columns["span_id"] = known_or(span_id_column([line.span for line in lines]), columns["span_id"])
        instants = np.array([line.instant_ns for line in lines], np.int64)
        places = [_place(context, records.origin.metadata) for context in records.contexts()]
        keys = [places[code] for code in records.context.codes.tolist()]
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=(instants, instants != 0),
            flags=with_marks(np.zeros(len(records), np.uint8), mark_lines(ChunkText(messages))),
            name=[line.name for line in lines],
            duration_us=np.array([line.duration_us for line in lines], np.int64),
            **{**columns, **described(keys, _describe)},
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's attributes in OpenTelemetry names."""
        text = body.decode("utf-8", "replace")
        line = read_line(text)
        stream = _STREAM.match(str(context.get("logStream", "")))
        found: dict[str, Any] = {
            "cloud.platform": "aws_lambda",
            **line_attributes(text),
            "faas.name": function_of_group(context.get("logGroup")),
            "faas.version": stream[1] if stream else "",
            "faas.instance": context.get("logStream"),
            "faas.invocation_id": line.request_id,
            "aws.lambda.duration_us": line.duration_us if line.duration_us >= 0 else None,
            "aws.lambda.max_memory_used_mb": line.memory_mb or None,
        }
        return {name: value for name, value in found.items() if value not in (None, "")} | _report(text)


def _is_platform_event(sample: Sample) -> bool:
    """Say whether a record is an event of the runtime in JSON, as extensions and exports deliver it too."""
    kind = sample.fields.get("type")
    platform = isinstance(kind, str) and kind.startswith("platform.")
    return platform and "time" in sample.fields and isinstance(sample.fields.get("record"), dict | str)


def function_of_group(log_group: Any) -> str:
    """Return the function that a log group belongs to, '' when it is no function's.

    >>> function_of_group("/aws/lambda/pay"), function_of_group("/aws/lambda/us-east-1.edge")
    ('pay', 'edge')
    """
    if not isinstance(log_group, str) or not log_group.startswith(_GROUP):
        return ""
    name = log_group.removeprefix(_GROUP)
    edge = _REGIONAL_EDGE.fullmatch(name)  # Lambda@Edge: <home region>.<function>
    return edge[1] if edge else name


_Place = tuple[str, str, str]


def _place(context: Mapping[str, Any], metadata: Mapping[str, str]) -> _Place:
    account = str(context.get("owner") or metadata.get("account", ""))
    region = str(context.get("region") or metadata.get("region", ""))
    return function_of_group(context.get("logGroup")), account, region


def _describe(key: _Place) -> Description:
    function, account, region = key
    resource = normalise_resource(
        function, provider="aws", account=account, region=region, resource_type="aws_lambda_function"
    )
    mentions = (f"{_GROUP}{function}",) if function else ()
    return Description(account, region, function, resource, mentions)


def _report(text: str) -> dict[str, Any]:
    if text.startswith("{"):
        try:
            return flattened(read_json(text.encode()), "aws.lambda")
        except ValueError:
            return {}
    if not text.startswith("REPORT"):
        return {}
    pairs = (part.partition(": ") for part in text.split("\t")[1:])
    return {f"aws.lambda.{key.strip().lower().replace(' ', '_')}": value.strip() for key, mark, value in pairs if mark}
