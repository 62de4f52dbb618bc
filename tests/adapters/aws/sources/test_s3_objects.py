"""Objects of S3: versions, ranges, late and replaced files, what their keys say, checks."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.acquisition import ObjectInfo, missing, open_gaps
from cloudledger.adapters.acquisition.window import NS
from cloudledger.adapters.aws.sources import S3Objects, s3_get
from cloudledger.adapters.aws.sources.s3_prefixes import dated_prefixes
from cloudledger.domain import InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.aws.sources.aws_world import set_keys, trail_event
from tests.adapters.aws.sources.s3_world import BUCKET, FOLDER, S3World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3World]:
    set_keys(monkeypatch)
    world = S3World()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestS3Objects(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3World]:
        set_keys(monkeypatch)
        world = S3World()
        with world.fake:
            yield world


def test_an_event_of_an_object_has_the_id_that_it_has_in_a_file(world: S3World, ledger: Ledger, tmp_path: Path) -> None:
    world.poll(ledger)
    (tmp_path / "trail.json").write_text(json.dumps({"Records": [trail_event(7)]}))

    ingest(ledger, [FileSource(tmp_path / "trail.json", stream="file")])

    from_file = ledger.event("file@1")
    pulled = next(event for event in ledger.search(limit=None) if world.key(event) == world.key(from_file))
    assert pulled.event_id == from_file.event_id


def test_a_file_that_lands_late_in_an_older_folder_is_read(world: S3World, ledger: Ledger) -> None:
    world.poll(ledger)
    world.put("2026/11/16/0000_Aa.json.gz", range(9000, 9003))

    assert world.poll(ledger).appended == 3


def test_folders_before_the_first_day_are_not_listed(world: S3World, ledger: Ledger) -> None:
    world.put("2026/11/01/0000_Aa.json.gz", range(9000, 9003))
    source = world.source(days=2)

    assert world.poll(ledger, source).appended == 240
    assert world.poll(ledger, world.source(since="2026-10-31T12:00:00Z")).appended == 3


def test_large_objects_are_read_by_ranges(world: S3World, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_get, "RANGE_BYTES", 100)
    world.faults.restart(3, {"truncated": 0.1, "reset": 0.05})

    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()


def test_a_connection_that_breaks_within_an_object_costs_only_the_rest(world: S3World, ledger: Ledger) -> None:
    world.fake.buckets.clear()
    world.put("2026/11/20/0000_Aa.json.gz", range(400))
    world.faults.plan([*[""] * 8, "truncated", "truncated"])

    report = world.poll(ledger)

    ranges = [one.headers["Range"] for one in world.fake.requests if "Range" in one.headers]
    assert report.appended == 400
    assert [span.startswith("bytes=0-") for span in ranges] == [True, False, False]


def test_an_answer_of_another_range_is_not_taken(world: S3World, ledger: Ledger) -> None:
    world.faults.plan([*[""] * 8, "html200", "html200"])

    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()


def test_a_replaced_object_is_read_again(world: S3World, ledger: Ledger) -> None:
    world.poll(ledger)
    world.put("2026/11/20/0003_Zr.json.gz", range(5000, 5010))

    assert world.poll(ledger).appended == 10


def test_every_version_is_read_where_asked_for(world: S3World, ledger: Ledger) -> None:
    world.put("2026/11/20/0003_Zr.json.gz", range(5000, 5010))
    world.put("2026/11/20/0003_Zr.json.gz", range(6000, 6010))

    world.poll(ledger, world.source(f"{FOLDER}/", versions=True))

    assert world.stored(ledger) == world.expected()
    assert world.poll(ledger, world.source(f"{FOLDER}/", versions=True)).read == 0


def test_an_object_that_is_replaced_between_listing_and_reading_is_a_gap_until_the_next_listing(
    world: S3World, ledger: Ledger
) -> None:
    key = f"{FOLDER}/2026/11/20/0003_Zr.json.gz"
    before = world.fake.buckets[BUCKET][key][0]
    source = world.source(f"{FOLDER}/")
    source.run_in(world.clock.runtime())
    [found] = [one for one in source.reader.listing(source.requests()) if one.key.endswith("0003_Zr.json.gz")]
    world.fake.put(BUCKET, key, gzip.compress(b"{}"))

    with pytest.raises(Exception, match="PreconditionFailed"):
        list(source.reader.blocks(found, 0))

    assert found.version == before.etag


def test_what_is_not_wanted_is_left_out(world: S3World, ledger: Ledger) -> None:
    world.fake.put(BUCKET, f"{FOLDER}/", b"")
    world.fake.put(BUCKET, f"{FOLDER}/2026/11/20/report-Manifest.json", b"{}")
    world.fake.put(BUCKET, f"{FOLDER}/2026/11/20/notes.txt", b"plain words")
    source = world.source(f"{FOLDER}/", include=("*.json.gz", "*.json"), exclude=("*Manifest.json",))

    report = world.poll(ledger, source)

    assert world.stored(ledger) == world.expected()
    assert report.activity["objects left out"] == 3


def test_keys_up_to_a_place_are_left_alone(world: S3World, ledger: Ledger) -> None:
    source = world.source(f"{FOLDER}/", start_after=f"{FOLDER}/2026/11/19/")

    assert world.poll(ledger, source).appended == 160


def test_keys_with_odd_characters_are_read(world: S3World, ledger: Ledger) -> None:
    world.put("2026/11/20/a b+c=é%2B&.json.gz", range(7000, 7001))

    world.poll(ledger)

    assert world.stored(ledger) == world.expected()


def test_account_and_region_are_those_of_the_key(world: S3World) -> None:
    source = world.source("")
    found = ObjectInfo("s3://b/AWSLogs/o-a1b2/210987654321/elasticloadbalancing/us-gov-west-1/2026/x.gz", 1)

    assert source.reader.metadata(found) == {
        "provider": "aws",
        "account": "210987654321",
        "region": "us-gov-west-1",
    }
    assert source.reader.metadata(found._replace(key="s3://b/x"))["account"] == "123456789012"


def test_a_missing_bucket_is_said(world: S3World, ledger: Ledger) -> None:
    world.fake.buckets.clear()

    assert "NoSuchBucket" in world.poll(ledger).problem
    assert open_gaps(ledger) == ()


def test_a_check_says_what_is_missing(world: S3World) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert missing(source.check()) == ()

    world.faults.plan(["", "denied"])
    assert [check.name for check in missing(source.check())] == ["s3:GetObject"]
    world.faults.plan(["denied"])
    assert [check.name for check in missing(source.check())] == ["s3:ListBucket"]


def test_a_source_travels_to_another_process(world: S3World) -> None:
    assert pickle.loads(pickle.dumps(world.source())).stream == world.source().stream


@pytest.mark.parametrize(("bucket", "days"), [("", 7), ("trail", 0)])
def test_what_is_not_named_is_refused(bucket: str, days: int) -> None:
    with pytest.raises(InvalidArgumentError):
        S3Objects(bucket, account="1", region="eu-west-1", days=days)


def test_dated_prefixes_are_of_days_hours_or_months() -> None:
    hour = 3600 * NS
    noon = 1_795_176_000 * NS

    assert len(list(dated_prefixes("a/%Y/%m/", since_ns=noon - 72 * hour, now_ns=noon))) == 1
    assert list(dated_prefixes("a/%Y/%m/%d/%H/", since_ns=noon - 1, now_ns=noon)) == [
        "a/2026/11/20/11/",
        "a/2026/11/20/12/",
        "a/2026/11/20/13/",
    ]
    assert list(dated_prefixes("a/", since_ns=0, now_ns=noon)) == ["a/"]
