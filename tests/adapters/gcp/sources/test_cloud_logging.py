"""Cloud Logging where the contract does not look: bounds, late entries, resources, rights, the presets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.adapters.acquisition import RateLimit, RetrySettings, WindowSettings, missing, open_gaps
from cloudledger.adapters.gcp.sources import CloudLogging, autoscaler_logs, deployment_logs, kubernetes_events
from cloudledger.adapters.gcp.sources.cloud_logging import RATE
from cloudledger.adapters.gcp.sources.log_filters import of_span
from cloudledger.domain import InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.gcp.sources.logging_world import LoggingWorld, entry, opened
from tests.wire.google_logging import ANSWER, FakeLogging


@pytest.fixture
def world() -> Iterator[LoggingWorld]:
    yield from opened()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def test_every_request_is_bounded_by_time_and_asks_for_the_largest_page(world: LoggingWorld, ledger: Ledger) -> None:
    world.poll(ledger, world.source(filter="severity>=INFO OR x"))

    asked = [request for name, request in world.fake.requests if name == "ListLogEntries"]
    assert all(one.filter.startswith('(severity>=INFO OR x) AND timestamp>="20') for one in asked)
    assert {one.page_size for one in asked} == {1000}
    assert {tuple(one.resource_names) for one in asked} == {("projects/shop-prod",)}
    assert {one.order_by for one in asked} == {"timestamp asc"}


def test_a_folder_or_a_view_is_read_in_place_of_the_project(world: LoggingWorld, ledger: Ledger) -> None:
    view = "projects/p/locations/global/buckets/b/views/v"
    world.poll(ledger, world.source(resources=["folders/7", view]))

    assert list(world.fake.requests[0][1].resource_names) == ["folders/7", view]
    with pytest.raises(InvalidArgumentError, match="list"):
        CloudLogging("p", resources="folders/7")


@pytest.mark.parametrize("seed", range(2))
def test_late_doubled_and_early_entries_are_stored_once(world: LoggingWorld, ledger: Ledger, seed: int) -> None:
    world.be_late_and_doubled(seed)
    world.faults.restart(seed, world.shares)
    for _ in range(50):
        world.poll(ledger)
    world.faults.restart(seed, {})
    world.clock.forward(3600)
    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()
    assert open_gaps(ledger) == ()
    assert len(world.expected()) == 800


def test_sixty_reads_a_minute_are_never_passed(world: LoggingWorld, ledger: Ledger) -> None:
    assert RATE.burst + 60 * RATE.per_s <= 60
    started = world.clock.monotonic()

    world.poll(ledger)

    reads = len(world.fake.requests)
    assert reads > RATE.burst
    assert world.clock.monotonic() - started >= (reads - RATE.burst) / RATE.per_s


def test_a_service_that_repeats_its_token_is_a_gap_and_no_endless_loop(world: LoggingWorld, ledger: Ledger) -> None:
    class Stuck(FakeLogging):
        def _list(self, request: object, context: object) -> object:
            return ANSWER(next_page_token="again")

    with Stuck() as world.fake:
        source = world.source(windows=WindowSettings(window_s=3600, least_s=3600), rate=RateLimit(per_s=1e6))
        world.poll(ledger, source)

    assert [gap.reason for gap in open_gaps(ledger)] == ["the token of the next page is that of one before"]


def test_an_entry_without_an_insert_id_is_named_by_its_content(world: LoggingWorld, ledger: Ledger) -> None:
    for held in world.fake.entries[::2] + world.fake.entries[:80]:
        held.entry.insert_id = ""

    for _ in range(2):
        world.poll(ledger, world.source(stream="anew"))
        world.clock.forward(900)

    assert sum(len(batch) for batch in ledger.read(stream="anew")) == 600


def test_a_service_that_is_away_and_comes_back_is_read_on_by_the_same_client(ledger: Ledger) -> None:
    world = LoggingWorld(entries=60)
    source = world.source(retry=RetrySettings(attempts=2))
    with world.fake:
        assert not world.poll(ledger, source).problem
    away = world.poll(ledger, source)
    held = [*world.fake.entries, entry(900, world.clock.now_ns() - 1)]
    back = FakeLogging(held, clock_ns=world.clock.now_ns, port=world.fake.port)
    with back:
        for _ in range(100):
            world.clock.forward(600)
            if not world.poll(ledger, source).problem:
                break
            time.sleep(0.05)  # gRPC connects anew in real time

    assert away.problem.startswith("transient")
    assert sum(world.stored(ledger).values()) == 61


def test_a_check_says_what_is_missing(world: LoggingWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())

    assert missing(source.check()) == ()
    world.faults.plan(["denied"])
    [lack] = missing(source.check())
    assert (lack.name, "roles/logging.viewer" in lack.remedy) == ("logging.logEntries.list", True)


def test_presets_read_with_their_filters_into_streams_of_their_own(world: LoggingWorld, ledger: Ledger) -> None:
    made = [preset("shop-prod", endpoint=world.fake.url) for preset in (autoscaler_logs, kubernetes_events)]
    made.append(deployment_logs("shop-prod", endpoint=world.fake.url, name="who"))
    for source in made:
        world.poll(ledger, source)

    asked = [request.filter for _, request in world.fake.requests]
    assert any('resource.type="autoscaler"' in one for one in asked)
    assert any('log_id("events")' in one for one in asked)
    assert any('log_id("cloudaudit.googleapis.com/activity")' in one for one in asked)
    assert len({source.stream for source in made}) == 3


def test_a_filter_without_a_condition_is_the_span() -> None:
    assert of_span("", 0, 1) == (
        'timestamp>="1970-01-01T00:00:00.000000000Z" AND timestamp<"1970-01-01T00:00:00.000000001Z"'
    )
