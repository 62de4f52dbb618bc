"""Sources of Azure: readers of its APIs, run by engines of `adapters.acquisition`; its SDK is imported here only."""

from .activity_log import ActivityLog, deployment_activity
from .blob_exports import BlobExports, activity_blobs, cost_blobs, diagnostic_blobs
from .cloud import CHINA, PUBLIC, US_GOVERNMENT, AzureCloud
from .connection import AzureConnection
from .cost_query import CostQuery
from .credentials import AzureCredentials
from .deployments import Deployments
from .event_hubs import EventHubs
from .log_analytics import LogAnalytics
from .log_presets import activity_rows, application_insights, autoscale_rows, azure_diagnostics, container_logs
from .metrics import AzureMetrics

__all__ = [
    "CHINA",
    "PUBLIC",
    "US_GOVERNMENT",
    "ActivityLog",
    "AzureCloud",
    "AzureConnection",
    "AzureCredentials",
    "AzureMetrics",
    "BlobExports",
    "CostQuery",
    "Deployments",
    "EventHubs",
    "LogAnalytics",
    "activity_blobs",
    "activity_rows",
    "application_insights",
    "autoscale_rows",
    "azure_diagnostics",
    "container_logs",
    "cost_blobs",
    "deployment_activity",
    "diagnostic_blobs",
]
