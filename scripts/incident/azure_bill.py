"""Write rows of an Azure actual cost export.

Under the bills; the columns are those of an enterprise agreement.
"""

from __future__ import annotations

from random import Random

from . import places
from .clock import utc_text
from .prices import AZURE_PER_GB, GB

_AZURE_LOGS = f"{places.AZURE_ROOT}/microsoft.operationalinsights/workspaces/la-shop-prod"
_AZURE_METER = "Analytics Logs Pay-as-you-go Data Ingestion"


def azure_rows(day: int, pools: dict[str, int]) -> list[dict[str, str]]:
    """Return a day's rows: ingestion of the workspace, and its virtual machines."""
    gigabytes = pools[places.WORKSPACE_ID] / GB
    nodes = f"{places.AZURE_ROOT}/Microsoft.Compute/virtualMachineScaleSets/pricing-vmss"
    return [
        _azure_row(
            day,
            "Log Analytics",
            _AZURE_METER,
            "1 GB",
            gigabytes,
            AZURE_PER_GB,
            "microsoft.operationalinsights",
            _AZURE_LOGS,
        ),
        _azure_row(day, "Virtual Machines", "D4s v5", "1 Hour", 72.0, 0.23, "Microsoft.Compute", nodes),
    ]


def _azure_row(
    day: int, category: str, meter: str, unit: str, quantity: float, price: float, service: str, resource: str
) -> dict[str, str]:
    date = utc_text(day)[:10]
    shown = f"{date[5:7]}/{date[8:10]}/{date[:4]}"
    return {
        "InvoiceSectionName": "Shop",
        "SubscriptionId": places.AZURE_SUBSCRIPTION,
        "SubscriptionName": "shop-prod",
        "ResourceGroup": places.AZURE_GROUP,
        "ResourceLocation": places.AZURE_REGION,
        "Date": shown,
        "ProductName": f"{category} - {meter}",
        "MeterCategory": category,
        "MeterSubCategory": "",
        "MeterId": str(Random(f"meter {meter}").getrandbits(64)),
        "MeterName": meter,
        "MeterRegion": "EU West",
        "UnitOfMeasure": unit,
        "Quantity": f"{quantity:.12f}",
        "EffectivePrice": f"{price:.4f}",
        "CostInBillingCurrency": f"{quantity * price:.12f}",
        "ConsumedService": service,
        "ResourceId": resource,
        "Tags": '"env": "prod"',
        "ChargeType": "Usage",
        "Frequency": "UsageBased",
        "PricingModel": "OnDemand",
        "BillingAccountId": "71928344",
        "BillingCurrencyCode": "USD",
        "BillingPeriodStartDate": f"{date[5:7]}/01/{date[:4]}",
        "PublisherType": "Azure",
    }
