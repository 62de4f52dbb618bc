"""Peel Pub/Sub push messages: base64 of a LogEntry.

See https://cloud.google.com/pubsub/docs/push#receive_push.
"""

from __future__ import annotations

import base64

import msgspec

from ..envelope import carried
from ..parser import Sample
from ..records import Records


class PubSubPush:
    """`{"message":{"data":base64,"messageId",...},"subscription":...}`."""

    name = "gcp.pubsub_push"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a push message."""
        message = sample.fields.get("message")
        return isinstance(message, dict) and isinstance(message.get("data"), str) and "subscription" in sample.fields

    def peel(self, records: Records) -> Records:
        """Return the entries."""
        messages = [msgspec.json.decode(body) for body in records.bodies]
        parts = [[base64.b64decode(m["message"]["data"], validate=True)] for m in messages]
        return carried(records, parts, [{"envelope": self.name, "subscription": m["subscription"]} for m in messages])
