"""LogAnalytics with the tables that most are wanted for; each writes a stream of its own.

Rows of autoscale tables become `ScalingRecorded`, those of the activity log tell deployments: the parsers of exported
files read them. All need the role "Log Analytics Data Reader" on the workspace.
"""

from __future__ import annotations

from typing import Any

from .log_analytics import LogAnalytics


def container_logs(workspace: str, **settings: Any) -> LogAnalytics:
    """Return a source of the container logs of AKS.

    Args:
        workspace: where they are.
        settings: those of `LogAnalytics`.

    >>> container_logs("6a1f")
    LogAnalytics(stream='azure/6a1f/log-analytics/ContainerLogV2')
    """
    return LogAnalytics(workspace, "ContainerLogV2", **settings)


def activity_rows(workspace: str, **settings: Any) -> LogAnalytics:
    """Return a source of the activity log, where a diagnostic setting sends it to the workspace.

    >>> activity_rows("6a1f")
    LogAnalytics(stream='azure/6a1f/log-analytics/AzureActivity')
    """
    return LogAnalytics(workspace, "AzureActivity", **settings)


def application_insights(workspace: str, **settings: Any) -> LogAnalytics:
    """Return a source of what applications tell: requests, traces, dependencies, exceptions.

    >>> application_insights("6a1f").stream
    'azure/6a1f/log-analytics/AppTraces+AppRequests+AppDependencies+AppExceptions'
    """
    return LogAnalytics(workspace, ("AppTraces", "AppRequests", "AppDependencies", "AppExceptions"), **settings)


def azure_diagnostics(workspace: str, **settings: Any) -> LogAnalytics:
    """Return a source of the resource logs that still share one table.

    >>> azure_diagnostics("6a1f")
    LogAnalytics(stream='azure/6a1f/log-analytics/AzureDiagnostics')
    """
    return LogAnalytics(workspace, "AzureDiagnostics", **settings)


def autoscale_rows(workspace: str, **settings: Any) -> LogAnalytics:
    """Return a source of what autoscale measured, decided and did.

    >>> autoscale_rows("6a1f")
    LogAnalytics(stream='azure/6a1f/log-analytics/AutoscaleEvaluationsLog+AutoscaleScaleActionsLog')
    """
    return LogAnalytics(workspace, ("AutoscaleEvaluationsLog", "AutoscaleScaleActionsLog"), **settings)
