"""The tables of the timeline's state, and the classes by which log events are counted.

Written by the fold (`projection`), read by `mentions` and the model.
"""

from __future__ import annotations

from typing import Final

from ..table import TableSchema

EXEMPLARS: Final = 4
"""Chosen: references kept per identifier, service, operation and severity class in an hour;
enough to open and to trust."""

CALM, WARNING, ERROR = 0, 1, 2
"""Severity classes of counted events."""

MINUTE_NS: Final = 60_000_000_000

CALM_MINUTES: Final = 10
"""Minutes in which calm events are counted: a minute for what failed, ten for what did not. Chosen: an answer turns on
errors, and calm traffic names the same things all day; first and last time stay exact."""

AUDIT_FORMATS: Final = frozenset({"aws.cloudtrail", "azure.activity", "gcp.audit", "k8s.audit"})
"""Formats that record calls to a cloud's control plane: only they can be *caused by* a deployment."""

SCHEMAS: Final = {
    "facts": TableSchema(strings=("stream", "fact"), numbers=("occurred_at", "position")),
    "mentions": TableSchema(
        strings=("identifier", "service", "account", "operation"),
        numbers=("minute", "severity"),
        measures={"events": "sum", "first_at": "min", "last_at": "max"},
    ),
    "exemplars": TableSchema(
        strings=("identifier", "service", "operation", "stream"),
        numbers=("severity", "occurred_at", "position"),
        limit=EXEMPLARS,
        group=("identifier", "service", "operation", "severity"),
        order=("occurred_at", "stream", "position"),
    ),
    "services": TableSchema(
        strings=("service",),
        numbers=("minute", "severity"),
        measures={"events": "sum", "first_at": "min", "last_at": "max"},
    ),
    "service_errors": TableSchema(
        strings=("service", "stream"),
        numbers=("occurred_at", "position"),
        limit=EXEMPLARS,
        group=("service",),
        order=("occurred_at", "stream", "position"),
    ),
}
"""facts: deployments and changes. mentions: how often events name an identifier, per minute. services: how many
events a service wrote, per minute. exemplars, service_errors: a few references to open."""
