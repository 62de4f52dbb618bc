"""CloudWatch Logs: the same ids as in exports, late entries, checks, and what its arguments become."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from cloudledger.adapters import FileSource, Pipeline, ingest
from cloudledger.adapters.acquisition import Overlap, missing
from cloudledger.adapters.aws.sources import AwsCredentials, CloudWatchLogs
from cloudledger.adapters.aws.sources.cloudwatch_logs import log_group_arn
from cloudledger.adapters.committing import Commits
from cloudledger.domain import InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.aws.sources.cloudwatch_world import GROUP, REGION, CloudWatchWorld, opened
from tests.wire.cloudwatch_logs import ACCOUNT


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatchWorld]:
    monkeypatch.setenv("TEST_AWS_KEY", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("TEST_AWS_SECRET", "not-a-secret-at-all")
    yield from opened()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def test_an_entry_has_the_id_that_it_has_in_a_page_or_a_subscription_message_in_a_file(
    world: CloudWatchWorld, ledger: Ledger, tmp_path: Path
) -> None:
    world.poll(ledger)
    entry = world.fake.entries[7]
    fields = {"timestamp": entry.timestamp_ms, "message": entry.message}
    page = {"events": [{**fields, "eventId": entry.id, "logStreamName": entry.stream, "ingestionTime": 1}]}
    message = {"messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": GROUP, "logStream": entry.stream}
    (tmp_path / "page.json").write_text(json.dumps(page))
    delivered = {**message, "logEvents": [{"id": entry.id, **fields}]}
    (tmp_path / "subscription.json").write_text(json.dumps(delivered, separators=(",", ":")))
    place = {"account": ACCOUNT, "region": REGION, "log_group": GROUP, "provider": "aws"}

    for name in ("page.json", "subscription.json"):
        ingest(ledger, [FileSource(tmp_path / name, stream=name, metadata=place)])

    pulled = next(event for event in ledger.search(limit=None) if world.key(event) == entry.message)
    for name in ("page.json", "subscription.json"):
        event = ledger.event(f"{name}@1")
        for field in ("event_id", "occurred_at", "format", "account", "region", "service", "payload"):
            assert getattr(event, field) == getattr(pulled, field), (name, field)


@pytest.mark.parametrize("seed", range(2))
def test_entries_that_are_late_ahead_or_doubled_are_stored_once(
    world: CloudWatchWorld, ledger: Ledger, seed: int
) -> None:
    world.be_late_and_doubled(seed)
    world.faults.restart(seed, {"repeated": 0.3, "throttled": 0.1})

    for _ in range(80):
        world.poll(ledger)

    assert world.stored(ledger) == world.expected()


def test_entries_ahead_of_the_clock_are_read_at_once(world: CloudWatchWorld, ledger: Ledger) -> None:
    ahead = world.entry(5000, world.clock.now_ms() + 3_600_000)
    world.fake.entries.append(ahead._replace(visible_ms=0))

    world.poll(ledger)

    assert world.stored(ledger)[ahead.message] == 1
    assert world.place(ledger.cursor(world.source().stream)) <= world.clock.now_ns()


def test_a_token_that_repeats_is_no_endless_window(world: CloudWatchWorld, ledger: Ledger) -> None:
    world.faults.plan(["stuck"] * 4)

    report = world.poll(ledger)

    assert not report.problem
    assert world.stored(ledger) == world.expected()
    assert report.activity["windows split"] >= 1


def test_expired_credentials_are_got_anew(world: CloudWatchWorld, ledger: Ledger) -> None:
    world.faults.plan(["expired", "", "expired"])

    assert not world.poll(ledger).problem
    assert world.stored(ledger) == world.expected()


def test_only_what_matches_is_asked_for(world: CloudWatchWorld, ledger: Ledger) -> None:
    source = world.source(filter_pattern="ERROR", stream_prefix="task-1")
    source.run_in(world.clock.runtime())

    Commits(ledger, source, Pipeline()).run()

    asked = json.loads(world.fake.requests[-1].body)
    assert (asked["filterPattern"], asked["logStreamNamePrefix"], asked["logGroupName"]) == ("ERROR", "task-1", GROUP)


def test_a_group_of_another_account_is_asked_for_by_its_arn(world: CloudWatchWorld, ledger: Ledger) -> None:
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}"
    source = CloudWatchLogs(
        arn,
        account=ACCOUNT,
        region=REGION,
        credentials=world.credentials,
        endpoint_url=world.fake.url,
        overlap=Overlap(),
    )
    source.run_in(world.clock.runtime())

    Commits(ledger, source, Pipeline()).run()

    assert source.stream == f"aws/{ACCOUNT}/{REGION}/logs/ecs/pay"
    assert json.loads(world.fake.requests[-1].body)["logGroupIdentifier"] == arn


def test_an_event_without_an_id_or_a_message_is_kept(world: CloudWatchWorld, ledger: Ledger) -> None:
    world.fake.entries = [world.entry(1, world.since_ms + 5)._replace(id="")]

    assert world.poll(ledger).appended == 1


def test_a_check_says_what_is_missing(world: CloudWatchWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert missing(source.check()) == ()

    world.faults.plan(["denied"])
    world.fake.account = "210987654321"
    found = {check.name: check for check in missing(source.check())}

    assert set(found) == {"account", "logs:FilterLogEvents"}
    assert "assume a role" in found["account"].remedy
    assert "allow logs:FilterLogEvents" in found["logs:FilterLogEvents"].remedy


def test_a_check_without_credentials_says_so(world: CloudWatchWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    monkeypatch.delenv("TEST_AWS_KEY")

    [credentials, _] = source.check()

    assert not credentials.ok
    assert "TEST_AWS_KEY" in credentials.detail
    assert "by reference" in credentials.remedy


def test_a_source_travels_to_another_process(world: CloudWatchWorld) -> None:
    again = pickle.loads(pickle.dumps(world.source()))

    assert again.stream == world.source().stream
    assert again.reader.connection.client("logs") is again.reader.connection.client("logs")


def test_a_ready_session_is_used_and_stays_here(world: CloudWatchWorld, ledger: Ledger) -> None:
    session = boto3.Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none")
    source = world.source(credentials=session)
    source.run_in(world.clock.runtime())

    assert Commits(ledger, source, Pipeline()).run().appended == 900
    with pytest.raises(InvalidArgumentError, match="AwsCredentials"):
        pickle.dumps(source)


@pytest.mark.parametrize(
    ("log_group", "account", "region"), [("", ACCOUNT, REGION), (GROUP, "", REGION), (GROUP, ACCOUNT, "")]
)
def test_what_is_not_named_is_refused(log_group: str, account: str, region: str) -> None:
    with pytest.raises(InvalidArgumentError):
        CloudWatchLogs(log_group, account=account, region=region)


def test_arns_are_of_the_regions_partition() -> None:
    given = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"

    assert log_group_arn(given, ACCOUNT, REGION) == given[:-2]
    assert log_group_arn("a", "1", "cn-north-1") == "arn:aws-cn:logs:cn-north-1:1:log-group:a"
    assert log_group_arn("a", "1", "us-gov-east-1") == "arn:aws-us-gov:logs:us-gov-east-1:1:log-group:a"


def test_literal_keys_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="by reference"):
        AwsCredentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="wJalrXUtnFEMIK7MDENG")
    with pytest.raises(InvalidArgumentError, match="go together"):
        AwsCredentials(access_key_id="env:KEY")
