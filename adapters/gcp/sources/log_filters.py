"""Filters of Cloud Logging for what a source is mostly wanted for: scaling, Kubernetes events, deployments.

In the Logging query language, https://cloud.google.com/logging/docs/view/logging-query-language; handed to
`CloudLogging(filter=...)` by the functions of `log_presets`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

AUTOSCALER: Final = (
    '(resource.type="autoscaler" OR protoPayload.methodName=~"compute\\.autoscalers\\.(resize|changeStatus)$"'
    ' OR log_id("container.googleapis.com/cluster-autoscaler-visibility"))'
)
"""What autoscalers of instance groups and of GKE's node pools decided, and why. See
https://cloud.google.com/compute/docs/autoscaler/viewing-autoscaler-logs and
https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-autoscaler-visibility."""

KUBERNETES_EVENTS: Final = 'log_id("events") AND resource.type=("k8s_cluster" OR "k8s_node" OR "k8s_pod")'
"""The events of GKE's clusters, horizontal autoscaling among them. See
https://cloud.google.com/kubernetes-engine/docs/how-to/view-logs."""

DEPLOYMENTS: Final = 'log_id("cloudaudit.googleapis.com/activity") OR log_id("cloudaudit.googleapis.com/system_event")'
"""Who changed what: admin activity and what Google itself did. See https://cloud.google.com/logging/docs/audit."""


def of_span(condition: str, since_ns: int, until_ns: int) -> str:
    """Return a filter for the entries of a span of time, always bounded: without bounds a query may run for minutes.

    >>> of_span("severity>=ERROR", 0, 1_500_000_000)
    '(severity>=ERROR) AND timestamp>="1970-01-01T00:00:00.000000000Z" AND timestamp<"1970-01-01T00:00:01.500000000Z"'
    """
    span = f'timestamp>="{instant(since_ns)}" AND timestamp<"{instant(until_ns)}"'
    return f"({condition}) AND {span}" if condition else span


def instant(at_ns: int) -> str:
    """Return an instant with nine decimals; one before 1970 is 1970.

    >>> instant(1_795_176_000_123_456_789)
    '2026-11-20T12:00:00.123456789Z'
    """
    seconds, nanos = divmod(max(0, at_ns), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"
