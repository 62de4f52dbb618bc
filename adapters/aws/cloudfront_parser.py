"""Parse CloudFront standard access logs: tab-separated lines under `#Version` and `#Fields`.

The header line names the fields; a line whose header is not at hand has the 33 standard ones. See
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import PeerRole
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ..log_batch import log_batch
from ..number_columns import duration_column, status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of, present

_FIELDS: Final = """
date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query
cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for
ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port
time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end
"""
NAMES: Final = tuple(_FIELDS.split())
_LINE: Final = re.compile(rb"\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z0-9-]{3,20}\t(?:\d+|-)\t[0-9a-f.:]+\t[A-Z]+\t\S+\t")
_FEWEST: Final = 24
"""Fields of the oldest version that is still found (2017)."""


class CloudFrontParser:
    """Access log lines of CloudFront distributions."""

    format = "aws.cloudfront"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line is tab-separated with date, time, edge location, bytes, address, method and host."""
        return _LINE.match(sample.body[:512]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        rows = [line.split("\t") for line in lines_of(records)]
        if any(len(row) < _FEWEST for row in rows) or not all(_LINE.match(body[:512]) for body in records.bodies):
            raise UnreadableRecordError("a line is no CloudFront access log")
        rows = [(row + ["-"] * len(NAMES))[: len(NAMES)] for row in rows]
        columns: dict[str, Sequence[str]] = dict(zip(NAMES, zip(*rows, strict=True), strict=True))
        results = columns["x-edge-detailed-result-type"]
        errors = [
            "" if r in _FINE else r
            for r in (results if any(r != "-" for r in results) else columns["x-edge-result-type"])
        ]
        hosts = present(columns["cs(Host)"])
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=rfc3339_column([f"{d}T{t}Z" for d, t in zip(columns["date"], columns["time"], strict=True)]),
            name=present(columns["cs-method"]),
            service=[host.partition(".")[0] for host in hosts],
            resource=hosts,
            mentions=[
                tuple({h, x} - {"-", ""}) if h != x else (h,)
                for h, x in zip(hosts, columns["x-host-header"], strict=True)
            ],
            status=status_column(columns["sc-status"]),
            error=errors,
            duration_us=duration_column(columns["time-taken"], "s"),
            peer=present(columns["x-host-header"]),
            peer_role=np.zeros(len(records), np.uint8) + int(PeerRole.NONE),
            template=template_column([f"{m} {e}" for m, e in zip(columns["cs-method"], errors, strict=True)]),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        fields = zip(NAMES, body.decode("utf-8", "replace").split("\t"), strict=False)
        found = {
            _STANDARD.get(name, f"aws.cloudfront.{_plain(name)}"): value
            for name, value in fields
            if value not in ("-", "")
        }
        for name in ("user_agent.original", "url.path"):
            if name in found:
                found[name] = unquote(found[name])
        numbers = {"http.response.status_code", "http.request.size", "http.response.size", "client.port"}
        return {name: int(v) if name in numbers and v.isdecimal() else v for name, v in found.items()}


_FINE: Final = frozenset(
    {"-", "", "Hit", "Miss", "RefreshHit", "Redirect", "OriginShieldHit", "FunctionGeneratedResponse"}
)
"""Results that are no error; see x-edge-detailed-result-type."""

_STANDARD: Final = {
    "c-ip": "client.address",
    "c-port": "client.port",
    "cs-method": "http.request.method",
    "cs(Host)": "server.address",
    "cs-uri-stem": "url.path",
    "cs-uri-query": "url.query",
    "cs-protocol": "url.scheme",
    "sc-status": "http.response.status_code",
    "sc-bytes": "http.response.size",
    "cs-bytes": "http.request.size",
    "cs(User-Agent)": "user_agent.original",
    "ssl-protocol": "tls.protocol.version",
    "ssl-cipher": "tls.cipher",
    "x-edge-request-id": "aws.request_id",
}


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace("(", "_").replace(")", "")


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
