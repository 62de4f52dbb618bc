"""Parse AWS Cost and Usage Reports: legacy CSV (`lineItem/UsageType`) and CUR 2.0 (`line_item_usage_type`).

Costs follow the FOCUS converter's published rules for CUR line item types.
See https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ...domain.batch import EventBatch
from ..parser import Sample
from ..records import Records
from .amounts import NOTHING, Amount, amount_of, micros_of
from .aws_regions import region_of_usage_type
from .billing_rows import Row, column_names, read_row
from .charges import Fields, charge_batch, charge_key, first, text, time_ns
from .column_names import snake_name
from .log_class import aws_log_class
from .tags import service_of, tags_of

_CATEGORIES = {
    "Tax": "Tax",
    "Credit": "Credit",
    "Refund": "Credit",
    "Fee": "Purchase",
    "RIFee": "Purchase",
    "SavingsPlanRecurringFee": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase",
    "SavingsPlanNegation": "Adjustment",
    "EdpDiscount": "Adjustment",
    "PrivateRateDiscount": "Adjustment",
    "BundledDiscount": "Adjustment",
    "Discount": "Adjustment",
}
"""CUR line item type to FOCUS ChargeCategory; all others are Usage."""

_NO_EFFECT = frozenset(("SavingsPlanNegation", "SavingsPlanUpfrontFee"))

_TELLING = frozenset({"line_item_line_item_type", "line_item_usage_type", "line_item_unblended_cost"})
"""Columns of which every row has one: rows of other formats in between have none."""


class AwsCurParser:
    """Rows of AWS Cost and Usage Reports."""

    format = "aws.cur"

    def recognises(self, sample: Sample) -> bool:
        """Say whether the columns are a CUR's."""
        columns = column_names(sample, snake_name)
        return "line_item_line_item_type" in columns or {"line_item_usage_type", "line_item_unblended_cost"} <= columns

    def parse(self, records: Records) -> EventBatch:
        """Return one CostRecorded per row."""
        return charge_batch(records, self.format, snake_name, _charge, _TELLING)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's columns under `aws.cur`."""
        row = read_row(body, context, snake_name)
        return {f"aws.cur.{name}": value for name, value in row.items()}


def _charge(row: Row, metadata: Mapping[str, str]) -> Fields:
    _unfold(row)
    product, usage_type = text(row, "line_item_product_code"), text(row, "line_item_usage_type")
    resource = text(row, "line_item_resource_id")
    tags = {name[4:]: str(value) for name, value in row.items() if name[:4] == "tag:"}
    billed, period = _billed(row), _period(row)
    line_type = text(row, "line_item_line_item_type")
    cloudwatch = product == "AmazonCloudWatch"
    return {
        **_identity(row, line_type, usage_type, resource),
        "provider": "aws",
        "account": text(row, "line_item_usage_account_id") or metadata.get("account", ""),
        "region": _region(row, usage_type) or metadata.get("region", ""),
        "service": service_of(tags, resource),
        "resource": resource,
        "billed_cost_micros": billed.micros,
        "billed_cost_picos": billed.picos,
        "effective_cost_micros": _effective(row, line_type, billed),
        "list_cost_micros": micros_of(row.get("pricing_public_on_demand_cost")),
        "billing_currency": text(row, "line_item_currency_code"),
        "charge_category": _CATEGORIES.get(line_type, "Usage"),
        "charge_class": "Correction" if line_type == "Refund" else "",
        "charge_description": text(row, "line_item_line_item_description"),
        "charge_period_start": period[0],
        "charge_period_end": period[1],
        "billing_period_start": time_ns(row.get("bill_billing_period_start_date")),
        "billing_period_end": time_ns(row.get("bill_billing_period_end_date")),
        "billing_account_id": text(row, "bill_payer_account_id"),
        "sub_account_id": text(row, "line_item_usage_account_id"),
        "service_name": product or text(row, "product_servicecode", "product_product_name"),
        "service_category": "Management and Governance" if cloudwatch else "",
        "sku_id": text(row, "product_sku"),
        "usage_type": usage_type,
        "operation": text(row, "line_item_operation"),
        "consumed_quantity": text(row, "line_item_usage_amount"),
        "consumed_unit": text(row, "pricing_unit"),
        "pricing_quantity": text(row, "line_item_usage_amount") if line_type != "Tax" else "",
        "pricing_unit": text(row, "pricing_unit"),
        "log_class": aws_log_class(product, usage_type, text(row, "line_item_line_item_description")),
        "tags": tags,
    }


def _unfold(row: Row) -> None:
    """Add the entries of CUR 2.0's map columns, which a CSV holds as JSON text."""
    product = row.get("product")
    if isinstance(product, str) and product.startswith("{"):
        try:
            row.update({f"product_{snake_name(n)}": v for n, v in msgspec.json.decode(product).items() if v})
        except msgspec.MsgspecError:
            return
    if "resource_tags" in row:
        row.update({f"tag:{name}": value for name, value in tags_of(row["resource_tags"]).items()})


def _identity(row: Row, line_type: str, usage_type: str, resource: str) -> Fields:
    """A line item id is unique within its report and interval; without one the row's dimensions stand for it."""
    line_id, interval = text(row, "identity_line_item_id"), text(row, "identity_time_interval")
    dimensions = [text(row, name) for name in _DIMENSIONS] if not (line_id and interval) else []
    period = [text(row, "line_item_usage_start_date"), text(row, "line_item_usage_end_date")] if not interval else []
    return {
        "charge_key": charge_key("aws.cur", line_id, interval, line_type, usage_type, resource, *period, *dimensions),
        "own_key": bool(line_id and interval),
    }


_DIMENSIONS = (
    "bill_payer_account_id",
    "line_item_usage_account_id",
    "line_item_product_code",
    "line_item_operation",
    "line_item_availability_zone",
    "line_item_line_item_description",
    "line_item_currency_code",
    "pricing_rate_id",
    "product_sku",
    "product_region_code",
    "reservation_reservation_arn",
    "savings_plan_savings_plan_arn",
)


def _billed(row: Row) -> Amount:
    return amount_of(first(row, ("line_item_net_unblended_cost", "line_item_unblended_cost")))


def _effective(row: Row, line_type: str, billed: Amount) -> int:
    if line_type == "SavingsPlanCoveredUsage":
        return amount_of(row.get("savings_plan_savings_plan_effective_cost")).micros
    if line_type == "SavingsPlanRecurringFee":
        used = amount_of(row.get("savings_plan_used_commitment")).micros
        return amount_of(row.get("savings_plan_total_commitment_to_date")).micros - used
    if line_type in _NO_EFFECT or (line_type == "Fee" and row.get("reservation_reservation_arn")):
        return NOTHING.micros
    if line_type == "DiscountedUsage":
        return amount_of(row.get("reservation_effective_cost")).micros
    if line_type == "RIFee":
        unused = amount_of(row.get("reservation_unused_amortized_upfront_fee_for_billing_period")).micros
        return unused + amount_of(row.get("reservation_unused_recurring_fee")).micros
    return billed.micros


def _period(row: Row) -> tuple[int, int]:
    start, _, end = text(row, "identity_time_interval").partition("/")
    return (
        time_ns(row.get("line_item_usage_start_date")) or time_ns(start),
        time_ns(row.get("line_item_usage_end_date")) or time_ns(end),
    )


def _region(row: Row, usage_type: str) -> str:
    region = text(row, "product_region_code", "product_region")
    return region or region_of_usage_type(usage_type)
