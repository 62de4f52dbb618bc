"""Sources that disagree on a fact are kept apart; the strongest is picked, and conflicts can be asked for."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloudledger.adapters import Claim, claims_of, conflicts, conflicts_of
from cloudledger.adapters.claim_agreement import Tolerance
from cloudledger.adapters.claim_sources import FACTS, PICKED
from cloudledger.adapters.claims import PRECEDENCE
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.events import DeploymentRecorded, Event, LogRecorded
from cloudledger.store import Ledger
from tests.adapters.builders import container_log_v2, fluent_bit, gke_entry, subscription
from tests.adapters.native_records import cloudtrail, diagnostics, gcp_audit
from tests.adapters.parsed import batch_of_records, event_of
from tests.adapters.test_log_corpora import LOGS, files, parsed
from tests.adapters.test_vocabulary import RECORDS

Words = list[tuple[object, str, bool]]


def words(event: Event, fact: str) -> Words:
    """Return what is said about a fact: value, source without identifiers, and whether it was picked."""
    return [(one.value, one.source[:30], one.picked) for one in claims_of(event) if one.fact == fact]


def disagreed(event: Event) -> list[str]:
    return [one.fact for one in conflicts_of(event)]


def test_the_records_account_is_picked_over_its_envelopes() -> None:
    event = event_of(subscription(cloudtrail(resources=[])))

    assert words(event, "account")[0] == ("012345678901", "record:recipientAccountId", True)
    assert words(event, "account")[-1] == ("123456789012", "envelope:owner", False)
    assert "account" in disagreed(event)


def test_the_region_of_the_record_is_picked_over_that_of_its_resource() -> None:
    event = LogRecorded(
        format="aws.cloudtrail",
        provider="aws",
        region="us-west-2",
        resource="arn:aws:rds:eu-west-1:012345678901:db:orders",
        payload=b'{"awsRegion":"us-west-2"}',
    )

    assert words(event, "region") == [
        ("us-west-2", "record:awsRegion", True),
        ("eu-west-1", "identifier:arn:aws:rds:eu-west-1:012345678901:db:orders"[:30], False),
    ]
    assert "region" in disagreed(event)


def test_the_label_of_a_pod_is_picked_over_the_service_that_its_log_names() -> None:
    event = event_of(subscription(fluent_bit('{"service":"payments","level":"info","msg":"x"}')))

    assert words(event, "service") == [
        ("cart", "record:kubernetes.labels.app", True),
        ("payments", "text:service", False),
    ]
    assert disagreed(event) == ["service"]


def test_the_level_in_a_message_is_picked_over_its_carriers() -> None:
    event = event_of(gke_entry("E0417 12:00:00.1 1 a.go:1] no", severity="INFO"))

    assert words(event, "severity") == [(17, "text", True), (9, "record:severity", False)]
    assert disagreed(event) == ["severity"]


def test_levels_of_one_range_do_not_disagree() -> None:
    assert disagreed(event_of(gke_entry("INFO started", severity="NOTICE"))) == []


def test_a_clock_that_is_ahead_of_its_carrier_is_a_conflict() -> None:
    ahead = event_of(gke_entry("x", timestamp="2026-11-20T10:06:00Z", receiveTimestamp="2026-11-20T10:00:00Z"))
    within = event_of(gke_entry("x", timestamp="2026-11-20T10:04:00Z", receiveTimestamp="2026-11-20T10:00:00Z"))
    late = event_of(gke_entry("x", timestamp="2026-11-20T10:00:00Z", receiveTimestamp="2026-11-20T16:00:00Z"))
    very_late = event_of(gke_entry("x", timestamp="2026-11-18T10:00:00Z", receiveTimestamp="2026-11-20T10:00:00Z"))

    assert [disagreed(event) for event in (ahead, within, late, very_late)] == [["time"], [], [], ["time"]]
    assert words(ahead, "time")[0] == (datetime(2026, 11, 20, 10, 6, tzinfo=UTC), "record:timestamp", True)
    assert conflicts_of(ahead, tolerance=Tolerance(skew_s=600)) == ()


def test_zones_regions_and_multi_regions_do_not_disagree() -> None:
    labels = {"project_id": "shop-prod", "location": "europe-west4-a", "cluster_name": "c", "pod_name": "x-1"}
    event = event_of(gke_entry("x", resource={"type": "k8s_container", "labels": labels}))

    assert event.region == "europe-west4"
    assert disagreed(event) == []


def test_what_the_user_told_is_a_claim_of_the_event() -> None:
    event = LogRecorded(format="app.json", account="7", payload=b'{"accountId":"8"}')

    assert words(event, "account") == [("8", "record:accountId", False), ("7", "event", True)]
    assert disagreed(event) == ["account"]


def test_a_project_by_id_and_by_number_is_one() -> None:
    event = event_of(gcp_audit())

    assert {one.value for one in claims_of(event) if one.fact == "account"} >= {"shop-prod"}
    assert "account" not in disagreed(event)


def test_azures_two_subscriptions_of_one_record_disagree() -> None:
    event = event_of(diagnostics("SomethingNew", subscriptionId="11111111-1bf0-4dda-aec3-cb9272f09590"))

    assert disagreed(event) == ["account"]


def test_other_events_than_logs_make_no_claims() -> None:
    assert claims_of(DeploymentRecorded(deployment_id="1", phase="started", account="7")) == ()


@pytest.mark.parametrize("name", RECORDS)
def test_what_was_picked_is_what_the_strongest_source_says(name: str) -> None:
    assert picked_by_the_strongest(event_of(RECORDS[name])) == []


@pytest.mark.skipif(not LOGS.is_dir(), reason="the corpora are not at hand")
def test_real_records_are_picked_by_precedence() -> None:
    events = [event for file in files() for event in parsed(str(Path(file).relative_to(LOGS)))[::7]]

    assert [found for event in events for found in picked_by_the_strongest(event)] == []


def picked_by_the_strongest(event: Event) -> list[tuple[str, str]]:
    """Return the facts whose column holds nothing that the strongest kind of source says."""
    wrong = []
    by_fact: dict[str, list[Claim]] = {}
    for claim in claims_of(event):
        by_fact.setdefault(claim.fact, []).append(claim)
    for fact, said in by_fact.items():
        strongest = said[0].source.partition(":")[0]
        heard = [one for one in said if one.source.partition(":")[0] == strongest]
        if getattr(event, PICKED[fact]) and not any(one.picked for one in heard):
            wrong.append((event.format, fact))
    return wrong


def test_the_conflicts_of_a_ledger_are_found_with_their_references(tmp_path: Path) -> None:
    future = "2126-11-20T10:00:00Z"
    batch = batch_of_records(
        subscription(fluent_bit('{"service":"payments","msg":"x"}'), fluent_bit("fine")),
        gke_entry("E0417 12:00:00.1 1 a.go:1] no", severity="INFO"),
        container_log_v2("x", TimeGenerated=future),
    )
    with Ledger.open(str(tmp_path)) as ledger:
        ledger.append("s", batch)
        found = {one.fact: one for one in conflicts(ledger)}

        assert set(found) == {"service", "severity", "time"}
        assert found["service"].picked == "cart"
        assert ledger.event(found["service"].reference).service == "cart"
        assert found["time"].claims[-1].source == "ingestion:recorded_at"
        assert [one.fact for one in conflicts(ledger, facts=("severity",))] == ["severity"]
        assert [one.fact for one in conflicts(ledger, format="aws.eks.container")] == ["service"]
        assert [one.fact for one in conflicts(ledger, until="2026-11-21T00:00:00Z", stream="s")] == [
            "service",
            "severity",
        ]
        assert list(conflicts(ledger, format="no.such")) == []
        with pytest.raises(InvalidArgumentError, match="fact 'colour': known are account"):
            conflicts(ledger, facts=("colour",))


def test_any_odd_value_makes_no_claim_and_no_error() -> None:
    odd: list[object] = [None, 7, [], {}, "", "-", "\ud800", "x" * 10_000, True]
    for value in odd:
        body = json.dumps({"accountId": value, "region": value, "severity": value, "ts": value, "service": value})
        for event in batch_of_records(body):
            assert isinstance(conflicts_of(event), tuple)


def test_every_fact_has_a_column_and_a_precedence() -> None:
    assert set(PRECEDENCE) == set(PICKED) == set(FACTS)
