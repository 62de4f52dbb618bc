"""Parse rows of Google Cloud's billing export to BigQuery: nested JSON, or flat JSON and CSV.

Net cost is `cost` plus the (negative) amounts of `credits`. The export only ever appends: late usage and corrections
are further rows with a later `export_time`, so that time is part of a row's identity.
See https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from ...domain.batch import EventBatch
from ...domain.timestamps import parse_timestamp_ns
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .amounts import amount_of, micros_of, number_of
from .billing_rows import Row, column_names, read_row
from .charges import Fields, charge_batch, charge_key, text, time_ns
from .column_names import dotted_name
from .log_class import gcp_log_class
from .tags import service_of, tags_of

_CATEGORIES = {"tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}

_TELLING = frozenset({"sku_id", "usage_start_time"})
"""Columns of which every row has one: rows of other formats in between have none."""


class GcpBillingParser:
    """Rows of Google Cloud billing exports."""

    format = "gcp.billing_export"

    def recognises(self, sample: Sample) -> bool:
        """Say whether the columns are a billing export's."""
        columns = column_names(sample, dotted_name)
        return {"sku_id", "usage_start_time", "cost"} <= columns

    def parse(self, records: Records) -> EventBatch:
        """Return one CostRecorded per row."""
        return charge_batch(records, self.format, dotted_name, _charge, _TELLING)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's columns under `gcp.billing`."""
        row = read_row(body, context, dotted_name)
        return {f"gcp.billing.{name}": value for name, value in row.items()}


def _charge(row: Row, metadata: Mapping[str, str]) -> Fields:
    tags = {**tags_of(row.get("project_labels")), **tags_of(row.get("tags")), **tags_of(row.get("labels"))}
    resource = text(row, "resource_global_name", "resource_name")
    gross = number_of(row.get("cost"))
    net = amount_of(gross + _credits(row.get("credits")))
    service_id, service = text(row, "service_id"), text(row, "service_description")
    sku_id, sku = text(row, "sku_id"), text(row, "sku_description")
    log_class = gcp_log_class(service_id, service, sku_id, sku)
    month = invoice_month_ns(text(row, "invoice_month"))
    return {
        "charge_key": charge_key(
            "gcp.billing_export", *[text(row, name) for name in _DIMENSIONS], sorted(tags.items())
        ),
        "exported_at": time_ns(row.get("export_time")),
        "provider": "gcp",
        "account": text(row, "project_id") or metadata.get("account", ""),
        "region": text(row, "location_region", "region", "location_location") or metadata.get("region", ""),
        "service": service_of(tags, resource),
        "resource": resource,
        "billed_cost_micros": net.micros,
        "billed_cost_picos": net.picos,
        "effective_cost_micros": net.micros,
        "list_cost_micros": micros_of(row.get("cost_at_list")),
        "billing_currency": text(row, "currency"),
        "charge_category": _CATEGORIES.get(text(row, "cost_type"), "Usage"),
        "charge_class": "Correction" if text(row, "adjustment_info_id") else "",
        "charge_description": sku,
        "charge_period_start": time_ns(row.get("usage_start_time")),
        "charge_period_end": time_ns(row.get("usage_end_time")),
        "billing_period_start": month[0],
        "billing_period_end": month[1],
        "billing_account_id": text(row, "billing_account_id"),
        "sub_account_id": text(row, "project_id"),
        "service_name": service,
        "service_category": "Management and Governance" if log_class else "",
        "sku_id": sku_id,
        "usage_type": sku,
        "operation": text(row, "cost_type"),
        "consumed_quantity": text(row, "usage_amount"),
        "consumed_unit": text(row, "usage_unit"),
        "pricing_quantity": text(row, "usage_amount_in_pricing_units"),
        "pricing_unit": text(row, "usage_pricing_unit"),
        "log_class": log_class,
        "tags": tags,
    }


_DIMENSIONS = (
    "export_time",
    "billing_account_id",
    "service_id",
    "sku_id",
    "project_id",
    "project_number",
    "location_region",
    "location_zone",
    "region",
    "zone",
    "usage_start_time",
    "usage_end_time",
    "usage_unit",
    "currency",
    "cost_type",
    "resource_name",
    "resource_global_name",
    "invoice_month",
    "transaction_type",
    "adjustment_info_id",
    "price_tier_start_amount",
)


def invoice_month_ns(month: str) -> tuple[int, int]:
    """Return start and end of an invoice month, zeros where there is none.

    >>> invoice_month_ns("202612") == (parse_timestamp_ns("2026-12-01"), parse_timestamp_ns("2027-01-01"))
    True
    """
    if len(month) != 6 or not month.isdecimal():
        return 0, 0
    year, number = int(month[:4]), int(month[4:])
    following = f"{year + number // 12:04d}-{number % 12 + 1:02d}-01"
    return parse_timestamp_ns(f"{month[:4]}-{month[4:]}-01") or 0, parse_timestamp_ns(following) or 0


def _credits(value: Any) -> Decimal:
    """Return the sum of a row's credits (they are negative)."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.MsgspecError:
            raise UnreadableRecordError("credits are no JSON list") from None
    if not isinstance(value, list):
        return Decimal(0)
    return sum((number_of(item.get("amount")) for item in value if isinstance(item, dict)), Decimal(0))
