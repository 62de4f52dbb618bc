"""Parse VPC and Transit Gateway flow log records, one line per flow.

Files in S3 start with a header that names the fields; CloudWatch Logs has none: the default fields of version 2, else
the order that the user tells (`flow_fields`). Pipelines also write flows as JSON objects. The event's time is the START
of the flow: aggregation delays its end by up to ten minutes, and a cause must not be dated after its effects. See
https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import NO_DURATION, StringColumn
from ...domain.events import Flag, PeerRole
from ...domain.identity import normalise_resource
from ...domain.message_template import template_column
from ..described import Description, described
from ..field_paths import decode_rows
from ..log_batch import log_batch
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import column_of, lines_of
from ..tolerant_json import read_json
from .told_header import with_header
from .vpcflow_fields import flow_attributes, flow_of, is_flow
from .vpcflow_layout import told_layout

_DEFAULT = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
DEFAULT_FIELDS: Final = tuple(_DEFAULT.split())
"""The order without a header: version 2."""

_TRANSIT_DEFAULT = """
version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id
tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id
tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end log-status type
packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired tcp-flags region
flow-direction pkt-src-aws-service pkt-dst-aws-service
"""
TRANSIT_FIELDS: Final = tuple(_TRANSIT_DEFAULT.split())
"""The order of a transit gateway's records without a header: version 6."""

_TRANSIT_LINE: Final = re.compile(rb"\d{1,2} TransitGateway (?:\d{12}|-|unknown) (?:tgw-|-)")
_LONGEST: Final = 2048
"""No flow log line is longer; chosen, twice a line of all fields."""

_DEFAULT_LINE: Final = re.compile(
    rb"\d{1,2} (?:\d{12}|unknown|-) \S+ \S+ \S+ (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) \d+ \d+"
    rb" (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)\s*$"
)
_TRANSIT: Final = {"resource-type", "tgw-id"}
_REQUIRED: Final = ({"srcaddr", "dstaddr"}, {"resource-type", "tgw-id"}, {"account-id", "interface-id"})

_NAMED: Final = ("vpc-id", "subnet-id", "instance-id", "tgw-id", "tgw-attachment-id", "ecs-cluster-arn", "ecs-task-arn")
_NAMED_MORE: Final = ("ecs-task-definition-arn", "tgw-src-vpc-id", "tgw-dst-vpc-id", "tgw-src-eni", "tgw-dst-eni")

Columns = Mapping[str, Sequence[str]]


class VpcFlowParser:
    """Flow log lines.

    >>> from ..records import Origin
    >>> line = b"2 123456789010 eni-1235b8 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK"
    >>> event = VpcFlowParser().parse(Records.of([line], Origin("flow.log")))[0]
    >>> event.name, event.account, event.peer, event.duration_us
    ('REJECT', '123456789010', '172.31.9.12', 60000000)
    """

    format = "aws.vpcflow"
    prefix = "aws.vpc.flow"
    default = DEFAULT_FIELDS

    def recognises(self, sample: Sample) -> bool:
        """Say whether an object's header has a flow log's fields, a line the default ones, or a JSON object theirs."""
        if sample.body.startswith(b"{"):
            return is_flow(flow_of(sample.fields))
        if header := sample.context.get("header"):
            return is_flow_header(header)
        if _DEFAULT_LINE.match(sample.body) is not None:
            return True
        if "flow_fields" in sample.origin.metadata:
            return _is_told(sample)
        return len(sample.body) < _LONGEST and bool(told_layout(sample.text))

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line; lines of one object have one header."""
        if records.bodies[0].startswith(b"{"):
            return flow_batch(records, self.format, _columns_of_objects(records))
        names = _fields_of(records, self.default)
        columns = _split(lines_of(records), names)
        if "srcaddr" in columns and len(columns["srcaddr"]) and not _are_flows(columns):
            raise UnreadableRecordError("a line is no flow of these fields")
        told = records if names == self.default else with_header(records, " ".join(names))
        return flow_batch(told, self.format, columns)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's fields in OpenTelemetry names."""
        if body.startswith(b"{"):
            return flow_attributes(flow_of(read_json(body)), self.prefix)
        text = body.decode("utf-8", "replace")
        names = str(context.get("header") or "").split() or self.default
        return flow_attributes(dict(zip(names, text.split(), strict=False)), self.prefix)


