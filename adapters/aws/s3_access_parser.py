"""Parse S3 server access logs: one line per request to a bucket; AWS appends fields now and then.

See https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.event_id import event_ids
from ...domain.message_template import template_column
from ...domain.timestamps import parse_timestamp_ns
from ..described import Description, described
from ..field_map import read_instants
from ..log_batch import log_batch
from ..number_columns import duration_column, status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of, split_quoted

_FIELDS: Final = """
bucket_owner bucket time remote_ip requester request_id operation key request_uri http_status error_code bytes_sent
object_size total_time turn_around_time referer user_agent version_id host_id signature_version cipher_suite
authentication_type host_header tls_version access_point_arn acl_required source_region
"""
NAMES: Final = tuple(_FIELDS.split())

_LINE: Final = re.compile(
    r"[0-9a-f]{64} (\S+) \[([^\]]+)\] (\S+) (\S+) (\S+) (\S+) (\S+)"
    r' (?:-|"[^"]*(?:"(?! [\d-])[^"]*)*") (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)'
)
"""Bucket, time, client, requester, request id, operation, key, status, error, bytes, size, total, turn-around time."""

_HEAD: Final = re.compile(rb"[0-9a-f]{64} [a-z0-9._-]{3,255} \[\d\d/[A-Z][a-z]{2}/\d{4}:")


class S3AccessParser:
    """Access log lines of S3 buckets."""

    format = "aws.s3access"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line starts with an owner's canonical id, a bucket and a time in brackets."""
        return _HEAD.match(sample.body[:512]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        matches = [_LINE.match(line) for line in lines_of(records)]
        if not all(matches):
            raise UnreadableRecordError("a line is no S3 access log")
        columns: list[Sequence[str]] = list(zip(*[m.groups() for m in matches if m], strict=True))
        buckets, times, _, requesters, requests, operations, _, codes, errors, _, _, total, _ = columns
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=read_instants([parse_timestamp_ns(text) for text in times]),
            # One request may be logged on several lines (a copy reads and writes): request and operation name a line.
            event_id=event_ids(
                [
                    f"aws.s3access\0{b}\0{r}\0{o}\0{t}"
                    for b, r, o, t in zip(buckets, requests, operations, times, strict=True)
                ]
            ),
            name=operations,
            status=status_column(codes),
            error=["" if error == "-" else error for error in errors],
            duration_us=duration_column(total, "ms"),
            template=template_column([f"{o} {e}" for o, e in zip(operations, errors, strict=True)]),
            severity=np.zeros(len(records), np.uint8),
            **described(list(zip(buckets, requesters, strict=True)), _describe),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        text = body.decode("utf-8", "replace").replace("[", '"', 1).replace("]", '"', 1)
        fields = dict(zip(NAMES, split_quoted(text), strict=False))
        found = _request(fields.get("request_uri", ""))
        for key, value in fields.items():
            if value not in ("", "-"):
                for name in _ATTRIBUTES.get(key, ()):
                    found[name] = [value] if name.startswith("http.request.header.") else _typed(key, value)
        return found


_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "bucket_owner": ("aws.s3.owner",),
    "bucket": ("aws.s3.bucket",),
    "remote_ip": ("client.address", "source.address"),
    "requester": ("user.id",),
    "request_id": ("aws.request_id",),
    "operation": ("rpc.method",),
    "key": ("aws.s3.key",),
    "http_status": ("http.response.status_code",),
    "error_code": ("error.type",),
    "bytes_sent": ("http.response.body.size",),
    "object_size": ("aws.s3.object.size",),
    "total_time": ("aws.s3.total_time",),
    "turn_around_time": ("aws.s3.turn_around",),
    "referer": ("http.request.header.referer",),
    "user_agent": ("user_agent.original",),
    "version_id": ("aws.s3.version_id",),
    "host_id": ("aws.extended_request_id",),
    "signature_version": ("aws.signature.version",),
    "cipher_suite": ("tls.cipher",),
    "authentication_type": ("aws.s3.auth_type",),
    "host_header": ("server.address", "http.request.header.host"),
    "tls_version": ("tls.protocol.version",),
    "access_point_arn": ("aws.s3.access_point.arn",),
    "acl_required": ("aws.s3.acl_required",),
    "source_region": ("aws.s3.source_region",),
}
"""OpenTelemetry's names, and for what it has none those of its collector."""

_WHOLE: Final = frozenset({"http_status", "bytes_sent", "object_size", "total_time", "turn_around_time"})


def _typed(key: str, value: str) -> Any:
    if key in _WHOLE:
        return int(value) if value.isdecimal() and len(value) < 19 else value
    if key == "tls_version":
        return value.upper().removeprefix("TLSV")
    return value == "Yes" if key == "acl_required" else value


def _request(request: str) -> dict[str, Any]:
    method, _, rest = request.partition(" ")
    target, _, protocol = rest.rpartition(" ")
    path, _, query = target.partition("?")
    version = protocol.partition("/")[2]
    named = {
        "http.request.method": method,
        "url.path": path,
        "url.query": query,
        "network.protocol.name": "http" if version else "",
        "network.protocol.version": version,
    }
    return {name: value for name, value in named.items() if value not in ("", "-")}


def _describe(key: tuple[str, str]) -> Description:
    bucket, requester = key
    mentions = (bucket, requester) if requester.startswith("arn:") else (bucket,)
    return Description(service="s3", resource=f"arn:aws:s3:::{bucket}", mentions=mentions)
