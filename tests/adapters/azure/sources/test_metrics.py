"""Azure's metrics by batches: the contract, the ids of exported points, settling, dimensions, what fails in part."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.acquisition import WindowSettings, missing, open_gaps
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.azure.sources import AzureMetrics
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import SourceContract, World
from tests.adapters.azure.sources.activity_world import SHARES
from tests.adapters.azure.sources.log_analytics_world import CREDENTIALS, SECOND
from tests.wire.azure_metrics import MINUTE, SITE, SUBSCRIPTION, FakeMetrics
from tests.wire.faults import Faults
from tests.wire.log_analytics import text_of
from tests.wire.tls import ca_file


class MetricsWorld(World):
    """Three sites, with one value of one metric each minute."""

    outage = "unavailable"
    shares = {kind: share for kind, share in SHARES.items() if kind != "empty_page"}  # noqa: RUF012 - as in World

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.fake = FakeMetrics(self.faults, clock_ns=self.clock.now_ns)
        self.since_ns = self.clock.now_ns() - 3600 * SECOND
        self.sites = [f"{SITE}/pay{number}" for number in range(3)]

    def source(self, **settings: Any) -> AzureMetrics:
        return AzureMetrics(
            SUBSCRIPTION,
            "westeurope",
            "Microsoft.Web/sites",
            **{
                "metrics": ["Requests"],
                "resources": self.sites,
                "statistics": ["total"],
                "credentials": CREDENTIALS,
                "cloud": self.fake.cloud,
                "ca_file": ca_file(),
                "since": self.since_ns,
                "windows": WindowSettings(window_s=1200, align_s=60, least_s=60),
                **settings,
            },
        )

    def expected(self) -> Counter[str]:
        """Return the minutes that had settled at the last poll, half a minute ago."""
        until = self.clock.now_ns() - 30 * SECOND - 300 * SECOND
        minutes = range(self.since_ns // MINUTE, until // MINUTE)
        return Counter(f"{site.lower()} {minute} {minute % 1000}" for site in self.sites for minute in minutes)

    def key(self, event: Any) -> str:
        return f"{event.resource} {event.occurred_at // MINUTE} {int(event.value)}"

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    def lose(self) -> bool:
        """A site of which nothing can be told at present."""
        self.fake.mute = frozenset(self.sites[1:2])
        return True

    def find_again(self) -> bool:
        self.fake.mute = frozenset()
        return True

    def poll_until_calm(self, ledger: Ledger) -> list[Any]:
        """Read often enough that faults are over: each minute brings new points, so that it is never calm."""
        return [self.poll(ledger) for _ in range(6)]


def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[MetricsWorld]:
    """Yield a world whose fake serves."""
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    world = MetricsWorld()
    with world.fake:
        yield world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[MetricsWorld]:
    yield from opened(monkeypatch)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestMetrics(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetricsWorld]:
        yield from opened(monkeypatch)

    def test_a_second_run_adds_nothing(self, world: World, ledger: Ledger) -> None:
        """As in the contract, but at the same minute."""
        world.poll(ledger)
        world.clock.forward(-30)

        assert world.poll(ledger).appended == 0


def test_a_point_has_the_id_that_it_has_in_an_export(world: MetricsWorld, ledger: Ledger, tmp_path: Path) -> None:
    minute = world.since_ns // MINUTE
    record = {
        "total": minute % 1000,
        "time": text_of(minute * MINUTE),
        "resourceId": world.sites[0].upper(),
        "metricName": "Requests",
        "timeGrain": "PT1M",
    }
    (tmp_path / "PT1H.json").write_text(json.dumps({"records": [record]}))
    world.poll(ledger)
    ingest(ledger, [FileSource(tmp_path / "PT1H.json", stream="export")])

    exported = ledger.event("export@1")
    same = [
        event for event in ledger.search(kind=Kind.METRIC_RECORDED, limit=None) if event.event_id == exported.event_id
    ]

    assert len(same) == 2
    assert exported.name == "Requests"
    assert same[0].service == same[1].service == "pay0"


def test_dimensions_tell_series_apart(world: MetricsWorld, ledger: Ledger) -> None:
    world.poll(ledger, world.source(split_by=["Instance"], statistics=["total", "average"]))

    event = next(iter(ledger.search(kind=Kind.METRIC_RECORDED)))
    assert event.dimensions == {"Instance": "i-1"}  # type: ignore[attr-defined]
    assert (event.region, event.unit, event.period_s) == ("westeurope", "Count", 60)  # type: ignore[attr-defined]
    assert "Instance eq '*'" in unquote_plus(world.fake.requests[-1].path)


def test_fifty_resources_go_in_one_request(world: MetricsWorld, ledger: Ledger) -> None:
    world.sites = [f"{SITE}/pay{number}" for number in range(120)]

    report = world.poll(ledger, world.source(windows=WindowSettings(align_s=60, least_s=60)))

    assert report.activity["requests"] == 3
    assert report.appended == 120 * 55


def test_what_has_not_settled_is_not_asked_for(world: MetricsWorld, ledger: Ledger) -> None:
    report = world.poll(ledger, world.source(since=world.clock.now_ns() - 240 * SECOND))

    assert report.activity.get("requests", 0) == 0
    assert not report.problem


def test_a_metric_that_fails_is_a_gap_with_its_reason(world: MetricsWorld, ledger: Ledger) -> None:
    world.lose()
    world.poll(ledger)

    assert open_gaps(ledger)[0].reason == "Requests: InvalidSeries no data"


def test_a_check_says_what_is_missing(world: MetricsWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert missing(source.check()) == ()

    world.faults.plan(["denied"])
    [absent] = missing(source.check())

    assert "Monitoring Reader" in absent.remedy


def test_a_source_travels_to_another_process(world: MetricsWorld, ledger: Ledger) -> None:
    assert world.poll(ledger, pickle.loads(pickle.dumps(world.source()))).appended == 3 * 55


@pytest.mark.parametrize(
    "arguments",
    [{"metrics": []}, {"resources": []}, {"grain": "FULL"}, {"statistics": ["p99"]}, {"metrics": ["m"] * 21}],
)
def test_wrong_arguments_are_refused(world: MetricsWorld, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        world.source(**arguments)
