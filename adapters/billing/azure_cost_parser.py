"""Parse Azure cost exports: pay-as-you-go, EA and MCA headers, any case or language, amortized or actual.

The mapping to FOCUS is Microsoft's own (FinOps toolkit, docs-mslearn/focus/convert.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...domain.batch import EventBatch
from ..parser import Sample
from ..records import Records
from .amounts import NOTHING, Amount, amount_of, micros_of, number_of
from .azure_regions import azure_region
from .billing_rows import Row, column_names, read_row
from .charges import Fields, charge_batch, charge_key, first, text, time_ns
from .column_names import plain_name
from .log_class import azure_log_class
from .tags import service_of, tags_of

DAY_NS = 86_400_000_000_000

_COST = ("costinbillingcurrency", "pretaxcost", "cost", "costinusd")
_COMMITMENTS = frozenset(("Reservation", "SavingsPlan"))
_CATEGORIES = {
    "usage": "Usage",
    "purchase": "Purchase",
    "credit": "Credit",
    "tax": "Tax",
    "unusedreservation": "Usage",
    "unusedsavingsplan": "Usage",
    "refund": "Purchase",
    "": "Usage",
}
_BLOCK = re.compile(r"\s*([\d.,]+)\s*([KM]?)\b\s*(.*)")
_BLOCK_FACTORS = {"": 1, "K": 1000, "M": 1_000_000}

_TELLING = frozenset({"metercategory", "meterid"})
"""Columns of which every row has one: rows of other formats in between have none."""


class AzureCostParser:
    """Rows of Azure Cost Management exports."""

    format = "azure.cost_export"

    def recognises(self, sample: Sample) -> bool:
        """Say whether the columns are an Azure export's: a meter, a cost, and no FOCUS."""
        columns = column_names(sample, plain_name)
        return bool(columns & {"metercategory", "meterid"}) and not columns.isdisjoint(_COST)

    def parse(self, records: Records) -> EventBatch:
        """Return one CostRecorded per row."""
        return charge_batch(records, self.format, plain_name, _charge, _TELLING)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's columns under `azure.cost`."""
        row = read_row(body, context, plain_name)
        return {f"azure.cost.{name}": value for name, value in row.items()}


def _charge(row: Row, metadata: Mapping[str, str]) -> Fields:
    category, meter = text(row, "metercategory"), text(row, "metername")
    resource = text(row, "resourceid", "instanceid", "instancename")
    tags = tags_of(row.get("tags"))
    charge_type, pricing = text(row, "chargetype").lower(), text(row, "pricingmodel")
    billed, effective = _costs(row, charge_type, pricing)
    start = time_ns(first(row, ("date", "usagedatetime", "usagedate")))
    quantity, unit = text(row, "quantity", "usagequantity"), text(row, "unitofmeasure")
    block, distinct_unit = block_of(unit)
    subscription = text(row, "subscriptionid", "subscriptionguid")
    billing_end = time_ns(row.get("billingperiodenddate"))
    return {
        "charge_key": charge_key("azure.cost_export", start, resource, *[text(row, name) for name in _DIMENSIONS]),
        "provider": "azure",
        "account": subscription or metadata.get("account", ""),
        "region": azure_region(text(row, "resourcelocation", "location", "meterregion")) or metadata.get("region", ""),
        "service": service_of(tags, resource),
        "resource": resource,
        "billed_cost_micros": billed.micros,
        "billed_cost_picos": billed.picos,
        "effective_cost_micros": effective.micros,
        "list_cost_micros": _list_cost(row, quantity, block),
        "billing_currency": text(row, "billingcurrency", "billingcurrencycode", "currency"),
        "charge_category": _CATEGORIES.get(charge_type, "Adjustment"),
        "charge_class": "Correction" if charge_type == "refund" else "",
        "charge_description": text(row, "productname", "product") or meter,
        "charge_period_start": start,
        "charge_period_end": start + DAY_NS if start else 0,
        "billing_period_start": time_ns(row.get("billingperiodstartdate")),
        "billing_period_end": billing_end + DAY_NS if billing_end else 0,
        "billing_account_id": text(row, "billingprofileid", "billingaccountid"),
        "sub_account_id": subscription,
        "service_name": category,
        "service_category": "Management and Governance" if azure_log_class(category, meter) else "",
        "sku_id": text(row, "meterid"),
        "usage_type": meter,
        "operation": text(row, "consumedservice"),
        "consumed_quantity": quantity,
        "consumed_unit": distinct_unit,
        "pricing_quantity": str(number_of(quantity) / block) if quantity else "",
        "pricing_unit": unit,
        "log_class": azure_log_class(category, meter),
        "tags": tags,
    }


_DIMENSIONS = (
    "subscriptionid",
    "subscriptionguid",
    "billingaccountid",
    "billingprofileid",
    "invoicesectionid",
    "resourcelocation",
    "meterid",
    "metercategory",
    "metername",
    "meterregion",
    "unitofmeasure",
    "chargetype",
    "pricingmodel",
    "frequency",
    "reservationid",
    "productorderid",
    "consumedservice",
    "additionalinfo",
    "tags",
    "costallocationrulename",
)
"""What identifies a row that has no id of its own; amounts are left out, since a restated row changes them."""


def block_of(unit: str) -> tuple[Decimal, str]:
    """Return block size and unit of a unit of measure.

    >>> block_of("100 GB"), block_of("10K"), block_of("1 GB/Month")
    ((Decimal('100'), 'GB'), (Decimal('10000'), 'Units'), (Decimal('1'), 'GB/Month'))
    """
    found = _BLOCK.fullmatch(unit)
    if not found:
        return Decimal(1), unit
    size = number_of(found[1].replace(",", "")) * _BLOCK_FACTORS[found[2]]
    return (size or Decimal(1)), found[3].strip() or "Units"


def _costs(row: Row, charge_type: str, pricing: str) -> tuple[Amount, Amount]:
    """Commitments: usage is billed nothing and costs its share; the purchase is billed and costs nothing by itself."""
    cost = amount_of(first(row, _COST))
    if pricing in _COMMITMENTS:
        if charge_type == "usage":
            return NOTHING, cost
        if charge_type in ("purchase", "refund"):
            return cost, NOTHING
    return cost, cost


def _list_cost(row: Row, quantity: str, block: Decimal) -> int | None:
    direct = first(row, ("paygcostinbillingcurrency",))
    if direct != "":
        return micros_of(direct)
    price = first(row, ("paygprice",))
    return micros_of(str(number_of(price) * number_of(quantity) / block)) if price != "" and quantity else None
