"""Keep an object of a Kubernetes list that is not about scaling: as a log event, so that nothing of the list is lost.

Under the HPA parser: `kubectl get events -A -o json` mixes all Events of a cluster in one document.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ...domain.event_id import event_id
from ...domain.events import Flag, LogRecorded
from ...domain.identity import kubernetes_resource
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed

FORMAT: Final = "k8s.event"


def other_object_event(value: Any, item: Listed) -> LogRecorded:
    """Return a log event of any object.

    >>> from ..records import Origin, Records
    >>> listed = Listed({}, Records.of([b""], Origin("x")), 0)
    >>> other_object_event({"kind": "Event", "reason": "BackOff", "type": "Warning"}, listed).name
    'BackOff'
    """
    fields = value if isinstance(value, dict) else {}
    involved = _object(fields.get("involvedObject") or fields.get("regarding"))
    metadata = _object(fields.get("metadata"))
    at_ns = _time_ns(fields, metadata) or item.envelope_time_ns
    uid, repeats = metadata.get("uid"), fields.get("count")
    place = (str(involved.get("namespace", "")), str(involved.get("kind", "")), str(involved.get("name", "")))
    return LogRecorded(
        event_id=event_id(FORMAT, str(uid), str(repeats)) if uid else item.place_id(FORMAT),
        occurred_at=at_ns,
        flags=Flag.NONE if at_ns else Flag.TIME_UNSET,
        format=FORMAT,
        provider=item.metadata.get("provider", ""),
        account=item.metadata.get("account", ""),
        region=item.metadata.get("region", ""),
        resource=kubernetes_resource(item.metadata.get("cluster", ""), *place) if involved else "",
        name=str(fields.get("reason") or fields.get("kind") or ""),
        severity=Severity.WARN if fields.get("type") == "Warning" else Severity.INFO,
        payload=msgspec.json.encode(value),
    )


def _time_ns(fields: dict[str, Any], metadata: dict[str, Any]) -> int:
    times = (fields.get("lastTimestamp"), fields.get("eventTime"), fields.get("firstTimestamp"))
    return next((ns for ns in map(parse_timestamp_ns, (*times, metadata.get("creationTimestamp"))) if ns), 0)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
