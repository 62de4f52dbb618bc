"""Parse text and JSON in the log groups that AWS's services name themselves: the group says who writes.

The lines are read as application text or JSON; format, service, resource, account and region come from the group. What
API Gateway's execution logs say of a request in words is read too. See
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.trace_context import parse_xray, trace_id_column
from ..app_json_parser import AppJsonParser
from ..app_text_parser import AppTextParser
from ..described import described
from ..field_map import known_or
from ..number_columns import duration_column, status_column
from ..parser import Parser, Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of
from .log_groups import LOG_GROUPS, description_of_group, format_of_group

_TEXT: Final = AppTextParser()
_JSON: Final = AppJsonParser()


class LogGroupParser:
    """Lines of one family of log groups.

    >>> LogGroupParser("aws.codebuild").format
    'aws.codebuild'
    """

    def __init__(self, format: str) -> None:
        self.format = format

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record came from such a log group."""
        return format_of_group(sample.context) == self.format and not _is_broken(sample)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        contexts = records.contexts()
        if {format_of_group(contexts[code]) for code in set(records.context.codes.tolist())} != {self.format}:
            raise UnreadableRecordError(f"a line is not of {self.format}")
        batch = _read(records)
        metadata = records.origin.metadata
        places = [description_of_group(c, metadata.get("account", ""), metadata.get("region", "")) for c in contexts]
        known = described(records.context.codes.tolist(), places.__getitem__)
        known.pop("mentions")
        return batch.with_columns(format=self.format, provider="aws", **known)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's attributes."""
        return (_JSON if body[:1] == b"{" else _TEXT).attributes(body, context)


def _is_broken(sample: Sample) -> bool:
    return sample.body[:1] == b"{" and not sample.fields


def _read(records: Records) -> EventBatch:
    """Return the events of lines, each read as what it is."""
    is_json = np.array([body[:1] == b"{" for body in records.bodies], np.bool_)
    if is_json.all() or not is_json.any():
        parser: Parser = _JSON if is_json.all() else _TEXT
        return parser.parse(records)
    rows = [np.flatnonzero(is_json), np.flatnonzero(~is_json)]
    batches = [_JSON.parse(records.take(rows[0])), _TEXT.parse(records.take(rows[1]))]
    return EventBatch.concat(batches).take(np.argsort(np.concatenate(rows), kind="stable"))


_EXECUTION: Final = re.compile(
    r"\(([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z_-]{10,40}=*)\) (.*)", re.DOTALL
)
_STATUS: Final = re.compile(r"Method completed with status: (\d{3})|Received response. Status: (\d{3})")
_LATENCY: Final = re.compile(r"Integration latency: (\d{1,9}) ms")
_TRACE: Final = re.compile(r"(?:X-[Rr]ay Tracing ID\s*:\s*|X-Amzn-Trace-Id=)((?:Self|Root)=[^\s,}]{20,200})")
_FAILED: Final = re.compile(r"Execution failed due to ([^:\n]{1,120})|Gateway response type: (\w+)")
_TARGET: Final = re.compile(r"(?:Sending request to|Endpoint request URI:) https?://([^/\s:]{1,253})")
_STEP: Final = re.compile(r"[A-Za-z][A-Za-z ]{2,40}")


class ApiGatewayExecutionParser(LogGroupParser):
    """Execution logs of API Gateway: `(<request id>) <what happened>`.

    >>> ApiGatewayExecutionParser().format
    'aws.apigateway.execution'
    """

    def __init__(self) -> None:
        super().__init__("aws.apigateway.execution")

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per step of a request."""
        batch = super().parse(records)
        lines = [_step_of(line) for line in lines_of(records)]
        failures = [_FAILED.search(line) for line in lines]
        peers = [found[1] if (found := _TARGET.search(line)) else "" for line in lines]
        errors = [(found[1] or found[2]) if found else "" for found in failures]
        return batch.with_columns(
            name=[found[0].strip() if (found := _STEP.match(line)) else "" for line in lines],
            status=status_column(
                [(found[1] or found[2]) if (found := _STATUS.search(line)) else None for line in lines]
            ),
            duration_us=duration_column(
                [found[1] if (found := _LATENCY.search(line)) else None for line in lines], "ms"
            ),
            error=errors,
            severity=_severities(batch, errors),
            peer=peers,
            peer_role=np.array([1 if peer else 0 for peer in peers], np.uint8),
            trace_id=known_or(trace_id_column([_trace(line) for line in lines]), batch.trace_id),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line and its request id."""
        text = body.decode("utf-8", "replace")
        found = _EXECUTION.match(text)
        return {"log.record.body": text} | ({"aws.request_id": found[1]} if found else {})


def _step_of(line: str) -> str:
    """Return what a line says behind its request id."""
    found = _EXECUTION.match(line)
    return found[2] if found else line


def _severities(batch: EventBatch, errors: list[str]) -> npt.NDArray[np.uint8]:
    return np.array(
        [17 if error else own for error, own in zip(errors, batch.severity.tolist(), strict=True)], np.uint8
    )


def _trace(line: str) -> str:
    found = _TRACE.search(line)
    trace = parse_xray(found[1]) if found else None
    return trace.trace_id if trace else ""


_OWN_PARSERS: Final[Mapping[str, LogGroupParser]] = {"aws.apigateway.execution": ApiGatewayExecutionParser()}

LOG_GROUP_PARSERS: Final = tuple(
    _OWN_PARSERS.get(name) or LogGroupParser(name) for name in dict.fromkeys(group.format for group in LOG_GROUPS)
)
"""One parser per format."""
