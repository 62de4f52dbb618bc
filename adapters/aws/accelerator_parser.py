"""Parse flow logs of Global Accelerator, one line per flow between a client and an endpoint.

See https://docs.aws.amazon.com/global-accelerator/latest/dg/monitoring-global-accelerator.flow-logs.html. As in
other flow logs the event's time is the flow's start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.columns import NO_DURATION
from ...domain.events import Flag, PeerRole
from ...domain.message_template import template_column
from ...domain.timestamps import epoch_column
from ..described import Description, described
from ..log_batch import log_batch
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of, present

_FIELDS: Final = """
version aws_account_id accelerator_id client_ip client_port gip gip_port endpoint_ip endpoint_port protocol
ip_address_type num_packets num_bytes start_time end_time action log_status agasourceip agasourceport endpoint_region
globalaccelerator_region direction vpc_id reject_reason
"""
NAMES: Final = tuple(_FIELDS.split())
_LINE: Final = re.compile(
    rb"[12]\.0 \d{12} [0-9a-f-]{8,40} [0-9a-fA-F.:]{2,45} \d{1,5} [0-9a-fA-F.:]{2,45} \d{1,5} \S+"
    rb" (?:\d{1,5}|-) (?:TCP|UDP) "
)
_ATTRIBUTES: Final = {
    "aws_account_id": "cloud.account.id",
    "client_ip": "client.address",
    "client_port": "client.port",
    "gip": "server.address",
    "gip_port": "server.port",
    "endpoint_ip": "destination.address",
    "endpoint_port": "destination.port",
    "protocol": "network.transport",
    "ip_address_type": "network.type",
    "direction": "network.io.direction",
    "vpc_id": "aws.vpc.id",
}
_DIRECTIONS: Final = {"INGRESS": "receive", "EGRESS": "transmit"}


class AcceleratorFlowParser:
    """Flows through accelerators."""

    format = "aws.globalaccelerator"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line has a version, an account, an accelerator, and the addresses of client and accelerator."""
        return _LINE.match(sample.body[:512]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per flow."""
        if not all(_LINE.match(body[:512]) for body in records.bodies):
            raise UnreadableRecordError("a line is no flow of an accelerator")
        width = len(NAMES)
        rows = [(line.split() + ["-"] * width)[:width] for line in lines_of(records)]
        columns: dict[str, Sequence[str]] = dict(zip(NAMES, zip(*rows, strict=True), strict=True))
        start, started = epoch_column(columns["start_time"], "s")
        end, ended = epoch_column(columns["end_time"], "s")
        endpoints = present(columns["endpoint_ip"])
        names = present(columns["action"])
        keys = list(zip(columns["aws_account_id"], columns["accelerator_id"], columns["vpc_id"], strict=True))
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=(start, started),
            flags=np.array([int(Flag.ORIGIN_EXTERNAL) if one else 0 for one in endpoints], np.uint8),
            name=names,
            duration_us=np.where(started & ended & (end >= start), (end - start) // 1000, NO_DURATION),
            peer=endpoints,
            peer_role=np.array([int(PeerRole.CALLEE) if one else 0 for one in endpoints], np.uint8),
            template=template_column(names),
            **described(keys, _describe),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        found: dict[str, Any] = {}
        for name, value in zip(NAMES, body.decode("utf-8", "replace").split(), strict=False):
            if value != "-":
                key = _ATTRIBUTES.get(name, f"aws.globalaccelerator.{name}")
                found[key] = _typed(name, value)
        return found


def _typed(name: str, value: str) -> Any:
    if name.endswith("_port") or name.startswith("num_") or name in ("start_time", "end_time", "agasourceport"):
        return int(value) if value.isdecimal() and len(value) < 19 else value
    if name in ("protocol", "ip_address_type"):
        return value.lower()
    return _DIRECTIONS.get(value, value)


def _describe(key: tuple[str, str, str]) -> Description:
    account, accelerator, network = key
    resource = f"arn:aws:globalaccelerator::{account}:accelerator/{accelerator}"
    mentions = tuple(one for one in (accelerator, network) if one not in ("-", ""))
    return Description(account, "", "globalaccelerator", resource, mentions)
