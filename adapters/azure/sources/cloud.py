"""AzureCloud: the addresses of one Azure: the public one, that of China, that of the US government, or a test's.

Under `AzureConnection`. Tokens are asked for an audience, requests sent to an endpoint; the two differ. See
https://learn.microsoft.com/azure/azure-monitor/fundamentals/azure-monitor-network-access and
https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud.
"""

from __future__ import annotations

from typing import Final

import msgspec


class AzureCloud(msgspec.Struct, frozen=True, kw_only=True):
    """Where the services of one cloud are.

    Attributes:
        authority: who gives tokens.
        management: Azure Resource Manager, which has the activity log, deployments and costs.
        logs, logs_audience: queries of Log Analytics.
        metrics, metrics_audience: batches of metrics; `{region}` stands for the region of the resources.
        blobs: a storage account's blobs; `{account}` stands for its name.
        storage_audience: of any storage account.
        event_hubs: how the name of a namespace of Event Hubs ends.

    >>> PUBLIC.metrics.format(region="westeurope")
    'https://westeurope.metrics.monitor.azure.com'
    """

    authority: str = "https://login.microsoftonline.com"
    management: str = "https://management.azure.com"
    logs: str = "https://api.loganalytics.io"
    logs_audience: str = "https://api.loganalytics.io"
    metrics: str = "https://{region}.metrics.monitor.azure.com"
    metrics_audience: str = "https://metrics.monitor.azure.com"
    blobs: str = "https://{account}.blob.core.windows.net"
    storage_audience: str = "https://storage.azure.com"
    event_hubs: str = ".servicebus.windows.net"


PUBLIC: Final = AzureCloud()

CHINA: Final = AzureCloud(
    authority="https://login.chinacloudapi.cn",
    management="https://management.chinacloudapi.cn",
    logs="https://api.loganalytics.azure.cn",
    logs_audience="https://api.loganalytics.azure.cn",
    metrics="https://{region}.metrics.monitor.azure.cn",
    metrics_audience="https://metrics.monitor.azure.cn",
    blobs="https://{account}.blob.core.chinacloudapi.cn",
    event_hubs=".servicebus.chinacloudapi.cn",
)

US_GOVERNMENT: Final = AzureCloud(
    authority="https://login.microsoftonline.us",
    management="https://management.usgovcloudapi.net",
    logs="https://api.loganalytics.us",
    logs_audience="https://api.loganalytics.us",
    metrics="https://{region}.metrics.monitor.azure.us",
    metrics_audience="https://metrics.monitor.azure.us",
    blobs="https://{account}.blob.core.usgovcloudapi.net",
    event_hubs=".servicebus.usgovcloudapi.net",
)
