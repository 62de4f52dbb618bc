"""Parse FOCUS rows of any provider (1.0 to 1.4), CSV or JSON: AWS Data Exports, Azure exports, Google's FOCUS table.

See https://focus.finops.org/focus-specification/. Costs are the billed ones: real exports hold rows that are billed and
have no effective cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...domain.batch import EventBatch
from ..parser import Sample
from ..records import Records
from .amounts import amount_of, micros_of
from .billing_rows import Row, column_names, read_row
from .charges import Fields, charge_batch, charge_key, text, time_ns
from .column_names import plain_name
from .log_class import aws_log_class, azure_log_class, gcp_log_class
from .tags import service_of, tags_of

_PROVIDERS = (("amazon", "aws"), ("aws", "aws"), ("microsoft", "azure"), ("azure", "azure"), ("google", "gcp"))

_TELLING = frozenset({"billedcost", "chargecategory"})
"""Columns of which every row has one: rows of other formats in between have none."""


class FocusParser:
    """Rows of FOCUS data sets."""

    format = "focus.charges"

    def recognises(self, sample: Sample) -> bool:
        """Say whether the columns are FOCUS's."""
        return {"billedcost", "chargecategory", "chargeperiodstart"} <= column_names(sample, plain_name)

    def parse(self, records: Records) -> EventBatch:
        """Return one CostRecorded per row."""
        return charge_batch(records, self.format, plain_name, _charge, _TELLING)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's columns under `focus`."""
        row = read_row(body, context, plain_name)
        return {f"focus.{name}": value for name, value in row.items()}


def _charge(row: Row, metadata: Mapping[str, str]) -> Fields:
    provider = _provider(row) or metadata.get("provider", "")
    tags, resource = tags_of(row.get("tags")), text(row, "resourceid")
    billed = amount_of(row.get("billedcost"))
    account = text(row, "subaccountid").removeprefix("/subscriptions/")
    return {
        "charge_key": charge_key("focus", *[text(row, name) for name in _DIMENSIONS]),
        "provider": provider,
        "account": account or text(row, "billingaccountid") or metadata.get("account", ""),
        "region": text(row, "regionid", "region") or metadata.get("region", ""),
        "service": service_of(tags, resource),
        "resource": resource,
        "billed_cost_micros": billed.micros,
        "billed_cost_picos": billed.picos,
        "effective_cost_micros": amount_of(row.get("effectivecost")).micros,
        "list_cost_micros": micros_of(row.get("listcost")),
        "billing_currency": text(row, "billingcurrency"),
        "charge_category": text(row, "chargecategory"),
        "charge_class": text(row, "chargeclass"),
        "charge_description": text(row, "chargedescription"),
        "charge_period_start": time_ns(row.get("chargeperiodstart")),
        "charge_period_end": time_ns(row.get("chargeperiodend")),
        "billing_period_start": time_ns(row.get("billingperiodstart")),
        "billing_period_end": time_ns(row.get("billingperiodend")),
        "billing_account_id": text(row, "billingaccountid"),
        "sub_account_id": text(row, "subaccountid"),
        "service_name": text(row, "servicename"),
        "service_category": text(row, "servicecategory"),
        "sku_id": text(row, "skuid"),
        "usage_type": text(row, "xusagetype", "xskumetername", "skumeter"),
        "operation": text(row, "xoperation"),
        "consumed_quantity": text(row, "consumedquantity", "pricingquantity"),
        "consumed_unit": text(row, "consumedunit", "pricingunit"),
        "pricing_quantity": text(row, "pricingquantity"),
        "pricing_unit": text(row, "pricingunit"),
        "log_class": _log_class(row, provider),
        "tags": tags,
    }


_DIMENSIONS = (
    "billingaccountid",
    "subaccountid",
    "chargeperiodstart",
    "chargeperiodend",
    "chargecategory",
    "chargeclass",
    "chargedescription",
    "chargefrequency",
    "billingcurrency",
    "providername",
    "serviceprovidername",
    "servicename",
    "regionid",
    "availabilityzone",
    "resourceid",
    "skuid",
    "skupriceid",
    "xusagetype",
    "xoperation",
    "xskumetername",
    "xskumeterid",
    "commitmentdiscountid",
    "consumedunit",
    "tags",
)


def _provider(row: Row) -> str:
    names = text(row, "serviceprovidername", "providername", "publishername", "invoiceissuername").lower()
    return next((provider for part, provider in _PROVIDERS if part in names), "")


def _log_class(row: Row, provider: str) -> str:
    service, description = text(row, "servicename"), text(row, "chargedescription")
    if provider == "aws":
        product = text(row, "xservicecode") or service
        return aws_log_class(product, text(row, "xusagetype"), description)
    meter = text(row, "xskumetername", "skumeter") or description
    if provider == "azure":
        return azure_log_class(text(row, "xskumetercategory") or service, meter)
    return gcp_log_class("", service, text(row, "skuid"), text(row, "skumeter") or description) if provider else ""
