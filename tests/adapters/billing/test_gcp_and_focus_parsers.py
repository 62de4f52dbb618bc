"""Google's billing export and FOCUS rows of any provider become charges."""

import json

import pytest

from cloudledger.adapters.billing import PARSERS
from cloudledger.adapters.parser import Sample
from cloudledger.adapters.records import Origin, Records
from tests.adapters.billing.billing_samples import CORPUS, charges_of, corpus_records, csv_records, needs_corpus

GCP = {
    "billing_account_id": "A-B-C",
    "service": {"id": "5490-F7B7-8DF6", "description": "Cloud Logging"},
    "sku": {"id": "143F-A1B0-E0BE", "description": "Log Storage cost"},
    "project": {"id": "shop", "labels": [{"key": "team", "value": "web"}]},
    "usage_start_time": "2026-11-20 00:00:00 UTC",
    "usage_end_time": "2026-11-21 00:00:00 UTC",
    "export_time": "2026-11-21T06:00:00Z",
    "cost": 10.5,
    "currency": "USD",
    "usage": {"amount": 22548578304, "unit": "bytes", "amount_in_pricing_units": 21, "pricing_unit": "gibibyte"},
    "credits": [{"name": "free", "amount": -0.5}, {"name": "deal", "amount": -1}],
    "invoice": {"month": "202611"},
    "cost_type": "regular",
    "labels": [{"key": "app", "value": "catalog"}],
}


def gcp_records(**changes: object) -> Records:
    return Records.of([json.dumps({**GCP, **changes}).encode()], Origin("gcp.ndjson"))


def test_a_nested_row_nets_its_credits_and_names_project_service_and_month() -> None:
    (charge,) = charges_of(gcp_records())

    assert (charge.format, charge.account, charge.service) == ("gcp.billing_export", "shop", "catalog")
    assert (charge.billed_cost_micros, charge.log_class, charge.charge_category) == (9_000_000, "ingest", "Usage")
    assert (charge.tags, charge.pricing_unit) == ({"team": "web", "app": "catalog"}, "gibibyte")
    assert charge.billing_period_end - charge.billing_period_start == 30 * 86_400_000_000_000


def test_an_append_with_a_later_export_time_is_another_charge() -> None:
    (first,) = charges_of(gcp_records())
    (second,) = charges_of(gcp_records(export_time="2026-11-22T06:00:00Z"))

    assert first.charge_key != second.charge_key
    assert first.exported_at < second.exported_at


@pytest.mark.parametrize(
    ("cost_type", "category"), [("tax", "Tax"), ("adjustment", "Adjustment"), ("regular", "Usage")]
)
def test_cost_types_become_charge_categories(cost_type: str, category: str) -> None:
    (charge,) = charges_of(gcp_records(cost_type=cost_type))

    assert charge.charge_category == category


def test_a_flat_csv_row_is_read_with_credits_as_text() -> None:
    header = "service.id,service.description,sku.id,sku.description,project.id,usage_start_time,cost,credits,currency"
    row = '5490-F7B7-8DF6,Cloud Logging,376D-A4B0-82E4,Vended,shop,2026-11-20T00:00:00Z,2,"[{""amount"":-0.25}]",USD'

    (charge,) = charges_of(csv_records(header, row))

    assert (charge.billed_cost_micros, charge.log_class, charge.account) == (1_750_000, "vended", "shop")


@needs_corpus
def test_the_real_flat_row_is_read() -> None:
    text = (CORPUS / "gcp/cloud_logging_row.json").read_text()

    (charge,) = charges_of(Records.of([text.encode()], Origin("row.json")))

    assert (charge.log_class, charge.consumed_quantity, charge.charge_period_start) == (
        "ingest",
        "837",
        1_681_639_200_000_000_000,
    )


@needs_corpus
def test_the_real_focus_rows_of_aws_are_classified_by_description() -> None:
    charges = charges_of(corpus_records("aws/focus_sample_cloudwatch_rows.csv"))

    found = [charge.log_class for charge in charges]
    assert (len(found), found.count("storage"), found.count("ingest"), found.count("vended")) == (63, 41, 6, 1)
    assert {charge.provider for charge in charges} == {"aws"}


def test_focus_rows_of_azure_are_classified_by_meter() -> None:
    row = {
        "BilledCost": "1.5",
        "ChargeCategory": "Usage",
        "ChargePeriodStart": "2026-11-20T00:00:00Z",
        "ServiceName": "Log Analytics",
        "ProviderName": "Microsoft",
        "SubAccountId": "/subscriptions/s1",
        "x_SkuMeterCategory": "Log Analytics",
        "x_SkuMeterName": "Pay-as-you-go Data Ingestion",
        "Tags": {"app": "cart"},
    }

    (charge,) = charges_of(Records.of([json.dumps(row).encode()], Origin("focus.json")))

    assert (charge.provider, charge.account, charge.log_class) == ("azure", "s1", "ingest")
    assert charge.service == "cart"


def test_a_log_record_is_no_billing_row() -> None:
    sample = Sample(b'{"cost": 3, "message": "cost 3", "service": {"id": 1}}', {}, Origin("app.json"))

    assert not any(parser.recognises(sample) for parser in PARSERS)


def test_a_row_s_columns_can_be_looked_at() -> None:
    parser = PARSERS[3]

    assert parser.attributes(b'{"cost": 2, "sku": {"id": "x"}}', {}) == {
        "gcp.billing.cost": 2,
        "gcp.billing.sku_id": "x",
    }
