"""Whatever carries records, in whatever order carriers nest: each record is an event, with the id it has alone."""

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudledger.adapters.files import FileSource
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.events import Kind
from tests.adapters.builders import container_log_v2, gke_entry, subscription
from tests.adapters.envelopes import CARRIERS, KEEPING, encoded, members, nested
from tests.adapters.native_records import app_row, cloudtrail, gcp_audit, gcp_request, run_line
from tests.adapters.parsed import batch_of_records, event_of


def own_records(seed: int, count: int) -> list[str]:
    """Records of three clouds that have ids of their own."""
    random = Random(seed)
    makers = (
        lambda name: cloudtrail(eventID=name),
        lambda name: gcp_request(insertId=name),
        lambda name: run_line(insertId=name),
        lambda name: gke_entry("ERROR x", insertId=name),
        lambda name: container_log_v2("ERROR x", _ItemId=name),
        lambda name: app_row("AppTraces", _ItemId=name, Message="x"),
    )
    return [random.choice(makers)(f"{seed}-{index}") for index in range(count)]


def formats_and_ids(batch: EventBatch) -> Counter[tuple[str, int, int]]:
    ids = [tuple(one) for one in batch.event_id.tolist()]
    return Counter((name, *one) for name, one in zip(batch.format.to_list(), ids, strict=True))


@pytest.mark.parametrize("name", KEEPING)
@pytest.mark.parametrize("count", [1, 3])
def test_a_carrier_changes_neither_format_nor_id(name: str, count: int) -> None:
    records = own_records(7, count)

    assert formats_and_ids(batch_of_records(KEEPING[name](records))) == formats_and_ids(batch_of_records(*records))


@pytest.mark.parametrize("name", CARRIERS)
def test_a_carrier_loses_no_record(name: str) -> None:
    records = own_records(8, 3)

    batch = batch_of_records(CARRIERS[name](records))

    assert Counter(batch.format.to_list()) == Counter(batch_of_records(*records).format.to_list())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32),
    st.integers(1, 4),
    st.lists(st.sampled_from(sorted(KEEPING)), min_size=1, max_size=5),
)
def test_carriers_nest_in_any_order(seed: int, count: int, names: list[str]) -> None:
    """Nothing is lost, nothing is rejected, and every record has the id that it has alone."""
    records = own_records(seed, count)

    batch = batch_of_records(nested(names, records))

    assert formats_and_ids(batch) == formats_and_ids(batch_of_records(*records))
    assert (batch.kind == Kind.LOG_RECORDED).all()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.lists(st.sampled_from(sorted(CARRIERS)), min_size=1, max_size=4))
def test_carriers_with_ids_of_their_own_lose_nothing_either(seed: int, names: list[str]) -> None:
    records = own_records(seed, 2)

    assert len(batch_of_records(nested(names, records))) == len(records)


@pytest.mark.parametrize(
    "body",
    [
        subscription("CWL CONTROL MESSAGE: Checking health of destination", kind="CONTROL_MESSAGE"),
        json.dumps({"awslogs": {"data": members([subscription("x", kind="CONTROL_MESSAGE")])}}),
        json.dumps({"Event": "s3:TestEvent", "Service": "Amazon S3", "Bucket": "b"}),
        json.dumps(
            {
                "Type": "SubscriptionConfirmation",
                "TopicArn": "arn:aws:sns:eu-west-1:1:t",
                "SubscribeURL": "https://x",
                "Message": "y",
            }
        ),
        json.dumps({"awsAccountId": "1", "digestStartTime": "2026-11-20T10:00:00Z", "logFiles": []}),
        "Enable AccessLog for ELB: shop at 2026-11-20T10:00:00.000Z",
        *[json.dumps({key: []}) for key in ("Records", "records", "entries", "value")],
        "[]",
    ],
)
def test_control_messages_digests_test_files_and_empty_lists_are_valid_and_give_nothing(body: str) -> None:
    assert len(batch_of_records(body)) == 0


def test_events_of_centralised_log_groups_have_the_account_and_region_of_their_origin() -> None:
    message = json.loads(subscription("ERROR a", "ERROR b"))
    message["logEvents"][0]["extractedFields"] = {"@aws.account": "999999999999", "@aws.region": "eu-north-1"}

    batch = batch_of_records(json.dumps(message))

    assert sorted(zip(batch.account.to_list(), batch.region.to_list(), strict=True)) == [
        ("123456789012", ""),
        ("999999999999", "eu-north-1"),
    ]


def test_a_notification_of_a_bucket_points_to_an_object_and_is_no_audit_record() -> None:
    notice = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-11-20T10:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "logs", "arn": "arn:aws:s3:::logs"}, "object": {"key": "a%2Fb.gz", "size": 7}},
    }

    event = event_of(json.dumps({"Records": [notice]}))

    assert (event.format, event.name, event.resource) == (
        "aws.s3.notification",
        "ObjectCreated:Put",
        "arn:aws:s3:::logs",
    )


def test_a_message_in_plain_words_stays_the_message() -> None:
    body = json.dumps(
        {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "disk full", "MessageId": "m"}
    )

    assert event_of(body).format == "app.json"


def test_what_a_carrier_hides_is_redacted() -> None:
    secret = run_line("login password=hunter2hunter2 ok")

    for name, wrap in CARRIERS.items():
        batch = batch_of_records(wrap([secret]))
        assert b"hunter2hunter2" not in batch.payload.data, name


@pytest.mark.parametrize("data", ["not base64!", encoded(b"\x1f\x8b broken"), encoded("half a {")])
def test_a_carrier_that_cannot_be_opened_is_kept(data: str) -> None:
    batch = batch_of_records(json.dumps({"message": {"data": data}, "subscription": "s"}))

    assert len(batch) == 1


def test_carriers_without_end_become_an_event() -> None:
    body = run_line()
    for _ in range(16):
        body = KEEPING["array"]([body])

    assert len(batch_of_records(body)) == 1


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("shape", ["lines", "array", "records"])
def test_a_file_may_be_lines_an_array_or_an_object_of_records(
    tmp_path: Path, shape: str, mark: str, line_end: str
) -> None:
    records = [gcp_audit(resourceName=f"projects/p/instances/i{index}") for index in range(5)]
    content = {
        "lines": line_end.join(records) + line_end,
        "array": f"[{line_end}{(',' + line_end).join(records)}{line_end}]",
        "records": f'{{"records":{line_end}[{(",").join(records)}]}}',
    }[shape]
    path = tmp_path / "PT1H.json"
    path.write_bytes((mark + content).encode())

    batches = [batch for chunk in FileSource(path).chunks(None) for batch in Pipeline().parse(chunk.records)]

    assert [name for batch in batches for name in batch.format.to_list()] == ["gcp.audit"] * 5
