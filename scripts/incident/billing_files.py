"""Write the bills: AWS CUR rows, an Azure cost export, a Google Cloud billing export, for the day and six days before.

Between the volumes and the files. The estate stands for a rehearsal that runs at the same hours each day, so a day's
bill covers exactly what its logs hold: the incident's day follows the written bytes, the days before the ordinary ones.
Prices are list prices of the regions; what is free each month was used up earlier in the month.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from random import Random
from typing import Final

from . import places
from .clock import MICROSECONDS, utc_text
from .containers import compact
from .native_file import FileSet
from .story import Story
from .volumes import Volumes

DAYS_BEFORE: Final = 6
AWS_PER_GB, AZURE_PER_GB, GCP_PER_GIB = 0.57, 2.76, 0.50
"""US dollars for ingestion: CloudWatch eu-west-1, Analytics Logs West Europe, Cloud Logging."""

_GIB, _GB, _DAY = 2**30, 10**9, 86_400 * MICROSECONDS
_AZURE_LOGS = f"{places.AZURE_ROOT}/microsoft.operationalinsights/workspaces/la-shop-prod"
_AZURE_METER = "Analytics Logs Pay-as-you-go Data Ingestion"


def ingestion_cost(pool: str, billed_bytes: int) -> float:
    """Return what the ingestion of some bytes into a pool costs.

    >>> ingestion_cost("projects/shop", 2**30)
    0.5
    """
    if pool.startswith("projects/"):
        return billed_bytes / _GIB * GCP_PER_GIB
    if pool == places.WORKSPACE_ID:
        return billed_bytes / _GB * AZURE_PER_GB
    return billed_bytes / _GIB * AWS_PER_GB


def write_bills(files: FileSet, story: Story, volumes: Volumes) -> None:
    """Write the three bills."""
    days = [(day, _pools(story, volumes, day)) for day in range(-DAYS_BEFORE, 1)]
    midnight = story.start // _DAY * _DAY
    _write_csv(
        files,
        "aws/billing/shop-cur-00001.csv.gz",
        [r for day, pools in days for r in _cur_rows(midnight + day * _DAY, pools)],
    )
    _write_csv(
        files,
        "azure/billing/shop-actual-cost.csv",
        [r for day, pools in days for r in _azure_rows(midnight + day * _DAY, pools)],
    )
    rows = [r for day, pools in days for r in _gcp_rows(story, midnight + day * _DAY, pools)]
    files.write_document("gcp/billing/gcp_billing_export_v1.ndjson", "\n".join(map(compact, rows)), len(rows))


def _pools(story: Story, volumes: Volumes, day: int) -> dict[str, int]:
    """Return the billed bytes per pool of one day; days before vary by some percent."""
    pools: dict[str, int] = defaultdict(int)
    random = Random(f"bills {story.seed} {day}")
    for group in sorted(volumes.total):
        ordinary = int(volumes.ordinary(group) * random.uniform(0.96, 1.04))
        pools[group[0]] += volumes.total[group] if day == 0 else ordinary
    return pools


def _write_csv(files: FileSet, name: str, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_document(name, text.getvalue().rstrip("\n"), len(rows))


def _cur_rows(day: int, pools: dict[str, int]) -> list[dict[str, str]]:
    rows = []
    for pool in sorted(p for p in pools if p.startswith("/aws/")):
        gigabytes = pools[pool] / _GIB
        resource = f"arn:aws:logs:{places.AWS_REGION}:{places.AWS_ACCOUNT}:log-group:{pool}"
        stored = gigabytes * 0.15 / 30
        rows.append(
            _cur_row(
                day,
                "AmazonCloudWatch",
                "EU-DataProcessing-Bytes",
                "PutLogEvents",
                resource,
                gigabytes,
                AWS_PER_GB,
                "$0.57 per GB custom log data ingested in Standard log class - EU (Ireland)",
                "Amazon CloudWatch",
            )
        )
        rows.append(
            _cur_row(
                day,
                "AmazonCloudWatch",
                "EU-TimedStorage-ByteHrs",
                "HourlyStorageMetering",
                resource,
                stored,
                0.03,
                "$0.03 per GB-mo of log storage - EU (Ireland)",
                "Amazon CloudWatch",
            )
        )
    group = f"arn:aws:ec2:{places.AWS_REGION}:{places.AWS_ACCOUNT}:instance/i-0a3c5e7f9b1d2e4f6"
    rows.append(
        _cur_row(
            day,
            "AmazonEC2",
            "EU-BoxUsage:m6i.xlarge",
            "RunInstances",
            group,
            24.0,
            0.214,
            "$0.214 per On Demand Linux m6i.xlarge Instance Hour",
            "Amazon Elastic Compute Cloud",
        )
    )
    rows.append(
        _cur_row(
            day,
            "AmazonRDS",
            "EU-InstanceUsage:db.r6g.2xl",
            "CreateDBInstance:0014",
            places.DATABASE_ARN,
            24.0,
            1.006,
            "$1.006 per db.r6g.2xlarge Single-AZ instance hour running PostgreSQL",
            "Amazon Relational Database Service",
        )
    )
    return rows


def _cur_row(
    day: int,
    product: str,
    usage: str,
    operation: str,
    resource: str,
    amount: float,
    rate: float,
    description: str,
    name: str,
) -> dict[str, str]:
    start, end = utc_text(day, 3), utc_text(day + _DAY, 3)
    month = start[:8] + "01T00:00:00.000Z"
    line = Random(f"line {start} {usage} {resource}").getrandbits(200)
    return {
        "identity/LineItemId": f"{line:050x}",
        "identity/TimeInterval": f"{utc_text(day, 0)}/{utc_text(day + _DAY, 0)}",
        "bill/InvoiceId": "",
        "bill/BillingEntity": "AWS",
        "bill/BillType": "Anniversary",
        "bill/PayerAccountId": places.AWS_ACCOUNT,
        "bill/BillingPeriodStartDate": month,
        "bill/BillingPeriodEndDate": _next_month(month),
        "lineItem/UsageAccountId": places.AWS_ACCOUNT,
        "lineItem/LineItemType": "Usage",
        "lineItem/UsageStartDate": start,
        "lineItem/UsageEndDate": end,
        "lineItem/ProductCode": product,
        "lineItem/UsageType": usage,
        "lineItem/Operation": operation,
        "lineItem/ResourceId": resource,
        "lineItem/UsageAmount": f"{amount:.10f}",
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedRate": f"{rate:.10f}",
        "lineItem/UnblendedCost": f"{amount * rate:.10f}",
        "lineItem/BlendedRate": f"{rate:.10f}",
        "lineItem/BlendedCost": f"{amount * rate:.10f}",
        "lineItem/LineItemDescription": description,
        "product/ProductName": name,
        "product/region": places.AWS_REGION,
        "product/servicecode": product,
        "pricing/publicOnDemandCost": f"{amount * rate:.10f}",
        "pricing/term": "OnDemand",
        "pricing/unit": "GB" if "Bytes" in usage else "GB-Mo" if "ByteHrs" in usage else "Hrs",
    }


def _next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + number // 12}-{number % 12 + 1:02d}-01T00:00:00.000Z"


def _azure_rows(day: int, pools: dict[str, int]) -> list[dict[str, str]]:
    gigabytes = pools[places.WORKSPACE_ID] / _GB
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


def _gcp_rows(story: Story, day: int, pools: dict[str, int]) -> list[dict[str, object]]:
    logged = pools[f"projects/{places.GCP_PROJECT}"]
    hour = day + story.start % _DAY // (3600 * MICROSECONDS) * 3600 * MICROSECONDS
    gibibytes = logged / _GIB
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