class TransitGatewayFlowParser(VpcFlowParser):
    """Flow log lines of transit gateways: their header names the gateway.

    >>> TransitGatewayFlowParser.format
    'aws.tgwflow'
    """

    format = "aws.tgwflow"
    prefix = "aws.tgw.flow"
    default = TRANSIT_FIELDS

    def recognises(self, sample: Sample) -> bool:
        """Say whether an object's header names a transit gateway, or a line without one does."""
        if header := sample.context.get("header"):
            return set(str(header).split()) >= _TRANSIT
        return _TRANSIT_LINE.match(sample.body) is not None


def _columns_of_objects(records: Records) -> dict[str, Sequence[str]]:
    flows = [flow_of(row) for row in decode_rows(records)]
    if not all(is_flow(flow) for flow in flows):
        raise UnreadableRecordError("an object is no flow")
    names = dict.fromkeys(name for flow in flows for name in flow)
    return {name: [flow.get(name, "-") for flow in flows] for name in names}


def is_flow_header(header: str) -> bool:
    """Say whether a header names the fields of a flow log.

    >>> is_flow_header("version srcaddr dstaddr"), is_flow_header("date,cost")
    (True, False)
    """
    names = set(str(header).split())
    return any(required <= names for required in _REQUIRED)


def _is_told(sample: Sample) -> bool:
    names = _told_fields(sample.origin.metadata)
    return len(sample.body.split()) == len(names) and is_flow_header(" ".join(names))


