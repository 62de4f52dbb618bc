"""Parse CloudTrail events, wherever they were delivered: trail files, CloudWatch Logs, LookupEvents, EventBridge.

Between envelopes and the store. `eventTime` is the event's time, whatever its carrier says. See
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.event_id import event_ids
from ...domain.identity import normalise_resource
from ...domain.message_template import template_column
from ...domain.severity import Severity
from ...domain.timestamps import rfc3339_column
from ..described import Description, described
from ..log_batch import log_batch
from ..parser import Sample
from ..quoted_identifiers import AWS, normal_mentions, quoted_identifiers
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords
from .cloudtrail_attributes import event_attributes
from .named_parameters import full_names, named_resources


class _Issuer(msgspec.Struct, gc=False):
    arn: str | None = None


class _Session(msgspec.Struct, gc=False):
    sessionIssuer: _Issuer | None = None


class _Identity(msgspec.Struct, gc=False):
    arn: str | None = None
    accountId: str | None = None
    userName: str | None = None
    sessionContext: _Session | None = None


class _Resource(msgspec.Struct, gc=False):
    arn: str | None = msgspec.field(name="ARN", default=None)


class _Event(msgspec.Struct, gc=False):
    eventSource: str
    eventName: str
    eventTime: str
    eventVersion: str | None = None
    awsRegion: str | None = None
    eventID: str | None = None
    recipientAccountId: str | None = None
    errorCode: str | None = None
    errorMessage: str | None = None
    userIdentity: _Identity | None = None
    requestParameters: dict[str, Any] | None = None
    responseElements: dict[str, Any] | None = None
    resources: list[_Resource] | None = None


_EVENTS = TypedRecords(_Event)

_Key = tuple[
    str, str, str, str, tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]
]


class CloudTrailParser:
    """Events of CloudTrail, insight events among them.

    >>> from ..records import Origin
    >>> text = b'''{"eventVersion":"1.08","eventTime":"2026-11-20T10:00:00Z","eventSource":"rds.amazonaws.com",
    ... "eventName":"ModifyDBInstance","awsRegion":"eu-west-1","recipientAccountId":"012345678901",
    ... "eventID":"1","requestParameters":{"dBInstanceIdentifier":"orders"}}'''
    >>> event = CloudTrailParser().parse(Records.of([text], Origin("trail.json")))[0]
    >>> event.service, event.name, event.resource
    ('rds', 'ModifyDBInstance', 'arn:aws:rds:eu-west-1:012345678901:db:orders')
    """

    format = "aws.cloudtrail"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an event of CloudTrail."""
        fields = sample.fields
        if not (isinstance(fields.get("eventSource"), str) and isinstance(fields.get("eventName"), str)):
            return False
        return "eventTime" in fields and ("eventVersion" in fields or "userIdentity" in fields)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per event."""
        events, flags = _EVENTS.decode(records)
        errors = [e.errorCode or "" for e in events]
        ids = [e.eventID or "" for e in events]
        accounts = [e.recipientAccountId or (e.userIdentity and e.userIdentity.accountId) or "" for e in events]
        columns: dict[str, Any] = described(_keys(records, events, accounts), _describe)
        if all(ids):
            # The same event may come from two trails of two accounts: recipient and id together name it.
            columns["event_id"] = event_ids([f"aws.cloudtrail\0{i}\0{a}" for i, a in zip(ids, accounts, strict=True)])
        names = [e.eventName for e in events]
        messages = [f"{n} {e} {m.errorMessage or ''}" for n, e, m in zip(names, errors, events, strict=True)]
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=rfc3339_column([e.eventTime for e in events]),
            flags=flags,
            name=names,
            error=errors,
            severity=np.array([Severity.ERROR if error else Severity.INFO for error in errors], np.uint8),
            template=template_column(messages),
            **columns,
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the event's attributes in OpenTelemetry names."""
        return event_attributes(read_json(body))


def _keys(records: Records, events: list[_Event], accounts: list[str]) -> list[_Key]:
    quoted = quoted_identifiers(records.bodies, AWS)
    return [
        (
            e.eventSource,
            account,
            e.awsRegion or "",
            _actor(e.userIdentity),
            tuple([r.arn for r in e.resources if r.arn]) if e.resources else (),
            tuple(found),
            named_resources(e.requestParameters),
            named_resources(e.responseElements),
        )
        for e, account, found in zip(events, accounts, quoted, strict=True)
    ]


def _actor(identity: _Identity | None) -> str:
    """Return who called: the role behind a session, else the caller's own ARN or name."""
    if identity is None:
        return ""
    session = identity.sessionContext
    issuer = session.sessionIssuer if session else None
    return (issuer and issuer.arn) or identity.arn or identity.userName or ""


def _describe(key: _Key) -> Description:
    source, account, region, actor, listed, quoted, asked, answered = key
    full, plain = full_names(source.removesuffix(".amazonaws.com"), account, region, (*asked, *answered))
    names = normal_mentions((*listed, *quoted), "aws", account, region)
    caller = normalise_resource(actor)
    own = full[0] if full else next((name for name in names if _is_subject(name, caller)), "")
    mentions = dict.fromkeys((*full, *plain, *names, caller))
    mentions.pop("", None)
    mentions.pop(own, None)
    return Description(account, region, source.removesuffix(".amazonaws.com"), own, tuple(mentions))


def _is_subject(name: str, caller: str) -> bool:
    """Say whether a name may be what an event is about: not the identity that called."""
    return name.startswith("arn:") and name != caller and ":sts:" not in name and ":iam:" not in name
