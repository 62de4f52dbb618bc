"""Azure exports of every header dialect become charges in FOCUS terms."""

import pytest

from tests.adapters.billing.billing_samples import charges_of, corpus_records, csv_records, needs_corpus

HEADER = (
    "SubscriptionId,Date,MeterCategory,MeterName,Quantity,UnitOfMeasure,CostInBillingCurrency,BillingCurrency,"
    "ResourceId,ResourceLocation,ChargeType,PricingModel,Tags"
)
WORKSPACE = "/subscriptions/S1/resourceGroups/Obs/providers/Microsoft.OperationalInsights/workspaces/W"


def line(
    meter: str = "Data Ingestion", kind: str = "Usage", model: str = "OnDemand", tags: str = "", unit: str = "1 GB"
) -> str:
    return f"S1,11/20/2026,Log Analytics,{meter},25,{unit},57.5,EUR,{WORKSPACE},US East,{kind},{model},{tags}"


def test_a_row_names_subscription_workspace_region_and_money() -> None:
    (charge,) = charges_of(csv_records(HEADER, line()))

    assert (charge.format, charge.account, charge.region) == ("azure.cost_export", "S1", "eastus")
    assert charge.resource == WORKSPACE.lower()
    assert (charge.billed_cost_micros, charge.billing_currency, charge.log_class) == (57_500_000, "EUR", "ingest")
    assert charge.charge_period_start == 1_795_132_800_000_000_000


@pytest.mark.parametrize("tags", ['"{""app"": ""cart""}"', '"""app"": ""cart"""'])
def test_tags_are_read_with_and_without_braces(tags: str) -> None:
    (charge,) = charges_of(csv_records(HEADER, line(tags=tags)))

    assert (charge.tags, charge.service) == ({"app": "cart"}, "cart")


def test_a_unit_of_measure_is_taken_apart() -> None:
    (charge,) = charges_of(csv_records(HEADER, line(unit="100 GB")))

    assert (charge.consumed_quantity, charge.consumed_unit, charge.pricing_quantity) == ("25", "GB", "0.25")


@pytest.mark.parametrize(
    ("kind", "model", "billed", "effective"),
    [
        ("Usage", "Reservation", 0, 57_500_000),
        ("Purchase", "Reservation", 57_500_000, 0),
        ("Usage", "OnDemand", 57_500_000, 57_500_000),
    ],
)
def test_commitments_are_billed_when_bought_and_cost_when_used(
    kind: str, model: str, billed: int, effective: int
) -> None:
    (charge,) = charges_of(csv_records(HEADER, line(kind=kind, model=model)))

    assert (charge.billed_cost_micros, charge.effective_cost_micros) == (billed, effective)


def test_a_refund_is_a_corrected_purchase() -> None:
    (charge,) = charges_of(csv_records(HEADER, line(kind="Refund")))

    assert (charge.charge_category, charge.charge_class) == ("Purchase", "Correction")


@pytest.mark.parametrize(
    ("meter", "log_class"),
    [
        ("Pay-as-you-go Data Retention", "storage"),
        ("Analytics Logs Pay-as-you-go Data Ingestion", "ingest"),
        ("Basic Logs Data Ingestion", "ingest_basic"),
        ("500 GB Commitment Tier Capacity Reservation", "ingest"),
        ("Search Queries Scanned", "query"),
        ("Log Analytics data export Data Exported", "export"),
    ],
)
def test_meters_are_classified_by_old_and_new_names(meter: str, log_class: str) -> None:
    (charge,) = charges_of(csv_records(HEADER, line(meter=meter)))

    assert charge.log_class == log_class


def test_rows_without_an_id_share_a_key_within_their_export() -> None:
    first, second = charges_of(csv_records(HEADER, line(), line()))

    assert (first.charge_key, first.export) == (second.charge_key, "export.csv")
    assert first.event_id != second.event_id


def test_the_parts_of_one_export_count_as_one() -> None:
    (charge,) = charges_of(csv_records(HEADER, line(), key="exports/run-1/part_0_0001.csv"))

    assert charge.export == "exports/run-1"


@needs_corpus
@pytest.mark.parametrize(
    ("name", "micros", "region"),
    [
        ("azure/opencost_headers_BOM.csv", 0, ""),
        ("azure/opencost_headers_Enterprise.csv", 0, "canadacentral"),
        ("azure/opencost_headers_EnterpriseCamel.csv", 12_000, "westus"),
        ("azure/opencost_headers_German.csv", 75_000, "eastus"),
        ("azure/opencost_headers_PayAsYouGo.csv", 75_000, "eastus"),
        ("azure/opencost_headers_YA.csv", 75_000, "eastus"),
        ("azure/opencost_values_MissingBrackets.csv", 4_000_000, ""),
        ("azure/opencost_values_VirtualMachine.csv", 4_000_000, ""),
        ("azure/opencost_values_Template.csv", 16_393_501, ""),
    ],
)
def test_every_header_dialect_is_read(name: str, micros: int, region: str) -> None:
    charges = charges_of(corpus_records(name))

    total = sum(charge.billed_cost_micros for charge in charges)
    assert (total, charges[0].region) == (micros, region)
    assert all(charge.charge_period_start for charge in charges)
