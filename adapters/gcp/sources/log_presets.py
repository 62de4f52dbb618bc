"""CloudLogging with the filters that most are wanted for; each writes a stream of its own.

The parsers of exported files read them: what autoscalers say becomes `ScalingRecorded`, audit entries are what the
timeline finds changes in. All need `roles/logging.viewer`.
"""

from __future__ import annotations

from typing import Any

from .cloud_logging import CloudLogging
from .log_filters import AUTOSCALER, DEPLOYMENTS, KUBERNETES_EVENTS


def autoscaler_logs(project: str, **settings: Any) -> CloudLogging:
    """Return a source of what the autoscalers of instance groups and node pools decided.

    Args:
        project: where they are.
        settings: those of `CloudLogging`.

    >>> autoscaler_logs("shop-prod")
    CloudLogging(stream='gcp/shop-prod/logs/autoscaler')
    """
    return CloudLogging(project, **{"filter": AUTOSCALER, "name": "autoscaler", **settings})


def kubernetes_events(project: str, **settings: Any) -> CloudLogging:
    """Return a source of the events of GKE's clusters, horizontal autoscaling among them.

    >>> kubernetes_events("shop-prod")
    CloudLogging(stream='gcp/shop-prod/logs/kubernetes-events')
    """
    return CloudLogging(project, **{"filter": KUBERNETES_EVENTS, "name": "kubernetes-events", **settings})


def deployment_logs(project: str, **settings: Any) -> CloudLogging:
    """Return a source of audit logs: who changed what.

    >>> deployment_logs("shop-prod")
    CloudLogging(stream='gcp/shop-prod/logs/deployments')
    """
    return CloudLogging(project, **{"filter": DEPLOYMENTS, "name": "deployments", **settings})
