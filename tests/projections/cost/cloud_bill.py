"""A month and a half of three clouds' logs and bills, made from hidden billing parameters, with the truth beside them.

Bills are native rows (CUR CSV, Azure export CSV, Google's JSON) and pass the real parsers. What the pipeline may not
know: bytes added per event, billed share per format, prices, tiers, the free allowance, who wrote into the shared log
group.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from cloudledger.adapters.billing import AwsCurParser, AzureCostParser, GcpBillingParser
from cloudledger.adapters.parser import Parser
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import StringColumn

START = datetime(2026, 10, 10, tzinfo=UTC)
DAYS = 42
DAY_NS = 86_400_000_000_000
START_DAY = int(START.timestamp()) // 86_400
MISSING_DAY = 20

AWS_OVERHEAD = 26
AZURE_RATIO = {"azure.aks": 0.58, "app.json": 0.93}
UNIT = 10**6  # a "gigabyte" of this small world, so that prices are cents and not micro-cents

WORKSPACE = "Microsoft.OperationalInsights/workspaces/w"
AZURE_HEADER = (
    "SubscriptionId,Date,MeterCategory,MeterName,MeterId,Quantity,UnitOfMeasure,CostInBillingCurrency,BillingCurrency,"
    "ResourceId,ResourceLocation,ChargeType,Tags"
)
AWS_ACCOUNT, AZURE_SUBSCRIPTION, GCP_PROJECT = "123456789012", "0f5e2c1a-0000-4000-8000-000000000001", "shop-prod"


@dataclass
class Writer:
    """A service: its cloud, where it writes, how much and how large."""

    provider: str
    service: str
    format: str
    place: str
    events_per_day: int
    mean_bytes: int


WRITERS = (
    Writer("aws", "cart", "app.json", "/shop/cart", 260, 220),
    Writer("aws", "orders", "app.json", "/shop/shared", 400, 110),
    Writer("aws", "invoices", "app.json", "/shop/shared", 120, 900),
    Writer("aws", "search", "app.text", "/shop/search", 500, 160),
    Writer("azure", "checkout", "azure.aks", "", 300, 400),
    Writer("azure", "checkout", "app.json", "", 60, 500),
    Writer("azure", "profile", "app.json", "", 280, 250),
    Writer("azure", "mailer", "azure.aks", "", 90, 700),
    Writer("gcp", "catalog", "gcp.container", "", 350, 300),
    Writer("gcp", "images", "gcp.container", "", 80, 1200),
    Writer("gcp", "tiny", "gcp.container", "", 15, 200),
)


@dataclass
class World:
    """Batches to fold, and the truth: cost per service and total per provider and charge category."""

    batches: list[EventBatch] = field(default_factory=list)
    cost: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    totals: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def make_world(seed: int) -> World:
    rng, world = np.random.default_rng(seed), World()
    billed: dict[tuple[int, int], float] = {}
    for day in range(DAYS):
        load = rng.lognormal(0, 0.35, len(WRITERS))
        for number, writer in enumerate(WRITERS):
            sizes = _sizes(rng, writer, load[number])
            billed[number, day] = _billed_bytes(writer, sizes)
            if not (writer.provider == "azure" and day == MISSING_DAY):
                world.batches.append(_logs(rng, writer, day, sizes))
    _bill_aws(world, billed, rng)
    _bill_azure(world, billed)
    _bill_gcp(world, billed)
    return world


def _sizes(rng: np.random.Generator, writer: Writer, load: float) -> np.ndarray:
    count = max(int(writer.events_per_day * load), 1)
    return np.maximum(rng.lognormal(np.log(writer.mean_bytes), 0.6, count), 20).astype(np.int64)


def _billed_bytes(writer: Writer, sizes: np.ndarray) -> float:
    if writer.provider == "aws":
        return float(sizes.sum() + AWS_OVERHEAD * len(sizes))
    return float(sizes.sum()) * (AZURE_RATIO[writer.format] if writer.provider == "azure" else 1.0)


def _logs(rng: np.random.Generator, writer: Writer, day: int, sizes: np.ndarray) -> EventBatch:
    count = len(sizes)
    places = {"aws": (AWS_ACCOUNT, "us-east-1"), "azure": (AZURE_SUBSCRIPTION, "eastus"), "gcp": (GCP_PROJECT, "")}
    account, region = places[writer.provider]
    context = json.dumps({"envelope": "aws.cloudwatch_logs", "logGroup": writer.place}) if writer.place else ""
    times = (START_DAY + day) * DAY_NS + np.sort(rng.integers(0, DAY_NS, count))
    batch = EventBatch.build(
        count,
        occurred_at=times,
        provider=writer.provider,
        service=writer.service,
        format=writer.format,
        account=account,
        region=region,
        context=context,
        severity=9,
        size_bytes=sizes,
        template=rng.integers(1, 9, count).astype(np.uint64),
    )
    return batch.stored_as(f"{writer.provider}/{writer.service}", np.arange(1, count + 1) + day * 10_000)


def _date(day: int) -> datetime:
    return START + timedelta(days=day)


def _month(day: int) -> str:
    return _date(day).strftime("%Y%m")


def _bill_aws(world: World, billed: dict[tuple[int, int], float], rng: np.random.Generator) -> None:
    """5 units a month free, 0.50 up to 9 units, 0.25 after; a first export that is corrected by a second; a credit."""
    lines: list[tuple[int, str, Decimal, Decimal]] = []
    used: dict[str, float] = defaultdict(float)
    for day in range(DAYS):
        groups: dict[str, float] = defaultdict(float)
        for number, writer in enumerate(WRITERS):
            if writer.provider == "aws":
                groups[writer.place] += billed[number, day] / UNIT
        for place, quantity in groups.items():
            cost = _tiered(used[_month(day)], quantity)
            used[_month(day)] += quantity
            lines.append((day, place, Decimal(repr(quantity)), cost))
            for number, writer in enumerate(WRITERS):
                if writer.place == place:
                    share = Decimal(repr(billed[number, day] / UNIT / quantity))
                    world.cost["aws", writer.service] += cost * share
            world.totals["aws", "Usage"] += cost
    header = (
        "identity/LineItemId,identity/TimeInterval,bill/PayerAccountId,lineItem/UsageAccountId,lineItem/LineItemType,"
        "lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/UsageType,lineItem/Operation,"
        "lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,lineItem/ResourceId,product/region,pricing/unit"
    )
    final = [_cur_line(day, place, quantity, cost) for day, place, quantity, cost in lines]
    early = [_cur_line(day, place, quantity, cost * Decimal("0.8")) for day, place, quantity, cost in lines[-40:]]
    credit = -(world.totals["aws", "Usage"] / 10).quantize(Decimal("0.0000000001"))
    world.totals["aws", "Credit"] = credit
    final.append(_cur_line(DAYS - 1, "", Decimal(1), credit, line_type="Credit"))
    rng.shuffle(final)
    _add_rows(world, AwsCurParser(), "cur/1.csv", header, early, recorded_at=1)
    _add_rows(world, AwsCurParser(), "cur/2.csv", header, final, recorded_at=2)


def _tiered(used: float, quantity: float) -> Decimal:
    cost, at = 0.0, used
    for end, price in ((2.0, 0.0), (6.0, 0.5), (1e9, 0.25)):
        taken = max(min(used + quantity, end) - at, 0.0)
        cost, at = cost + taken * price, at + taken
    return Decimal(repr(cost)).quantize(Decimal("0.0000000001"))


def _cur_line(day: int, place: str, quantity: Decimal, cost: Decimal, line_type: str = "Usage") -> str:
    start, end = _date(day).strftime("%Y-%m-%dT00:00:00Z"), _date(day + 1).strftime("%Y-%m-%dT00:00:00Z")
    arn = f"arn:aws:logs:us-east-1:{AWS_ACCOUNT}:log-group:{place}" if place else ""
    return (
        f"line-{place}-{line_type},{start}/{end},999999999999,{AWS_ACCOUNT},{line_type},{start},{end},AmazonCloudWatch,"
        f"USE1-DataProcessing-Bytes,PutLogEvents,{quantity},USD,{cost},{arn},us-east-1,GB"
    )


def _bill_azure(world: World, billed: dict[tuple[int, int], float]) -> None:
    """2.30 a unit pay-as-you-go, and a reservation of 0.40 a day, in one workspace that all services share."""
    lines: list[str] = []
    for day in range(DAYS):
        quantity = sum(billed[n, day] for n, w in enumerate(WRITERS) if w.provider == "azure") / UNIT
        meters = (
            ("Analytics Logs Pay-as-you-go Data Ingestion", quantity, "1 GB", 2.3 * quantity),
            ("100 GB Commitment Tier Capacity Reservation", 1, "1/Day", 0.4),
        )
        for meter, amount, unit, price in meters:
            cost = Decimal(repr(price)).quantize(Decimal("0.0000000001"))
            lines.append(_azure_line(day, meter, f"{amount},{unit},{cost}"))
            world.totals["azure", "Usage"] += cost
            for number, writer in enumerate(WRITERS):
                if writer.provider == "azure":
                    world.cost["azure", writer.service] += cost * Decimal(repr(billed[number, day] / UNIT / quantity))
    _add_rows(world, AzureCostParser(), "azure/export.csv", AZURE_HEADER, lines, recorded_at=1)


def _azure_line(day: int, meter: str, amounts: str) -> str:
    workspace = f"/subscriptions/{AZURE_SUBSCRIPTION}/resourceGroups/obs/providers/{WORKSPACE}"
    return (
        f"{AZURE_SUBSCRIPTION},{_date(day):%m/%d/%Y},Log Analytics,{meter},m-{meter[:3]},{amounts},EUR,"
        f'{workspace},US East,Usage,"""team"": ""platform"""'
    )


def _bill_gcp(world: World, billed: dict[tuple[int, int], float]) -> None:
    """0.50 a unit less a credit in the row, exported in two appends per day."""
    lines: list[str] = []
    for day in range(DAYS):
        stored = sum(billed[n, day] for n, w in enumerate(WRITERS) if w.provider == "gcp")
        for part, exported in ((0.7, "T06:00:00Z"), (0.3, "T18:00:00Z")):
            gross = Decimal(repr(part * stored / UNIT * 0.5)).quantize(Decimal("0.0000000001"))
            credit = -(gross / 5).quantize(Decimal("0.0000000001"))
            lines.append(_gcp_row(day, part * stored, gross, credit, f"{_date(day + 1):%Y-%m-%d}{exported}"))
            world.totals["gcp", "Usage"] += gross + credit
            for number, writer in enumerate(WRITERS):
                if writer.provider == "gcp":
                    world.cost["gcp", writer.service] += (gross + credit) * Decimal(repr(billed[number, day] / stored))
    _add_rows(world, GcpBillingParser(), "gcp/export.ndjson", None, lines, recorded_at=1)


def _gcp_row(day: int, stored: float, gross: Decimal, credit: Decimal, exported: str) -> str:
    return json.dumps(
        {
            "billing_account_id": "AAAAAA-BBBBBB-CCCCCC",
            "service": {"id": "5490-F7B7-8DF6", "description": "Cloud Logging"},
            "sku": {"id": "143F-A1B0-E0BE", "description": "Log Storage cost"},
            "project": {"id": GCP_PROJECT, "number": "1"},
            "usage_start_time": f"{_date(day):%Y-%m-%d}T00:00:00Z",
            "usage_end_time": f"{_date(day + 1):%Y-%m-%d}T00:00:00Z",
            "export_time": exported,
            "cost": str(gross),
            "currency": "USD",
            "usage": {"amount": stored, "unit": "bytes"},
            "credits": [{"name": "sustained", "amount": str(credit)}],
            "cost_type": "regular",
            "labels": [],
        }
    )


def billing_records(object_key: str, header: str | None, lines: list[str]) -> Records:
    """Rows as framing hands them over: CSV lines with their header in the context, or JSON objects."""
    records = Records.of([line.encode() for line in lines], Origin(object_key))
    if header is None:
        return records
    return replace(
        records, context=StringColumn.constant(json.dumps({"envelope": "csv", "header": header}), len(lines))
    )


def _add_rows(
    world: World, parser: Parser, object_key: str, header: str | None, lines: list[str], recorded_at: int
) -> None:
    batch = parser.parse(billing_records(object_key, header, lines)).with_columns(recorded_at=recorded_at)
    world.batches.append(batch.stored_as(f"bill/{object_key}", np.arange(1, len(batch) + 1)))
