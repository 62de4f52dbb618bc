"""One answer for an incident: what the four read models say together.

At the end of the flow. It ranks who is to blame, asks the timeline for each of them which deployment did it, and adds
the cascade, the impact, what scaling did wrong and what it all costs; every part carries references to its events.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from .cost import Anomaly as CostAnomaly
from .cost import CostLine, Recommendation, VolumeLine
from .dependencies import Cascade, Impact, RootCause
from .models import ReadModels
from .scaling import Anomaly as ScalingAnomaly
from .timeline import Suspect

Instant = datetime | str | int


class SuspectedService(msgspec.Struct, frozen=True, kw_only=True):
    """A service that may be the root of the incident, and the deployments that may have done it, likeliest first."""

    root_cause: RootCause
    deployments: tuple[Suspect, ...]


class IncidentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an incident, most telling first in every list.

    Attributes:
        since, until: the window in which the services were compared; None where nothing was recorded.
        decided: whether the first suspect leads clearly; where not, look at the first two.
        suspects: ranked services with the deployments behind them.
        cascades: how the failure spread.
        impact: who depends on the first suspect; None without one.
        scaling_anomalies: what autoscaling did wrong.
        cost: what logging cost by service; `log_volume` how much each logged.
        cost_anomalies: jumps of volume or bill.
        recommendations: what to log less of.
    """

    since: datetime | None
    until: datetime | None
    decided: bool
    suspects: tuple[SuspectedService, ...]
    cascades: tuple[Cascade, ...]
    impact: Impact | None
    scaling_anomalies: tuple[ScalingAnomaly, ...]
    cost: tuple[CostLine, ...]
    log_volume: tuple[VolumeLine, ...]
    cost_anomalies: tuple[CostAnomaly, ...]
    recommendations: tuple[Recommendation, ...]


def summarise_incident(
    models: ReadModels,
    *,
    since: Instant | None = None,
    until: Instant | None = None,
    services: int = 5,
    deployments: int = 3,
) -> IncidentSummary:
    """Return what the read models say of an incident.

    Args:
        models: from `catch_up` or `replay`.
        since: start of the window to look at; by default all that was recorded.
        until: its end.
        services: how many suspected services to name.
        deployments: how many deployments to name for each.

    >>> from cloudledger.projections import catch_up
    >>> from cloudledger.store import Ledger
    >>> with Ledger.open("ledger") as ledger:
    ...     summarise_incident(catch_up(ledger)).suspects
    ()
    """
    causes = models.dependencies.root_causes(since=since, until=until)
    suspects = tuple(
        SuspectedService(root_cause=cause, deployments=_deployments_behind(models, cause, deployments))
        for cause in causes.candidates[:services]
        if cause.anomalous
    )
    return IncidentSummary(
        since=causes.since,
        until=causes.until,
        decided=causes.decided,
        suspects=suspects,
        cascades=models.dependencies.cascades(since=since, until=until),
        impact=models.dependencies.impact(suspects[0].root_cause.service) if suspects else None,
        scaling_anomalies=tuple(models.scaling.anomalies(since=since, until=until)),
        cost=models.cost.report(by="service", since=since, until=until),
        log_volume=models.cost.log_volume(by="service", since=since, until=until),
        cost_anomalies=models.cost.anomalies(since, until),
        recommendations=models.cost.recommendations(),
    )


def _deployments_behind(models: ReadModels, cause: RootCause, limit: int) -> tuple[Suspect, ...]:
    """Return the deployments that may have brought a service into trouble, asked for at the onset of its trouble.

    What callers name and logs do not know (a database's host) is asked for as the resource that it is.
    """
    as_service = models.timeline.suspects(service=cause.service, at=cause.onset, limit=limit)
    return as_service or models.timeline.suspects(resource=cause.service, at=cause.onset, limit=limit)
