"""List prices of log ingestion, and what some bytes cost.

Under the bills and the truth. What is free each month was used up earlier in the month.
"""

from __future__ import annotations

from typing import Final

from . import places
from .clock import MICROSECONDS

AWS_PER_GB, AZURE_PER_GB, GCP_PER_GIB = 0.57, 2.76, 0.50
"""US dollars for ingestion: CloudWatch eu-west-1, Analytics Logs West Europe, Cloud Logging."""

GIB: Final = 2**30
GB: Final = 10**9
DAY: Final = 86_400 * MICROSECONDS


def ingestion_cost(pool: str, billed_bytes: int) -> float:
    """Return what the ingestion of some bytes into a pool costs.

    >>> ingestion_cost("projects/shop", 2**30)
    0.5
    """
    if pool.startswith("projects/"):
        return billed_bytes / GIB * GCP_PER_GIB
    if pool == places.WORKSPACE_ID:
        return billed_bytes / GB * AZURE_PER_GB
    return billed_bytes / GIB * AWS_PER_GB
