"""Deployments by the API: the contract, groups, nested ones, what is gone, what goes on, and that no value gets in."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.acquisition import missing
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.azure.sources import Deployments
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import SourceContract, World
from tests.adapters.azure.sources.activity_world import SHARES
from tests.adapters.azure.sources.log_analytics_world import CREDENTIALS, SECOND
from tests.wire.azure_deployments import SECRET, TYPE, FakeDeployments, group_of
from tests.wire.azure_management import SCOPE, SUBSCRIPTION
from tests.wire.faults import Faults
from tests.wire.tls import ca_file


class DeploymentWorld(World):
    """A subscription with a deployment of its own and two groups, whose deployments write storage accounts."""

    outage, empty_page, shares = "unavailable", "empty_page", SHARES

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.since_ns = self.clock.now_ns() - 3600 * SECOND
        self.fake = FakeDeployments(self.faults, clock_ns=self.clock.now_ns)
        self.wanted: Counter[str] = Counter()
        self.fake.groups = ["Shop", "cart", "empty"]
        for number, scope in enumerate((SCOPE, group_of("Shop"), group_of("cart"))):
            for run in range(4):
                self.add(scope, f"run-{number}-{run}", run, operations=run * 2)
        old = self.fake.add(group_of("Shop"), "old", self.since_ns - 999 * SECOND)
        self.fake.operate(old, 1, self.since_ns - 999 * SECOND, "/subscriptions/0/providers/a/b/c")

    def add(self, scope: str, name: str, number: int, operations: int = 1) -> str:
        """Add a deployment that ended within the hour."""
        at_ns = self.since_ns + (number + 1) * 500 * SECOND
        key = self.fake.add(scope, name, at_ns)
        self.wanted[f"DeploymentRecorded {key.lower()}"] += 1
        for one in range(operations):
            target = f"{group_of('Shop')}/providers/Microsoft.Storage/storageAccounts/{name}{one}"
            self.fake.operate(key, one, at_ns - 9 * SECOND, target)
            self.wanted[f"ResourceChanged {target.lower()}"] += 1
        return key

    def source(self, **settings: Any) -> Deployments:
        told = {"credentials": CREDENTIALS, "cloud": self.fake.cloud, "ca_file": ca_file(), "since": self.since_ns}
        return Deployments(SUBSCRIPTION, **{**told, **settings})

    def expected(self) -> Counter[str]:
        return self.wanted

    def key(self, event: Any) -> str:
        return f"{type(event).__name__} {event.resource}"

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeploymentWorld]:
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    world = DeploymentWorld()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestDeployments(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeploymentWorld]:
        monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
        world = DeploymentWorld()
        with world.fake:
            yield world


def deployments(ledger: Ledger) -> list[Any]:
    return list(ledger.search(kind=Kind.DEPLOYMENT_RECORDED, limit=None))


def changes(ledger: Ledger) -> list[Any]:
    return list(ledger.search(kind=Kind.RESOURCE_CHANGED, limit=None))


def test_changes_belong_to_the_run_of_their_deployment(world: DeploymentWorld, ledger: Ledger, tmp_path: Path) -> None:
    world.poll(ledger)

    runs = {one.deployment_id: one for one in deployments(ledger)}
    assert len(runs) == 12
    assert {one.deployment_id for one in changes(ledger)} <= set(runs)
    assert all(one.endswith(f"/{run.change_set}") for one, run in runs.items())
    assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_saved_answers_have_the_same_event_ids(world: DeploymentWorld, ledger: Ledger, tmp_path: Path) -> None:
    world.poll(ledger)
    (tmp_path / "deployments.json").write_text(json.dumps(list(world.fake.deployments.values())))
    saved = [one for operations in world.fake.operations.values() for one in operations]
    (tmp_path / "operations.json").write_text(json.dumps(saved))

    with Ledger.open(tmp_path / "saved") as other:
        ingest(other, [FileSource(tmp_path / "*.json", stream="saved")])
        there = {one.event_id for one in (*deployments(other), *changes(other))}

    assert {one.event_id for one in (*deployments(ledger), *changes(ledger))} < there
    assert len(there) == sum(world.wanted.values()) + 2


def test_what_goes_on_is_read_again_until_it_ends(world: DeploymentWorld, ledger: Ledger) -> None:
    scope, now_ns = group_of("cart"), world.clock.now_ns()
    key = world.fake.add(scope, "slow", now_ns - 2 * SECOND, state="Running")
    world.poll(ledger)
    world.poll(ledger)
    assert [one.phase for one in deployments(ledger) if one.stack == "slow"] == ["started"]

    world.fake.add(scope, "slow", world.clock.now_ns() - SECOND)
    world.fake.operate(key, 1, world.clock.now_ns() - 2 * SECOND, f"{scope}/providers/a.b/c/d")
    world.poll(ledger)

    assert [one.phase for one in deployments(ledger) if one.stack == "slow"] == ["started", "finished"]
    assert changes(ledger)[-1].resource == f"{scope}/providers/a.b/c/d".lower()


def test_one_group_is_read_with_what_it_deployed_into_others(world: DeploymentWorld, ledger: Ledger) -> None:
    outer = world.add(group_of("Shop"), "outer", 5, operations=0)
    inner = world.add(group_of("cart"), "inner", 5)
    own = world.add(group_of("Shop"), "own", 5)
    away = f"/subscriptions/other/resourceGroups/far{TYPE}/away"
    for number, target in enumerate((inner, inner, own, away)):
        world.fake.operate(outer, number, world.since_ns + 3000 * SECOND + number, target)
    world.fake.operate(outer, 9, world.since_ns + 3000 * SECOND, "")
    # The inner one names the outer one: whoever reads along must not run in circles.
    world.fake.operate(inner, 9, world.since_ns + 3000 * SECOND, f"{group_of('cart')}{TYPE}/inner")

    assert not world.poll(ledger, world.source(resource_group="shop")).problem

    stacks = Counter(one.stack for one in deployments(ledger))
    assert stacks == Counter(["run-1-0", "run-1-1", "run-1-2", "run-1-3", "outer", "inner", "own"])
    assert not [one for one in world.fake.requests if one.path.startswith(f"{SCOPE}/resourcegroups?")]


def test_groups_and_deployments_that_are_gone_meanwhile_end_nothing(world: DeploymentWorld, ledger: Ledger) -> None:
    outer = world.add(group_of("Shop"), "outer", 5, operations=0)
    lost = f"{group_of('cart')}{TYPE}/lost"
    world.fake.operate(outer, 1, world.since_ns + 3000 * SECOND, lost)
    world.fake.gone = {lost.lower(), f"{group_of('Shop')}{TYPE}/run-1-3".lower(), group_of("cart").lower()}

    assert not world.poll(ledger, world.source(resource_group="Shop")).problem
    assert not world.poll(ledger, world.source(stream="all")).problem
    assert "run-1-3" in {one.stack for one in deployments(ledger)}
    assert "run-2-3" not in {one.stack for one in deployments(ledger)}


def test_a_named_group_that_is_gone_is_a_problem(world: DeploymentWorld, ledger: Ledger) -> None:
    world.fake.gone = {group_of("Shop").lower()}

    assert "ResourceGroupNotFound" in world.poll(ledger, world.source(resource_group="Shop")).problem


@pytest.mark.parametrize("granted", [2, 4])
def test_what_may_not_be_read_degrades_the_source(world: DeploymentWorld, ledger: Ledger, granted: int) -> None:
    world.faults.plan([*[""] * granted, *["forbidden"] * 9])

    assert world.poll(ledger).problem.startswith("denied")


def test_a_nested_deployment_that_may_not_be_read_degrades_the_source(world: DeploymentWorld, ledger: Ledger) -> None:
    outer = world.fake.add(group_of("solo"), "outer", world.since_ns + 9 * SECOND)
    world.fake.operate(outer, 1, world.since_ns + 5 * SECOND, f"{group_of('cart')}{TYPE}/run-2-0")
    world.faults.plan(["", "", "forbidden"])

    assert world.poll(ledger, world.source(resource_group="solo")).problem.startswith("denied")


def test_an_answer_without_its_list_is_no_end(world: DeploymentWorld, ledger: Ledger) -> None:
    world.faults.plan(["no_list", "", "no_list"])

    assert not world.poll(ledger).problem
    assert world.stored(ledger) == world.expected()
    assert world.faults.injected["no_list"] == 2


def test_checks_say_what_is_missing(world: DeploymentWorld) -> None:
    for settings, right in (
        ({}, "Microsoft.Resources/deployments/read"),
        ({"resource_group": "Shop"}, "Microsoft.Resources/deployments/read"),
    ):
        source = world.source(**settings)
        source.run_in(world.clock.runtime())
        assert missing(source.check()) == ()
        world.faults.plan(["forbidden"])
        [absent] = missing(source.check())
        assert (absent.name, "Reader" in absent.remedy) == (right, True)


def test_a_source_travels_to_another_process(world: DeploymentWorld, ledger: Ledger) -> None:
    assert world.poll(ledger, pickle.loads(pickle.dumps(world.source()))).appended == sum(world.wanted.values())


def test_a_subscription_must_be_named() -> None:
    with pytest.raises(InvalidArgumentError):
        Deployments("")
