"""Records become events, whatever wraps them; what nobody understands is kept with a reason."""

import base64
import gzip
import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.events import Flag, Kind, LogRecorded, RecordRejected
from tests.adapters.builders import (
    ORIGIN,
    container_log_v2,
    fluent_bit,
    gke_entry,
    lambda_trigger,
    records,
    subscription,
)


def parse(*bodies: bytes | str, origin: Origin = ORIGIN) -> EventBatch:
    return EventBatch.concat(Pipeline().parse(records(*bodies, origin=origin)))


def test_a_container_line_in_a_cloudwatch_message_names_its_service_and_time() -> None:
    [event] = parse(subscription(fluent_bit("10:00 ERROR no stock")))

    assert (event.format, event.provider, event.service, event.severity) == ("aws.eks.container", "aws", "cart", 17)
    assert event.occurred_at == 1_795_168_800_500_000_000
    assert event.account == "123456789012"
    assert event.resource == "k8s://prod/shop/pod/cart-5fcd447d84-wxwjd"
    assert "k8s://prod/shop/deployment/cart" in event.mentions


def test_the_payload_is_the_log_event_as_received() -> None:
    message = subscription(fluent_bit("ready"))

    [event] = parse(message)

    assert isinstance(event, LogRecorded)
    assert json.loads(event.payload) == json.loads(message)["logEvents"][0]
    assert json.loads(event.context)["logGroup"] == "/aws/containerinsights/prod/application"


def test_envelopes_nest_in_any_order() -> None:
    [event] = parse(lambda_trigger(subscription(fluent_bit("WARN slow"))))

    assert (event.service, event.severity) == ("cart", 13)


@pytest.mark.parametrize("broken", [gzip.compress(b"a" * 80_000_000), gzip.compress(os.urandom(5000))[:-2000]])
def test_a_carrier_that_unpacks_endlessly_or_ends_early_is_kept_as_it_came(broken: bytes) -> None:
    carrier = json.dumps({"awslogs": {"data": base64.b64encode(broken).decode()}})

    [event] = parse(carrier)

    assert isinstance(event, LogRecorded | RecordRejected)
    assert event.payload == carrier.encode()


def test_a_record_has_the_same_id_however_it_was_carried() -> None:
    [direct] = parse(subscription(fluent_bit("ready")))
    [carried] = parse(lambda_trigger(subscription(fluent_bit("ready"))))

    assert direct.event_id == carried.event_id


def test_a_control_message_gives_no_event_and_no_error() -> None:
    assert len(parse(subscription("x", kind="CONTROL_MESSAGE"))) == 0


def test_container_rows_of_azure_and_google_name_service_account_and_cluster() -> None:
    [azure] = parse(container_log_v2("INFO paid"))
    [google] = parse(gke_entry("sent"))

    assert (azure.format, azure.service, azure.account) == ("azure.aks.container", "pay", "0b1f")
    assert (google.format, google.service, google.account, google.region) == (
        "gcp.gke.container",
        "mail",
        "shop-prod",
        "europe-west4",
    )


def test_the_entrys_own_trace_wins_over_the_text() -> None:
    own = "0af7651916cd43dd8448eb211c80319c"
    [event] = parse(gke_entry("trace_id=" + "1" * 32, trace=f"projects/p/traces/{own}", spanId="b7ad6b7169203331"))

    assert (event.trace_id, event.span_id) == (own, "b7ad6b7169203331")


def test_mixed_records_come_out_in_their_order() -> None:
    bodies = [
        container_log_v2("one", _ItemId="1"),
        gke_entry("two"),
        "plain three",
        container_log_v2("four", _ItemId="4"),
    ]

    batch = parse(*bodies)

    assert batch.format.to_list() == ["azure.aks.container", "gcp.gke.container", "app.text", "azure.aks.container"]


def test_one_bad_record_among_many_is_rejected_alone() -> None:
    good = [container_log_v2(f"line {index}", _ItemId=str(index)) for index in range(100)]
    bodies = [*good[:40], '{"TimeGenerated": "2026', *good[40:]]

    batch = parse(*bodies)

    assert len(batch) == 101
    [row] = np.flatnonzero(batch.kind == Kind.RECORD_REJECTED).tolist()
    rejected = batch[row]
    assert isinstance(rejected, RecordRejected)
    assert rejected.payload == b'{"TimeGenerated": "2026'
    assert rejected.reason


def test_a_field_of_the_wrong_type_does_not_lose_the_record() -> None:
    batch = parse(container_log_v2("fine"), container_log_v2("odd", PodName=17))

    assert len(batch) == 2
    assert batch.format.to_list() == ["azure.aks.container", "app.json"]


def test_a_record_without_readable_time_takes_the_time_of_its_object() -> None:
    [event] = parse(container_log_v2("x", TimeGenerated="1677-09-21T00:12:43.145224192Z"))

    assert event.occurred_at == ORIGIN.observed_at
    assert event.flags & Flag.TIME_UNSET


def test_bytes_that_are_no_text_are_kept_as_they_were() -> None:
    [event] = parse(b"\xff\xfe broken \x80 text")

    assert isinstance(event, LogRecorded)
    assert event.payload == b"\xff\xfe broken \x80 text"
    assert event.flags & Flag.FIELD_UNREADABLE


def test_secrets_do_not_reach_an_event_however_deep_they_were_wrapped() -> None:
    line = fluent_bit("login password=hunter2hunter2 ok")
    pipeline = Pipeline()

    batch = EventBatch.concat(pipeline.parse(records(lambda_trigger(subscription(line)))))

    assert b"hunter2" not in batch.payload.data
    assert sum(pipeline.redacted.values()) >= 1


def test_a_list_of_records_is_split() -> None:
    batch = parse(json.dumps([json.loads(gke_entry("a")), json.loads(gke_entry("b", insertId="2"))]))

    assert batch.format.to_list() == ["gcp.gke.container"] * 2


def test_documents_written_one_after_another_are_split() -> None:
    batch = parse(subscription(fluent_bit("a")) + subscription(fluent_bit("b")))

    assert batch.service.to_list() == ["cart", "cart"]


def test_hostile_nesting_ends_in_an_event() -> None:
    assert len(parse("[" * 5000 + "]" * 5000)) == 1


@pytest.mark.parametrize("damage", range(40))
def test_a_record_cut_anywhere_is_never_lost(damage: int) -> None:
    body = container_log_v2("ERROR x").encode()
    cut = body[: len(body) * damage // 40]

    batch = EventBatch.concat(Pipeline().parse(Records.of([cut] if cut else [b"-"], ORIGIN)))

    assert len(batch) == 1


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=20))
def test_whatever_bytes_arrive_each_record_becomes_an_event(bodies: list[bytes]) -> None:
    """Nothing raises and nothing is lost; a list may give more events, an empty one or a file's `#` header none."""
    batch = EventBatch.concat(Pipeline().parse(Records.of(bodies, ORIGIN)))

    without_events = sum(body.strip() in (b"[]", b"{}") or body.startswith(b"#") for body in bodies)
    assert len(batch) >= len(bodies) - without_events
