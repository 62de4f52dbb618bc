"""Blob exports: the contract, appended and rewritten blobs, folders of the last days, signatures, checks."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import TruncatedAnswerError, missing, open_gaps
from cloudledger.adapters.azure.sources import BlobExports, activity_blobs, cost_blobs, diagnostic_blobs
from cloudledger.adapters.azure.sources.blob_listing import dated_prefixes, read_listing
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import NOON_NS
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.azure.sources.blob_world import FOLDER, BlobWorld, line

HOUR = f"{FOLDER}/h=11/m=00/PT1H.json"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[BlobWorld]:
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    world = BlobWorld()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestBlobExports(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlobWorld]:
        monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
        world = BlobWorld()
        with world.fake:
            yield world


def test_a_blob_that_grows_is_read_on_from_its_last_whole_line(world: BlobWorld, ledger: Ledger) -> None:
    world.fake.blobs = {}
    torn = line(2)
    world.fake.append(HOUR, line(1) + torn[:30])
    assert world.poll(ledger).appended == 1

    world.fake.append(HOUR, torn[30:] + line(3))

    assert world.poll(ledger).appended == 2
    assert world.stored(ledger) == Counter(["1", "2", "3"])
    assert world.fake.requests[-1].headers["Range"] == f"bytes={len(line(1))}-{len(line(1) * 3) - 1}"


def test_a_blob_that_is_rewritten_waits_until_it_is_left_alone(world: BlobWorld, ledger: Ledger) -> None:
    now_s = world.clock.now_ns() / 1e9
    world.fake.blobs = {}
    document = {"records": [json.loads(line(1)), json.loads(line(2))]}
    world.fake.put(HOUR, json.dumps(document).encode(), modified_s=now_s - 60)
    assert world.poll(ledger).appended == 0

    world.clock.forward(600)

    assert world.poll(ledger).appended == 2
    assert world.stored(ledger) == Counter(["1", "2"])


def test_a_blob_that_changes_between_listing_and_reading_is_read_as_it_is_then(
    world: BlobWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fake.blobs = {}
    world.fake.put("costs.json", line(1))
    source = world.source()
    source.run_in(world.clock.runtime())
    [listed] = list(source.reader.listing(source.requests()))
    world.fake.put("costs.json", line(2))
    monkeypatch.setattr(source.reader, "listing", lambda requests: iter([listed]))

    assert "412" in world.poll(ledger, source).problem
    assert len(open_gaps(ledger)) == 1
    monkeypatch.undo()
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    world.poll(ledger)

    assert world.stored(ledger) == Counter(["2"])
    assert open_gaps(ledger) == ()


def test_a_right_by_signature_needs_no_token(world: BlobWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SAS", "?sv=2023-11-03&sr=c&sp=rl&sig=abc%2Fdef%3D")

    report = world.poll(ledger, world.source(sas="env:TEST_SAS"))

    assert report.appended == 300
    assert world.fake.tokens == 0
    assert all("sig=abc%2Fdef%3D" in request.path for request in world.fake.requests)
    with pytest.raises(InvalidArgumentError, match="by reference"):
        world.source(sas="?sv=2023-11-03&sig=literal")


def test_only_the_folders_of_the_last_days_are_listed(world: BlobWorld, ledger: Ledger) -> None:
    source = world.source(prefixes=[FOLDER.replace("2026/m=11/d=20", "%Y/m=%m/d=%d"), "none/"])

    assert world.poll(ledger, source).appended == 250
    asked = [request.path for request in world.fake.requests if "comp=list" in request.path]
    assert "d%3D19" in asked[0]
    assert "prefix=none" in asked[-1]


def test_hours_may_stand_in_a_prefix() -> None:
    found = list(dated_prefixes(["%Y-%m-%dT%H"], NOON_NS, 1))

    assert (len(found), found[0], found[-1]) == (24, "2026-11-19T13", "2026-11-20T12")


def test_only_names_that_end_as_wanted_are_read(world: BlobWorld, ledger: Ledger) -> None:
    assert world.poll(ledger, world.source(suffixes=".json.gz")).appended == 50


def test_a_damaged_blob_gives_what_can_be_read_and_says_so(world: BlobWorld, ledger: Ledger) -> None:
    world.fake.blobs = {}
    world.fake.put("a.json", line(1) + b'{"half')

    world.poll(ledger)

    assert len(list(ledger.search(kind=Kind.LOG_RECORDED))) + len(list(ledger.search(kind=Kind.RECORD_REJECTED))) == 2


def test_names_may_be_anything() -> None:
    body = (
        b'<EnumerationResults><Blobs><Blob><Name Encoded="true">a%01b</Name><Properties>'
        b"<Content-Length>1</Content-Length></Properties></Blob><Blob><Properties/></Blob></Blobs><NextMarker/>"
        b"</EnumerationResults>"
    )

    [found] = read_listing(body, "https://a/c").blobs

    assert (found.key, found.modified_ns, found.version) == ("https://a/c/a%01b", 0, "")


@pytest.mark.parametrize("body", [b"", b"<EnumerationResults><Blobs>", b"<html/>", b"<EnumerationResults/>"])
def test_what_is_no_whole_listing_is_truncated(body: bytes) -> None:
    with pytest.raises(TruncatedAnswerError):
        read_listing(body, "https://a/c")


def test_a_check_says_what_is_missing(world: BlobWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert [check.ok for check in source.check()] == [True, True]

    world.faults.plan(["", "denied"])
    [unreadable] = missing(source.check())
    world.faults.plan(["denied"])
    [unlisted] = missing(source.check())

    assert "(read)" in unreadable.name
    assert "(list)" in unlisted.name
    assert "Storage Blob Data Reader" in unlisted.remedy


def test_a_source_travels_to_another_process(world: BlobWorld, ledger: Ledger) -> None:
    again = pickle.loads(pickle.dumps(world.source()))

    assert world.poll(ledger, again).appended == 300


@pytest.mark.parametrize("arguments", [{"account": ""}, {"container": ""}, {"days": 0}])
def test_wrong_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        BlobExports(**{"account": "a", "container": "c", **arguments})


def test_presets_name_their_containers() -> None:
    assert activity_blobs("a").reader.identity.stream == "azure/a/blobs/insights-activity-logs"
    assert diagnostic_blobs("a", "Kube-Audit").stream == "azure/a/blobs/insights-logs-kube-audit"
    assert cost_blobs("a", "c", "/daily/").stream == "azure/a/blobs/c/daily/"