def _told_fields(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields that the user tells, also as `${srcaddr} ${dstaddr}`, the way a flow log is configured."""
    return tuple(metadata.get("flow_fields", "").replace("${", " ").replace("}", " ").split())


def _fields_of(records: Records, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the lines' fields: from their header, as the user says, the default, or as they look."""
    contexts = records.contexts()
    headers = {str(contexts[code].get("header") or "") for code in set(records.context.codes.tolist())}
    if len(headers) > 1:
        raise UnreadableRecordError("lines of several headers")
    if told := (*(headers.pop() if headers else "").split(),) or _told_fields(records.origin.metadata):
        return told
    first = records.bodies[0]
    if default is TRANSIT_FIELDS or _DEFAULT_LINE.match(first):
        return default
    names = told_layout(first.decode("utf-8", "replace"))
    if not names or any(told_layout(line) != names for line in lines_of(records)):
        raise UnreadableRecordError("a line's fields cannot be told")
    return names


def _split(lines: Sequence[str], names: tuple[str, ...]) -> dict[str, Sequence[str]]:
    """Return the columns of lines; what a line has beyond the names of its header is left to its text."""
    width = len(names)
    rows = [line.split() for line in lines]
    if set(map(len, rows)) != {width}:
        if not all(_is_nearly(row, names) for row in rows):
            raise UnreadableRecordError(f"a line has not the {width} fields of its header")
        rows = [(row + ["-"] * width)[:width] for row in rows]
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _is_nearly(row: Sequence[str], names: Sequence[str]) -> bool:
    """Say whether a line of too few or too many fields is a flow still: what should be a number is one."""
    told = dict(zip(names, row, strict=False))
    numbers = [told[name] for name in ("version", "srcport", "dstport", "protocol", "start", "end") if name in told]
    return len(row) * 4 >= len(names) * 3 and bool(numbers) and all(n == "-" or n.isdecimal() for n in numbers)


def _are_flows(columns: Columns) -> bool:
    """Say whether the fields hold what they should: NODATA and SKIPDATA fill all but the times with dashes."""
    told = columns.get("log-status") or columns.get("action") or ()
    return not told or set(told) <= {"OK", "NODATA", "SKIPDATA", "ACCEPT", "REJECT", "-"}


def flow_batch(records: Records, format: str, columns: Columns) -> EventBatch:
    """Return the events of flows, whatever form they had.

    Args:
        records: the chunk.
        format: of the events.
        columns: fields by their name in the header; those that are missing are absent.
    """
    count = len(records)
    start, started = _seconds(columns.get("start"), count)
    end, ended = _seconds(columns.get("end"), count)
    peer, roles = _peers(columns, count)
    named = [columns[name] for name in (*_NAMED, *_NAMED_MORE) if name in columns]
    places = (
        columns.get(name) or [""] * count for name in ("account-id", "region", "interface-id", "ecs-service-name")
    )
    keys = list(zip(*places, *named, strict=True))
    names = column_of(columns.get("action") or columns.get("log-status") or [""] * count)
    return log_batch(
        records,
        format=format,
        provider="aws",
        times=(start, started),
        flags=np.where(peer.codes != 0, int(Flag.ORIGIN_EXTERNAL), 0).astype(np.uint8),
        name=names,
        duration_us=np.where(started & ended & (end >= start), (end - start) // 1000, NO_DURATION),
        peer=peer,
        peer_role=np.where(peer.codes != 0, roles, 0).astype(np.uint8),
        template=template_column(names.values)[names.codes],
        **described(keys, _describe),
    )


def _seconds(texts: Sequence[str] | None, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    if texts is None:
        return np.zeros(count, np.int64), np.zeros(count, np.bool_)
    try:
        numbers = np.array(list(map(int, texts)), np.int64)
    except (ValueError, OverflowError):
        numbers = np.array([int(text) if text.isdecimal() and len(text) < 12 else -1 for text in texts], np.int64)
    readable = (numbers > 0) & (numbers < 9_000_000_000)
    return np.where(readable, numbers, 0) * 1_000_000_000, readable


def _peers(columns: Columns, count: int) -> tuple[StringColumn, npt.NDArray[np.uint8]]:
    """Return the other address of each flow and whether it calls or is called.

    With `flow-direction` that is certain; without it, the side with the lower port is taken for the called one.
    """
    sources, targets = columns.get("srcaddr"), columns.get("dstaddr")
    if sources is None or targets is None:
        return StringColumn.constant("", count), np.zeros(count, np.uint8)
    callee, caller = int(PeerRole.CALLEE), int(PeerRole.CALLER)
    if directions := columns.get("flow-direction"):
        inward = np.array([direction == "ingress" for direction in directions])
        roles = np.where(inward, caller, callee)
    else:
        inward = _ports(columns.get("srcport"), count) < _ports(columns.get("dstport"), count)
        roles = np.full(count, callee)
    both = column_of([*sources, *targets])
    codes = np.where(inward, both.codes[:count], both.codes[count:]).astype(np.uint32)
    return StringColumn(codes, both.dictionary), roles.astype(np.uint8)


def _ports(texts: Sequence[str] | None, count: int) -> npt.NDArray[np.int64]:
    if texts is None:
        return np.zeros(count, np.int64)
    try:
        return np.array(list(map(int, texts)), np.int64)
    except (ValueError, OverflowError):
        return np.array([int(text) if text.isdecimal() and len(text) < 6 else 0 for text in texts], np.int64)


def _describe(key: tuple[str, ...]) -> Description:
    account, region, interface, service, *named = ("" if part == "-" else part for part in key)
    account = account if account.isdecimal() else ""
    subject = interface or next((part for part in named if part), "")
    resource = normalise_resource(subject, provider="aws", account=account, region=region) if subject else ""
    mentions = dict.fromkeys(name for name in (interface, *named) if name and name != resource)
    return Description(account, region, service or "vpc", resource, tuple(mentions))
