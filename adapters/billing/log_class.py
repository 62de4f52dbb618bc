"""Which billing rows are about logging, and what of it they charge for.

Sources: the CUDOS dashboards' CloudWatch usage type groups, Microsoft's list of Azure Monitor meters
(https://learn.microsoft.com/azure/azure-monitor/fundamentals/cost-meters), Google's SKU list of Cloud Logging.
Classes: ingest (and ingest_ia, ingest_basic, ingest_auxiliary), vended (vended_ia), storage, query, export, protection,
tail, processing, replication. More specific patterns stand first.
"""

from __future__ import annotations

import re
from functools import lru_cache

_AWS_USAGE_TYPES = (
    ("VendedLogIA-Bytes", "vended_ia"),
    ("VendedLog-Bytes", "vended"),
    ("DataProcessingIA-Bytes", "ingest_ia"),
    ("DataProcessing-Bytes", "ingest"),
    ("TimedStorage-ByteHrs", "storage"),
    ("DataScanned-Bytes", "query"),
    ("S3-Egress-InputBytes", "export"),
    ("S3-Egress-Bytes", "export"),
    ("FH-Egress-Bytes", "export"),
    ("DataProtection-Bytes", "protection"),
    ("Logs-LiveTail", "tail"),
)

_AWS_DESCRIPTIONS = (
    (re.compile(r"vended logs?\b.*infrequent", re.I), "vended_ia"),
    (re.compile(r"vended logs?\b", re.I), "vended"),
    (re.compile(r"log data ingested.*infrequent", re.I), "ingest_ia"),
    (re.compile(r"log data ingested|of logs? ingested|log data ingestion", re.I), "ingest"),
    (re.compile(r"log storage|logs storage", re.I), "storage"),
    (re.compile(r"log data scanned|insights.*scanned|scanned.*insights", re.I), "query"),
    (re.compile(r"live tail", re.I), "tail"),
    (re.compile(r"log.*data protection|data protection.*log", re.I), "protection"),
)
"""AWS FOCUS rows may lack x_UsageType: the price list's words then tell."""

_AZURE_CATEGORIES = frozenset(
    (
        "log analytics",
        "azure monitor",
        "insight and analytics",
        "sentinel",
        "microsoft sentinel",
        "application insights",
    )
)

_AZURE_METERS = (
    (re.compile(r"search (?:queries|jobs?)|queries scanned|data restore"), "query"),
    (re.compile(r"data export"), "export"),
    (re.compile(r"data replicat"), "replication"),
    (re.compile(r"archive|retention"), "storage"),
    (re.compile(r"log data ingestion and transformation|logs processed|platform logs"), "processing"),
    (re.compile(r"basic logs"), "ingest_basic"),
    (re.compile(r"auxiliary logs|data lake ingestion"), "ingest_auxiliary"),
    (re.compile(r"ingestion|commitment tier|capacity reservation|data anal|analysis|data overage"), "ingest"),
    (re.compile(r"included per node|standard node|per node|free benefit"), "ingest"),
)

_GCP_SERVICE_ID = "5490-F7B7-8DF6"
_GCP_SKUS = {"143F-A1B0-E0BE": "ingest", "376D-A4B0-82E4": "vended", "F4AE-5A52-ACE3": "storage"}
_GCP_DESCRIPTIONS = (
    (re.compile(r"vended"), "vended"),
    (re.compile(r"retention"), "storage"),
    (re.compile(r"log (?:storage|volume|ingest)"), "ingest"),
)


@lru_cache(maxsize=16_384)
def aws_log_class(product: str, usage_type: str, description: str = "") -> str:
    """Return the class of an AWS row, empty where it is not about logging.

    >>> aws_log_class("AmazonCloudWatch", "EUC1-VendedLogIA-Bytes"), aws_log_class("AmazonS3", "TimedStorage-ByteHrs")
    ('vended_ia', '')
    """
    if product and "cloudwatch" not in product.lower():
        return ""
    if usage_type:
        return next((name for part, name in _AWS_USAGE_TYPES if part in usage_type), "")
    return next((name for pattern, name in _AWS_DESCRIPTIONS if pattern.search(description)), "") if product else ""


@lru_cache(maxsize=16_384)
def azure_log_class(category: str, meter: str) -> str:
    """Return the class of an Azure row, by meter category and meter name (old and new names).

    >>> azure_log_class("Log Analytics", "Pay-as-you-go Data Retention"), azure_log_class("Storage", "Data Retention")
    ('storage', '')
    """
    if category.lower() not in _AZURE_CATEGORIES:
        return ""
    name = meter.lower()
    return next((log_class for pattern, log_class in _AZURE_METERS if pattern.search(name)), "")


@lru_cache(maxsize=16_384)
def gcp_log_class(service_id: str, service: str, sku_id: str, sku: str) -> str:
    """Return the class of a Google Cloud row; SKU ids decide, since descriptions were renamed.

    >>> gcp_log_class("5490-F7B7-8DF6", "Cloud Logging", "143F-A1B0-E0BE", "Log Volume")
    'ingest'
    """
    if service_id != _GCP_SERVICE_ID and service.lower() not in ("cloud logging", "stackdriver logging"):
        return ""
    name = sku.lower()
    known = _GCP_SKUS.get(sku_id)
    return known or next((log_class for pattern, log_class in _GCP_DESCRIPTIONS if pattern.search(name)), "")
