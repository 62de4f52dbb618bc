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
authentication_type host_header tls_version access_point_arn acl_required
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
        method, _, rest = fields.get("request_uri", "").partition(" ")
        path, _, query = rest.rpartition(" ")[0].partition("?")
        named = {
            "client.address": fields.get("remote_ip"),
            "user.id": fields.get("requester"),
            "aws.request_id": fields.get("request_id"),
            "aws.extended_request_id": fields.get("host_id"),
            "aws.s3.bucket": fields.get("bucket"),
            "aws.s3.key": fields.get("key"),
            "rpc.method": fields.get("operation"),
            "http.request.method": method,
            "url.path": path,
            "url.query": query,
            "http.response.status_code": _number(fields.get("http_status")),
            "http.response.body.size": _number(fields.get("bytes_sent")),
            "user_agent.original": fields.get("user_agent"),
            "error.type": fields.get("error_code"),
            "tls.cipher": fields.get("cipher_suite"),
            "tls.protocol.version": fields.get("tls_version"),
            "server.address": fields.get("host_header"),
        }
        rest_of = {f"aws.s3.{k}": v for k, v in fields.items() if k in _OWN}
        return {name: value for name, value in (named | rest_of).items() if value not in (None, "", "-")}


_OWN: Final = frozenset(
    {"bucket_owner", "object_size", "total_time", "turn_around_time", "referer", "version_id", "signature_version"}
    | {"authentication_type", "access_point_arn", "acl_required"}
)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _describe(key: tuple[str, str]) -> Description:
    bucket, requester = key
    mentions = (bucket, requester) if requester.startswith("arn:") else (bucket,)
    return Description(service="s3", resource=f"arn:aws:s3:::{bucket}", mentions=mentions)
