"""Cost and Usage Reports, legacy and 2.0, become charges in FOCUS terms."""

import json

import pytest

from cloudledger.adapters.billing import AwsCurParser
from cloudledger.adapters.parser import UnreadableRecordError
from cloudledger.adapters.records import Origin, Records
from tests.adapters.billing.billing_samples import charges_of, corpus_records, csv_records, needs_corpus

HEADER = (
    "identity/LineItemId,identity/TimeInterval,bill/PayerAccountId,lineItem/UsageAccountId,lineItem/LineItemType,"
    "lineItem/ProductCode,lineItem/UsageType,lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,"
    "lineItem/ResourceId,pricing/unit,resourceTags/user:Service"
)
INTERVAL = "2026-11-20T00:00:00Z/2026-11-21T00:00:00Z"
ARN = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/pay"


def line(
    line_id: str = "l1",
    kind: str = "Usage",
    usage_type: str = "EUC1-DataProcessing-Bytes",
    cost: str = "1.25",
    arn: str = ARN,
    tag: str = "",
) -> str:
    return f"{line_id},{INTERVAL},999,123456789012,{kind},AmazonCloudWatch,{usage_type},2.5,USD,{cost},{arn},GB,{tag}"


def test_a_row_names_the_log_group_its_region_its_service_and_what_it_charges_for() -> None:
    (charge,) = charges_of(csv_records(HEADER, line()))

    assert (charge.format, charge.provider, charge.account, charge.region) == (
        "aws.cur",
        "aws",
        "123456789012",
        "eu-central-1",
    )
    assert (charge.service, charge.resource, charge.log_class) == ("pay", ARN, "ingest")
    assert (charge.billed_cost_micros, charge.billing_currency) == (1_250_000, "USD")
    assert (charge.consumed_quantity, charge.consumed_unit, charge.sub_account_id) == ("2.5", "GB", "123456789012")
    assert charge.charge_period_end - charge.charge_period_start == 86_400_000_000_000


def test_a_tag_names_the_service_before_the_log_group_does() -> None:
    (charge,) = charges_of(csv_records(HEADER, line(tag="checkout")))

    assert (charge.service, charge.tags) == ("checkout", {"Service": "checkout"})


@pytest.mark.parametrize(
    ("kind", "category"), [("Usage", "Usage"), ("Tax", "Tax"), ("Credit", "Credit"), ("RIFee", "Purchase")]
)
def test_line_item_types_become_charge_categories(kind: str, category: str) -> None:
    (charge,) = charges_of(csv_records(HEADER, line(kind=kind)))

    assert charge.charge_category == category


@pytest.mark.parametrize(
    ("usage_type", "log_class"),
    [
        ("USE1-VendedLogIA-Bytes", "vended_ia"),
        ("VendedLog-Bytes-WAFLogs", "vended"),
        ("DataProcessingIA-Bytes", "ingest_ia"),
        ("TimedStorage-ByteHrs", "storage"),
        ("USW2-DataScanned-Bytes", "query"),
        ("CW:Requests", ""),
    ],
)
def test_usage_types_are_classified_infrequent_access_first(usage_type: str, log_class: str) -> None:
    (charge,) = charges_of(csv_records(HEADER, line(usage_type=usage_type)))

    assert charge.log_class == log_class


def test_a_restated_row_keeps_its_key_and_another_line_item_has_its_own() -> None:
    early, late, other = charges_of(csv_records(HEADER, line(cost="1"), line(cost="2"), line(line_id="l2")))

    assert early.charge_key == late.charge_key != other.charge_key
    assert early.export == ""
    assert len({early.event_id, late.event_id, other.event_id}) == 3


def test_digits_below_a_micro_unit_are_kept() -> None:
    (charge,) = charges_of(csv_records(HEADER, line(cost="0.0000003265")))

    assert (charge.billed_cost_micros, charge.billed_cost_picos) == (0, 326_500)


def test_a_quoted_field_may_hold_commas_quotes_and_line_ends() -> None:
    (charge,) = charges_of(csv_records(HEADER, line(tag='"a ""b"",\nc"')))

    assert charge.tags == {"Service": 'a "b",\nc'}


@pytest.mark.parametrize("bad", [line(cost="lots"), line() + ",more", line(tag='"open')])
def test_an_unreadable_line_is_refused_for_the_pipeline_to_isolate(bad: str) -> None:
    with pytest.raises(UnreadableRecordError):
        AwsCurParser().parse(csv_records(HEADER, line(), bad))


def test_cur_2_has_snake_case_columns_and_maps() -> None:
    row = {
        "identity_line_item_id": "x",
        "identity_time_interval": INTERVAL,
        "line_item_line_item_type": "Usage",
        "line_item_usage_account_id": "123456789012",
        "line_item_product_code": "AmazonCloudWatch",
        "line_item_usage_type": "VendedLog-Bytes",
        "line_item_unblended_cost": "0.5",
        "line_item_currency_code": "USD",
        "product": '{"region_code":"us-east-2"}',
        "resource_tags": {"user_service": "edge"},
    }

    (charge,) = charges_of(Records.of([json.dumps(row).encode()], Origin("cur2.json")))

    assert (charge.region, charge.service, charge.log_class) == ("us-east-2", "edge", "vended")


@needs_corpus
def test_the_rows_of_a_real_report_are_all_read() -> None:
    charges = charges_of(corpus_records("aws/cur_legacy_cloudwatch_rows.csv"))

    assert len({charge.charge_key for charge in charges}) == len(charges) == 64
    assert sum(charge.log_class == "storage" for charge in charges) == 39
    assert {charge.region for charge in charges} >= {"ca-central-1", "us-west-2", "us-east-2", "global"}
