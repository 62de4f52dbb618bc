"""Parse connection logs of Application Load Balancers: one line per TLS or TCP connection of a client.

See https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html. The
line does not name its load balancer: the object's key does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import PeerRole
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ..log_batch import log_batch
from ..number_columns import duration_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of, present, split_quoted
from .elb_fields import tls_protocol

_LINE: Final = re.compile(
    rb"\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-fA-F.:]{2,45} \d{1,5} \d{1,5} (?:TLSv[\d.]+|-) \S+ (?:[\d.]+|-) (?:\"|-)"
)
_KEY: Final = re.compile(r"(?:conn_log\.)?(\d{12})_elasticloadbalancing_([a-z0-9-]+)_(app)\.([\w-]+)\.([0-9a-f]{16})_")
_NAMES: Final = (
    *("time", "client.address", "client.port", "server.port", "", "tls.cipher", "aws.elb.tls_handshake_latency"),
    *("tls.client.subject", "aws.elb.leaf_client_cert_validity", "aws.elb.leaf_client_cert_serial_number"),
    *("aws.elb.tls_verify_status", "aws.elb.connection_trace_id"),
)


class AlbConnectionParser:
    """Connections to application load balancers.

    >>> from ..records import Origin
    >>> line = b"2026-11-20T10:00:00.5Z 203.0.113.1 36280 443 TLSv1.2 ECDHE 4.036 - - - Failed:ClientCertExpired TID_1"
    >>> event = AlbConnectionParser().parse(Records.of([line], Origin("conn.log")))[0]
    >>> event.error, event.duration_us
    ('ClientCertExpired', 4036000)
    """

    format = "aws.elb.connection"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line starts with a time, a client and its port, a listener's port, TLS's version and cipher."""
        return _LINE.match(sample.body[:512]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per connection."""
        if not all(_LINE.match(body[:512]) for body in records.bodies):
            raise UnreadableRecordError("a line is no connection log of a load balancer")
        rows = [(split_quoted(line) + ["-"] * 12)[:12] for line in lines_of(records)]
        columns: list[Sequence[str]] = list(zip(*rows, strict=True))
        verified = present(columns[10])
        errors = [text.partition(":")[2] or text if text.startswith("Failed") else "" for text in verified]
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=rfc3339_column(columns[0]),
            name="connection",
            error=errors,
            duration_us=duration_column(columns[6], "s"),
            peer=columns[1],
            peer_role=np.full(len(records), int(PeerRole.CALLER), np.uint8),
            template=template_column([f"connection {error}" for error in errors]),
            **_place(records.origin.object_key),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        fields = split_quoted(body.decode("utf-8", "replace"))
        found: dict[str, Any] = tls_protocol(fields[4]) if len(fields) > 4 and fields[4] != "-" else {}
        for name, value in zip(_NAMES, fields, strict=False):
            if name and name != "time" and value not in ("-", ""):
                found[name] = int(value) if name.endswith(".port") and value.isdecimal() else value
        return found


def _place(key: str) -> dict[str, Any]:
    """Return account, region and load balancer, which only the object's key names."""
    found = _KEY.search(key)
    if found is None:
        return {}
    account, region, kind, name, load_balancer = found.groups()
    resource = f"arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{kind}/{name}/{load_balancer}"
    return {"account": account, "region": region, "service": name, "resource": resource}
