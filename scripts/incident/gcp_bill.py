"""Write rows of a Google Cloud billing export.

Under the bills; see https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage.
"""

from __future__ import annotations

from . import places
from .clock import MICROSECONDS, utc_text
from .prices import DAY, GCP_PER_GIB, GIB
from .story import Story


def gcp_rows(story: Story, day: int, pools: dict[str, int]) -> list[dict[str, object]]:
    """Return a day's rows: ingestion of the project, and its machines, in the hour in which the story begins."""
    logged = pools[f"projects/{places.GCP_PROJECT}"]
    hour = day + story.start % DAY // (3600 * MICROSECONDS) * 3600 * MICROSECONDS
    gibibytes = logged / GIB
    logs = _gcp_row(
        hour,
        "5490-F7B7-8DF6",
        "Cloud Logging",
        "143F-A1B0-E0BE",
        "Log Storage cost",
        logged,
        "bytes",
        gibibytes,
        "gibibyte",
        GCP_PER_GIB,
    )
    nodes = _gcp_row(
        hour,
        "6F81-5844-456A",
        "Compute Engine",
        "2390-DCAF-DA38",
        "E2 Instance Core running in Netherlands",
        43_200,
        "seconds",
        12.0,
        "hour",
        0.024,
    )
    return [logs, nodes]


def _gcp_row(
    hour: int,
    service: str,
    service_name: str,
    sku: str,
    sku_name: str,
    usage: int,
    unit: str,
    priced: float,
    priced_unit: str,
    price: float,
) -> dict[str, object]:
    return {
        "billing_account_id": "01A2B3-C4D5E6-F7A8B9",
        "service": {"id": service, "description": service_name},
        "sku": {"id": sku, "description": sku_name},
        "usage_start_time": utc_text(hour, 0),
        "usage_end_time": utc_text(hour + 3600 * MICROSECONDS, 0),
        "project": {"id": places.GCP_PROJECT, "number": places.GCP_PROJECT_NUMBER, "name": "shop-prod", "labels": []},
        "labels": [],
        "system_labels": [],
        "location": {"location": places.GCP_REGION, "country": "NL", "region": places.GCP_REGION},
        "export_time": utc_text(hour + 7 * 3600 * MICROSECONDS, 0),
        "cost": round(priced * price, 12),
        "currency": "USD",
        "currency_conversion_rate": 1.0,
        "usage": {
            "amount": usage,
            "unit": unit,
            "amount_in_pricing_units": round(priced, 12),
            "pricing_unit": priced_unit,
        },
        "credits": [],
        "invoice": {"month": utc_text(hour)[:7].replace("-", "")},
        "cost_type": "regular",
    }
