"""Sources of Google Cloud: readers of its APIs, each run by an engine of `adapters.acquisition`; its SDKs stay here."""

from .billing_table import BillingTable
from .cloud_logging import CloudLogging
from .cloud_monitoring import CloudMonitoring
from .connection import GcpConnection
from .credentials import GcpCredentials
from .log_presets import autoscaler_logs, deployment_logs, kubernetes_events
from .pubsub_subscription import PubSubSubscription
from .storage_objects import StorageObjects

__all__ = [
    "BillingTable",
    "CloudLogging",
    "CloudMonitoring",
    "GcpConnection",
    "GcpCredentials",
    "PubSubSubscription",
    "StorageObjects",
    "autoscaler_logs",
    "deployment_logs",
    "kubernetes_events",
]
