"""Decode the activity log as diagnostic settings export it, whose keys are always the same, as typed columns.

The fast path of the activity log's parser: a chunk in which any record has another key, another spelling or another
type goes the general way. See https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ..records import Records


class _Claims(msgspec.Struct, gc=False):
    name: str | None = None
    appid: str | None = None


class _Identity(msgspec.Struct, gc=False):
    claims: _Claims | None = None


class ActivityProperties(msgspec.Struct, gc=False):
    """The fields of any category that columns are made of."""

    statusCode: str | None = None
    httpStatusCode: str | None = None
    statusMessage: Any = None


class ExportedActivity(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One record; only what columns are made of is decoded."""

    time: str
    resourceId: str
    category: str
    operationName: str = ""
    operationVersion: msgspec.Raw = msgspec.Raw()
    resultType: str = ""
    resultSignature: str = ""
    resultDescription: msgspec.Raw = msgspec.Raw()
    durationMs: str | int | float | None = None
    callerIpAddress: msgspec.Raw = msgspec.Raw()
    correlationId: msgspec.Raw = msgspec.Raw()
    identity: _Identity | None = None
    level: str | int | None = None
    location: str = ""
    tenantId: str = ""
    properties: ActivityProperties | None = None
    stamp: msgspec.Raw = msgspec.field(name="Stamp", default=msgspec.Raw())
    release: msgspec.Raw = msgspec.field(name="ReleaseVersion", default=msgspec.Raw())
    role: msgspec.Raw = msgspec.field(name="RoleLocation", default=msgspec.Raw())

    @property
    def caller(self) -> str | None:
        """Who asked, by name or else by application."""
        claims = self.identity.claims if self.identity else None
        return (claims.name or claims.appid) if claims else None


NO_PROPERTIES: Final = ActivityProperties()

_DECODER: Final = msgspec.json.Decoder(ExportedActivity)


def exported_activities(records: Records) -> list[ExportedActivity] | None:
    """Return the records, None if one of them is of another form.

    >>> from ..records import Origin
    >>> body = b'{"time":"2026-11-20T10:00:00Z","resourceId":"/subscriptions/0","category":"Policy","Odd":1}'
    >>> exported_activities(Records.of([body], Origin("a.json"))) is None
    True
    """
    try:
        rows = _DECODER.decode_lines(b"\n".join(records.bodies))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return rows if len(rows) == len(records) else None
