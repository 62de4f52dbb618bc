"""Write rows of an AWS Cost and Usage Report.

Under the bills; see https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html.
"""

from __future__ import annotations

from random import Random

from . import places
from .clock import utc_text
from .prices import AWS_PER_GB, DAY, GIB


def cur_rows(day: int, pools: dict[str, int]) -> list[dict[str, str]]:
    """Return a day's rows: ingestion and storage of each log group, and what else runs."""
    rows = []
    for pool in sorted(p for p in pools if p.startswith("/aws/")):
        gigabytes = pools[pool] / GIB
        resource = f"arn:aws:logs:{places.AWS_REGION}:{places.AWS_ACCOUNT}:log-group:{pool}"
        stored = gigabytes * 0.15 / 30
        usage, logged = ("VendedLog", "vended") if pool.startswith("/aws/lambda/") else ("DataProcessing", "custom")
        rows.append(
            _cur_row(
                day,
                "AmazonCloudWatch",
                f"EU-{usage}-Bytes",
                "PutLogEvents",
                resource,
                gigabytes,
                AWS_PER_GB,
                f"$0.57 per GB {logged} log data ingested in Standard log class - EU (Ireland)",
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
    start, end = utc_text(day, 3), utc_text(day + DAY, 3)
    month = start[:8] + "01T00:00:00.000Z"
    line = Random(f"line {start} {usage} {resource}").getrandbits(200)
    return {
        "identity/LineItemId": f"{line:050x}",
        "identity/TimeInterval": f"{utc_text(day, 0)}/{utc_text(day + DAY, 0)}",
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
