"""Peel what carries CloudTrail events besides files: LookupEvents' answers and EventBridge; and read digest files.

See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html and
https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from ...domain.event_id import event_ids
from ...domain.timestamps import rfc3339_column
from ..envelope import carried
from ..parser import Sample
from ..records import Records


class LookupEvent:
    """One item of LookupEvents: the record is a JSON text under `CloudTrailEvent`."""

    name = "aws.lookup_events"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is such an item."""
        fields = sample.fields
        return isinstance(fields.get("CloudTrailEvent"), str) and "EventId" in fields

    def peel(self, records: Records) -> Records:
        """Return the events of CloudTrail."""
        items = [msgspec.json.decode(body) for body in records.bodies]
        parts = [[str(item["CloudTrailEvent"]).encode("utf-8", "replace")] for item in items]
        return carried(records, parts, [{"envelope": self.name} for _ in items])


class EventBridgeEvent:
    """`{"version","id","detail-type","source","account","time","region","resources","detail"}` around any event."""

    name = "aws.eventbridge"
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an event of EventBridge."""
        fields = sample.fields
        return isinstance(fields.get("detail"), dict) and "detail-type" in fields and "source" in fields

    def peel(self, records: Records) -> Records:
        """Return the details; the envelope's words stand in their context.

        Raises:
            ValueError: a detail that is no object.
        """
        events = [msgspec.json.decode(body, type=dict[str, msgspec.Raw]) for body in records.bodies]
        if not all(bytes(event["detail"])[:1] == b"{" for event in events):
            raise ValueError("an event's detail is no object")
        contexts = [self._context(event) for event in events]
        instants, _ = rfc3339_column([str(context.get("time", "")) for context in contexts])
        ids = [str(context.get("id", "")) for context in contexts]
        return carried(
            records,
            [[bytes(event["detail"])] for event in events],
            contexts,
            occurred_at=instants,
            ids=event_ids(["aws.eventbridge\0" + one for one in ids]) if all(ids) else None,
        )

    def _context(self, event: dict[str, msgspec.Raw]) -> dict[str, Any]:
        told = {key: msgspec.json.decode(event[key]) for key in event if key not in ("detail", "version")}
        told["owner"] = told.get("account", "")
        return {"envelope": self.name, **told}


class CloudTrailDigest:
    """A digest file: hashes of the trail's files, and no event."""

    name = "aws.cloudtrail_digest"
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a digest file."""
        return "digestStartTime" in sample.fields and "awsAccountId" in sample.fields

    def peel(self, records: Records) -> Records:
        """Return nothing."""
        return records.take(np.zeros(0, np.int64))
