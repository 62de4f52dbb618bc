"""Parse access logs of Application Load Balancers, HTTP one line per request.

AWS appends fields to these lines now and then: what follows the known ones is kept for `attributes`. See
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.events import Flag, PeerRole
from ...domain.identity import parse_arn
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ...domain.trace_context import parse_xray, span_id_column, trace_id_column
from ..described import Description, described
from ..log_batch import log_batch
from ..number_columns import status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import host_of, lines_of, split_quoted
from .elb_fields import ALB_NAMES, http_attributes, total_duration

_TYPES: Final = frozenset({"http", "https", "h2", "grpcs", "ws", "wss"})

_LINE: Final = re.compile(
    r"(?:http|https|h2|grpcs|ws|wss) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) \S+ \S+"
    r' "([A-Z-]*)[^"]*(?:"(?! "|$)[^"]*)*" "[^"]*" \S+ \S+ (\S+) "([^"]*)" "([^"]*)"'
    r'(?: "[^"]*" \S+ \S+ "([^"]*)" "[^"]*" "([^"]*)")?'
)
"""The fields that become columns: time, balancer, client, target, three durations, two codes, method, target group,
trace, domain, actions, error reason."""

_Fields = tuple[str, ...]


class AlbParser:
    r"""Access log lines of Application Load Balancers.

    >>> from ..records import Origin
    >>> line = (
    ...     b'http 2018-07-02T22:23:00.186641Z app/shop/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.001 0.5 0.0'
    ...     b' 502 - 34 366 "GET http://shop:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:'
    ...     b'123456789012:targetgroup/pay/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0'
    ...     b' 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "-" "-" "-"')
    >>> event = AlbParser().parse(Records.of([line], Origin("alb.log")))[0]
    >>> event.service, event.peer, event.status, event.duration_us
    ('shop', 'pay', 502, 501000)
    """

    format = "aws.elb.alb"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line starts with a request type, a time and an application load balancer."""
        head = sample.body[:512].split(b" ", 3)
        return len(head) == 4 and head[0].decode("latin-1") in _TYPES and head[2].startswith(b"app/")

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        lines = lines_of(records)
        match = _LINE.match
        rows = [f.groups("") if (f := match(line)) else _fields_of(line) for line in lines]
        columns: list[Sequence[str]] = list(zip(*rows, strict=True))
        (
            times,
            balancers,
            _,
            targets,
            waited,
            target_time,
            sent,
            codes,
            _,
            methods,
            groups,
            traces,
            domains,
            _,
            errors,
        ) = columns
        places = list(zip(balancers, groups, strict=True))
        trace_ids = trace_id_column([_trace_id(text) for text in traces])
        peers = described([(group, target) for group, target in zip(groups, targets, strict=True)], _describe_peer)
        status, duration = status_column(codes), total_duration([waited, target_time, sent])
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=rfc3339_column(times),
            flags=_flags(groups, targets),
            name=["" if method == "-" else method for method in methods],
            error=["" if error == "-" else error for error in errors],
            status=status,
            duration_us=duration,
            peer=peers["service"],
            peer_role=np.where(peers["service"].codes != 0, int(PeerRole.CALLEE), 0).astype(np.uint8),
            trace_id=trace_ids,
            parent_span_id=span_id_column([_parent(text) for text in traces]),
            template=template_column([f"{m} {c} {d}" for m, c, d in zip(methods, codes, domains, strict=True)]),
            **described(places, _describe),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        fields = dict(zip(ALB_NAMES, split_quoted(body.decode("utf-8", "replace")), strict=False))
        return http_attributes(fields, "aws.elb")


def _fields_of(line: str) -> _Fields:
    """Return the columns' fields of a line that is not of the usual form."""
    fields = split_quoted(line)
    if len(fields) < 13 or fields[0] not in _TYPES or not fields[2].startswith("app/"):
        raise UnreadableRecordError("the line is no access log of an Application Load Balancer")
    f = fields + [""] * (25 - len(fields))
    return (*f[1:10], f[12].partition(" ")[0], f[16], f[17], f[18], f[22], f[24])


def _flags(groups: Sequence[str], targets: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Mark peers that are addresses: lines without a target group."""
    by_address = [group in ("-", "") and target not in ("-", "") for group, target in zip(groups, targets, strict=True)]
    return np.where(by_address, int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8)


def _describe(key: tuple[str, str]) -> Description:
    balancer, group = key
    arn = parse_arn(group)
    account, region = (arn.account, arn.region) if arn else ("", "")
    name = balancer.split("/")[1] if balancer.count("/") == 2 else balancer
    resource = (
        f"arn:{arn.partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{balancer}" if arn else balancer
    )
    mentions = (balancer, str(arn)) if arn else ()
    return Description(account, region, name, resource, mentions)


def _describe_peer(key: tuple[str, str]) -> Description:
    """Return the callee: the target group's name, else the target's address."""
    group, target = key
    arn = parse_arn(group)
    return Description(service=arn.resource.split("/")[1] if arn and "/" in arn.resource else host_of(target))


def _trace_id(text: str) -> str:
    if text.startswith("Root=1-") and len(text) == 40:
        return text[7:15] + text[16:]
    return _parsed_trace(text)[0]


def _parent(text: str) -> str:
    return _parsed_trace(text)[1] if "Parent=" in text else ""


@lru_cache(1024)
def _parsed_trace(text: str) -> tuple[str, str]:
    found = parse_xray(text)
    return (found.trace_id, found.parent_span_id) if found else ("", "")
