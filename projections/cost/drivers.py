"""Which measured logs explain which charges.

Vended logs (written by the cloud's own network and function services) are billed on lines of their own; all other
ingestion is custom. Queries, exports and tailing have no driver among log events.
"""

from __future__ import annotations

import numpy as np

from .frame import Array, Frame
from .log_place import LOG_GROUP

VENDED_FORMATS = {
    "aws": frozenset(
        ("aws.vpcflow", "aws.route53", "aws.route53_resolver", "aws.waf", "aws.networkfirewall", "aws.lambda")
    ),
    "gcp": frozenset(("gcp.vpcflow", "gcp.firewall", "gcp.nat", "gcp.dns")),
}
"""AWS: vended logs of the CloudWatch price list; Lambda's are priced as vended since 2025-05-01. Google: since
2024-10."""

FREE_FORMATS = frozenset(("azure.activity",))
"""Logs whose ingestion nobody pays for: https://learn.microsoft.com/azure/azure-monitor/logs/cost-logs names the
AzureActivity table. Google's free audit logs share a format with data access logs, which are billed."""

_ALL_BYTES = ("storage", "processing", "replication", "protection")


def vended(volume: Frame) -> Array:
    """Return which rows of log volume are vended."""
    flags = np.zeros(len(volume), np.bool_)
    for provider, formats in VENDED_FORMATS.items():
        flags |= volume.where("provider", provider.__eq__) & volume.where("format", formats.__contains__)
    return flags | volume.where("resource", lambda place: place.startswith(LOG_GROUP + "/aws/lambda/"))


def free(volume: Frame) -> Array:
    """Return which rows of log volume are ingested without charge, so that no charge is for them."""
    return volume.where("format", FREE_FORMATS.__contains__)


def driver_of(log_class: str) -> str:
    """Return what spreads a class of charges: vended, custom or all bytes, or an empty string for nothing.

    >>> driver_of("ingest_ia"), driver_of("vended"), driver_of("storage"), driver_of("query")
    ('custom', 'vended', 'all', '')
    """
    if log_class.startswith("vended"):
        return "vended"
    if log_class.startswith("ingest"):
        return "custom"
    return "all" if log_class in _ALL_BYTES else ""
