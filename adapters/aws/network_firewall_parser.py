"""Parse the flow, alert and TLS logs of AWS Network Firewall: Suricata's events, one object per line.

See https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html. The firewall is
named without its account; its zone tells the region, the log group's owner or the user the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.columns import NO_DURATION
from ...domain.events import PeerRole
from ...domain.message_template import template_column
from ...domain.severity import Severity
from ...domain.timestamps import epoch_column, rfc3339_column
from ..described import Description, described
from ..field_map import FieldMap, mapped_attributes
from ..log_batch import Times, log_batch
from ..number_columns import status_column
from ..parser import Sample
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords


class _Alert(msgspec.Struct, gc=False):
    action: str | None = None
    signature: str | None = None
    severity: int | None = None


class _Http(msgspec.Struct, gc=False):
    status: int | str | None = None


class _TlsError(msgspec.Struct, gc=False):
    error_message: str | None = None


class _Netflow(msgspec.Struct, gc=False):
    age: int | None = None


class _Event(msgspec.Struct, gc=False):
    event_type: str
    timestamp: str | None = None
    src_ip: str | None = None
    dest_ip: str | None = None
    alert: _Alert | None = None
    http: _Http | None = None
    tls_error: _TlsError | None = None
    netflow: _Netflow | None = None


class _Line(msgspec.Struct, gc=False):
    firewall_name: str
    event: _Event
    availability_zone: str | None = None
    event_timestamp: str | int | None = None


_LINES: Final = TypedRecords(_Line)

_SEVERITY: Final = {1: int(Severity.ERROR), 2: int(Severity.WARN), 3: int(Severity.INFO)}
"""Suricata's: 1 is the worst. See https://docs.suricata.io/en/latest/configuration/suricata-yaml.html."""

_FIELDS: Final = FieldMap(
    format="aws.networkfirewall",
    provider="aws",
    time=("event.timestamp", "event_timestamp"),
    attributes={
        "firewall_name": "aws.networkfirewall.name",
        "event.event_type": "aws.networkfirewall.event.type",
        "event.flow_id": "aws.networkfirewall.flow_id",
        "event.src_ip": "source.address",
        "event.src_port": "source.port",
        "event.dest_ip": "destination.address",
        "event.dest_port": "destination.port",
        "event.app_proto": "network.protocol.name",
        "event.proto": "network.transport",
        "event.sni": "server.address",
        "event.tls.sni": "server.address",
        "event.tls.version": "tls.protocol.version",
        "event.tls.subject": "tls.client.subject",
        "event.tls.issuerdn": "tls.client.issuer",
        "event.tls.session_resumed": "tls.resumed",
        "event.tls_error.error_message": "aws.networkfirewall.tls.error.message",
        "event.http.hostname": "url.domain",
        "event.http.url": "url.path",
        "event.http.http_method": "http.request.method",
        "event.http.http_user_agent": "user_agent.original",
        "event.http.status": "http.response.status_code",
        "event.dns.rrname": "dns.question.name",
        "event.netflow.pkts": "aws.networkfirewall.netflow.packets",
        "event.netflow.tx_cnt": "aws.networkfirewall.netflow.transaction.count",
        "availability_zone": "cloud.availability_zone",
    },
    prefix="aws.networkfirewall",
)
_EVENT_TYPE: Final = "aws.networkfirewall.event.type"


class NetworkFirewallParser:
    """Events of firewalls.

    >>> from ..records import Origin
    >>> text = b'{"firewall_name":"edge","event_timestamp":"1795168800","event":{"event_type":"tls","dest_ip":"::1"}}'
    >>> event = NetworkFirewallParser().parse(Records.of([text], Origin("firewall.log")))[0]
    >>> event.name, event.peer, event.occurred_at // 10**9
    ('tls', '::1', 1795168800)
    """

    format = "aws.networkfirewall"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record names a firewall and the type of its event."""
        event = sample.fields.get("event")
        named = isinstance(sample.fields.get("firewall_name"), str) and isinstance(event, dict)
        return named and isinstance(event.get("event_type"), str)  # type: ignore[union-attr] # named says so

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per event."""
        lines, flags = _LINES.decode(records)
        events = [line.event for line in lines]
        peers = [event.dest_ip or "" for event in events]
        contexts = [(str(c.get("owner") or ""), str(c.get("region") or "")) for c in records.contexts()]
        metadata = records.origin.metadata
        told = (metadata.get("account", ""), metadata.get("region", ""))
        keys = [
            (line.firewall_name, line.availability_zone or "", *contexts[code], *told)
            for line, code in zip(lines, records.context.codes.tolist(), strict=True)
        ]
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=_times(lines),
            flags=flags,
            name=[event.event_type for event in events],
            error=[event.tls_error.error_message or "" if event.tls_error else "" for event in events],
            severity=np.array([_SEVERITY.get(e.alert.severity or 0, 0) if e.alert else 0 for e in events], np.uint8),
            status=status_column([event.http.status if event.http else None for event in events]),
            duration_us=np.array([_age_us(event.netflow) for event in events], np.int64),
            peer=peers,
            peer_role=np.array([int(PeerRole.CALLEE) if peer else 0 for peer in peers], np.uint8),
            template=template_column(
                [f"{e.event_type} {e.alert.signature or ''}" if e.alert else e.event_type for e in events]
            ),
            **described(keys, _describe),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return an event's attributes in OpenTelemetry names, without the `event` that all of them stand in."""
        found = mapped_attributes(read_json(body), _FIELDS)
        for name in ("network.transport", "network.protocol.name"):
            if isinstance(found.get(name), str):
                found[name] = found[name].lower()
        return {_plain(name): value for name, value in found.items()}


def _plain(name: str) -> str:
    return name if name == _EVENT_TYPE else name.replace("aws.networkfirewall.event.", "aws.networkfirewall.", 1)


def _times(lines: Sequence[_Line]) -> Times:
    """Return when each event happened: Suricata's microseconds, else the firewall's seconds."""
    instants, readable = rfc3339_column([(line.event.timestamp or "").replace("+0000", "Z") for line in lines])
    if readable.all():
        return instants, readable
    seconds, told = epoch_column([line.event_timestamp for line in lines], "s")
    return np.where(readable, instants, seconds), readable | told


def _age_us(flow: _Netflow | None) -> int:
    """Return how long a flow lasted; firewalls count seconds."""
    return flow.age * 1_000_000 if flow and flow.age is not None and 0 <= flow.age < 10**9 else NO_DURATION


def _describe(key: tuple[str, ...]) -> Description:
    name, zone, owner, region, account, told_region = key
    account = owner or account
    region = zone[:-1] if zone[-1:].isalpha() and zone[-2:-1].isdigit() else region or told_region
    resource = f"arn:aws:network-firewall:{region}:{account}:firewall/{name}" if account and region else name
    return Description(account, region, "network-firewall", resource, (name,) if name != resource else ())
