"""Parse access logs of Network and Classic Load Balancers, and the test lines that ELB writes.

See https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html and
https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import Flag, PeerRole
from ...domain.identity import parse_arn
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ..described import Description, described
from ..log_batch import log_batch
from ..number_columns import duration_column, size_column, status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import host_of, lines_of, split_quoted
from .elb_fields import CLB_NAMES, NLB_NAMES, http_attributes, total_duration

_CLB: Final = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z [A-Za-z0-9-]{1,32} \S+:\d+ \S+ -?[\d.]+ -?[\d.]+ -?[\d.]+ ")
_TEST_LINE: Final = b"Enable AccessLog for ELB: "


class NlbParser:
    """TLS access log lines of Network Load Balancers."""

    format = "aws.elb.nlb"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line starts with `tls`, a log version, a time and a network load balancer."""
        head = sample.body[:512].split(b" ", 4)
        return len(head) == 5 and head[0] == b"tls" and head[3].startswith(b"net/")

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        rows = [split_quoted(line) for line in lines_of(records)]
        if any(len(row) < 11 or row[0] != "tls" or not row[3].startswith("net/") for row in rows):
            raise UnreadableRecordError("a line is no access log of a Network Load Balancer")
        keys = [(row[3], row[12] if len(row) > 12 else "", row[17] if len(row) > 17 else "") for row in rows]
        peers = [host_of(row[6]) for row in rows]
        # The line is written when the connection ends: its time is the end.
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=rfc3339_column([_zoned(row[2]) for row in rows]),
            flags=np.where([bool(peer) for peer in peers], int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8),
            name="tls",
            error=["" if len(row) < 12 or row[11] == "-" else f"tls_alert_{row[11]}" for row in rows],
            duration_us=duration_column([row[7] for row in rows], "ms"),
            peer=peers,
            peer_role=np.where([bool(peer) for peer in peers], int(PeerRole.CALLEE), 0).astype(np.uint8),
            template=template_column([row[3] for row in rows]),
            **described(keys, _describe_nlb),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names (TLS bytes are not HTTP's)."""
        fields = dict(zip(NLB_NAMES, split_quoted(body.decode("utf-8", "replace")), strict=False))
        found = http_attributes({k: v for k, v in fields.items() if k not in _NOT_HTTP}, "aws.elb")
        sizes = size_column([fields.get("received_bytes", ""), fields.get("sent_bytes", "")]).tolist()
        found |= {"aws.elb.received_bytes": sizes[0], "aws.elb.sent_bytes": sizes[1]}
        if (alpn := fields.get("alpn_client_preference_list", "-").strip('"')) not in ("-", ""):
            found["aws.elb.alpn_client_preference_list"] = [one.strip('"') for one in alpn.split(",")]
        return found


_NOT_HTTP: Final = frozenset({"received_bytes", "sent_bytes", "alpn_client_preference_list"})


def _zoned(text: str) -> str:
    """Return the time with its zone: NLB writes UTC without saying so."""
    return text if text.endswith("Z") else text + "Z"


def _describe_nlb(key: tuple[str, str, str]) -> Description:
    balancer, certificate, domain = key
    name = balancer.split("/")[1] if balancer.count("/") == 2 else balancer
    arn = parse_arn(certificate)
    account, region = (arn.account, arn.region) if arn else ("", "")
    resource = f"arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{balancer}" if arn else balancer
    mentions = tuple(one for one in (balancer, certificate, domain) if one not in ("-", "", resource))
    return Description(account, region, name, resource, mentions)


class ClbParser:
    """Access log lines of Classic Load Balancers."""

    format = "aws.elb.clb"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line starts with a time, a name, a client with its port, a target and three durations."""
        return _CLB.match(sample.body[:512]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        if not all(_CLB.match(body) for body in records.bodies):
            raise UnreadableRecordError("a line is no access log of a Classic Load Balancer")
        rows = [(split_quoted(line) + [""] * 15)[:15] for line in lines_of(records)]
        columns: list[Sequence[str]] = list(zip(*rows, strict=True))
        peers = [host_of(target) for target in columns[3]]
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=rfc3339_column(columns[0]),
            flags=np.where([bool(peer) for peer in peers], int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8),
            name=[request.partition(" ")[0].strip("-") for request in columns[11]],
            service=columns[1],
            resource=columns[1],
            status=status_column(columns[7]),
            duration_us=total_duration(columns[4:7]),
            peer=peers,
            peer_role=np.where([bool(peer) for peer in peers], int(PeerRole.CALLEE), 0).astype(np.uint8),
            template=template_column(
                [f"{request[:8]} {code}" for request, code in zip(columns[11], columns[7], strict=True)]
            ),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        fields = zip(CLB_NAMES, split_quoted(body.decode("utf-8", "replace")), strict=False)
        return http_attributes(dict(fields), "aws.elb")


class ElbTestFile:
    """The line that ELB writes to prove that it may write; it carries no record."""

    name = "aws.elb.control"
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line is the test."""
        return sample.body.startswith(_TEST_LINE)

    def peel(self, records: Records) -> Records:
        """Return nothing.

        Raises:
            ValueError: a line that is something else.
        """
        if not all(body.startswith(_TEST_LINE) for body in records.bodies):
            raise ValueError("a line is no test of access logs")
        return records.take(np.zeros(0, np.int64))
