"""Peel Pub/Sub messages: pushed, pulled, or as a CloudEvent; base64 of whatever was published.

See https://cloud.google.com/pubsub/docs/push#receive_push, https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage
and https://cloud.google.com/eventarc/docs/cloudevents.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from ..envelope import carried
from ..parser import Sample
from ..records import Records


class PubSubPush:
    """`{"message":{"data"},"subscription"}`, `{"receivedMessages":[{"message"}]}`, or `{"data":{"message"}}`.

    >>> from ..records import Origin
    >>> body = b'{"receivedMessages":[{"ackId":"a","message":{"data":"e30="}}]}'
    >>> PubSubPush().peel(Records.of([body], Origin("x"))).bodies
    [b'{}']
    """

    name = "gcp.pubsub_push"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is one of these."""
        return bool(_messages(sample.fields))

    def peel(self, records: Records) -> Records:
        """Return the entries."""
        carriers = [msgspec.json.decode(body) for body in records.bodies]
        parts = [[base64.b64decode(data, validate=True) for data in _messages(one)] for one in carriers]
        return carried(records, parts, [self._context(one) for one in carriers])

    def _context(self, carrier: Mapping[str, Any]) -> dict[str, Any]:
        held = carrier.get("data")
        told = carrier.get("subscription") or (held.get("subscription") if isinstance(held, dict) else None)
        return {"envelope": self.name} | ({"subscription": told} if told else {})


def _messages(fields: Mapping[str, Any]) -> list[str]:
    """Return the base64 texts of messages; nothing unless all have one."""
    pulled, held = fields.get("receivedMessages"), fields.get("data")
    if isinstance(pulled, list):
        found = [_data(one) if isinstance(one, dict) else None for one in pulled]
    elif isinstance(held, dict) and "specversion" in fields:
        found = [_data(held)]
    else:
        found = [_data(fields)] if "subscription" in fields else []
    texts = [text for text in found if isinstance(text, str)]
    return texts if len(texts) == len(found) else []


def _data(carrier: Mapping[str, Any]) -> Any:
    message = carrier.get("message")
    return message.get("data") if isinstance(message, dict) else None
