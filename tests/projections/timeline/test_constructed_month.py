"""Links of a constructed month, measured against the truth that the construction knows."""

import random
from dataclasses import dataclass

import pytest

from cloudledger.domain.events import LogRecorded
from cloudledger.projections.timeline import TimelineModel
from tests.projections.timeline.terraform_story import (
    ACCOUNT,
    MINUTE,
    Story,
    arn,
    database,
    instant,
    leg,
    logged,
    plan,
    queue,
    resource_change,
    state,
    summary,
)

START = instant("2026-10-01T00:00:00Z")
MONTH = 30 * 24 * 60
WORDS = "orders carts users search mail stock price audit geo login media stats push feed ads".split()  # noqa: SIM905 - a list


@dataclass
class Labelled:
    """An event and the deployment that truly manages what it names ("" for none)."""

    event: LogRecorded
    truth: str
    form: str


class Month:
    """Random runs over random resources; every object's touches are known by construction."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.story = Story()
        self.rows = {f"aws_db_instance.{word}": database(f"{word}-main") for word in WORDS}
        self.rows |= {f"aws_sqs_queue.{word}": queue(f"{word}-jobs") for word in WORDS}
        self.touched: dict[str, list[tuple[int, str]]] = {address: [] for address in self.rows}
        self.ended: dict[str, int] = {}
        self._create_all()
        for number in range(60):
            self._change_some(number, START + (number + 1) * 700 * MINUTE)
        self.events = [self._event(kind) for kind in range(2000)]
        self.story.logs([one.event for one in self.events])

    def _create_all(self) -> None:
        changes = [resource_change(address, ["create"], None, _known(row)) for address, row in self.rows.items()]
        lines = [text for address in self.rows for text in leg(address, "create", START, START + MINUTE)]
        after = state(self.rows)
        self.story.run(
            "base", planned=plan(changes, START - MINUTE), log=[*lines, summary(START + MINUTE)], after=after
        )
        for address in self.rows:
            self.touched[address].append((START, "tf/base"))

    def _change_some(self, number: int, at: int) -> None:
        living = [address for address in self.rows if address not in self.ended]
        chosen = self.random.sample(living, 3)
        deleted = chosen[0] if number % 20 == 7 else ""
        changes, lines = [], []
        for address in chosen:
            row, action = self.rows[address], "delete" if address == deleted else "update"
            after = None if action == "delete" else {**row, "timeout": number}
            changes.append(resource_change(address, [action], row, after))
            lines += leg(address, action, at, at + MINUTE, id_key="id", id_value=row["id"])
            self.touched[address].append((at, f"tf/run-{number:02}"))
            if action == "delete":
                self.ended[address] = at + MINUTE
        self.story.run(f"run-{number:02}", planned=plan(changes, at - MINUTE), log=[*lines, summary(at + MINUTE)])

    def _event(self, number: int) -> Labelled:
        # Clear of the clocks' tolerance around changes, where two answers are right.
        at = START + self.random.randrange(10, MONTH) * MINUTE
        address = self.random.choice(list(self.rows))
        row = self.rows[address]
        name = str(row.get("identifier") or row["name"])
        forms = {
            "arn": logged(at, "app", 9, row["arn"], name=str(number)),
            "host": logged(at, "app", 9, str(row.get("endpoint") or row["url"]), name=str(number)),
            "name in account": logged(at, "app", 9, name, account=ACCOUNT, name=str(number)),
            "name in service": logged(at, "rds" if "identifier" in row else "sqs", 9, resource=name, name=str(number)),
            "other account": logged(at, "app", 9, row["arn"].replace(ACCOUNT, "999999999999"), name=str(number)),
            "longer name": logged(at, "app", 9, arn("rds", f"db:{name}-2"), account=ACCOUNT, name=str(number)),
            "nothing": logged(at, "app", 9, "k8s://c/shop/pod/web-7d9f8b6c5-x2x4z", account=ACCOUNT, name=str(number)),
        }
        form = self.random.choice(list(forms))
        named = form not in ("other account", "longer name", "nothing")
        return Labelled(forms[form], self._truth(address, at) if named else "", form)

    def _truth(self, address: str, at: int) -> str:
        if at > self.ended.get(address, at):
            return ""
        return max((touch for touch in self.touched[address] if touch[0] <= at), default=(0, ""))[1]


def _known(row: dict[str, object]) -> dict[str, object]:
    """What a plan knows of a resource to be created: its name."""
    return {name: row[name] for name in ("identifier", "name") if name in row}


def measure(month: Month, model: TimelineModel) -> tuple[float, float]:
    """Return precision and recall of managed-by links that are not mere suggestions."""
    right = wrong = missed = 0
    for one in month.events:
        links = [link for link in model.links(one.event) if link.relation == "managed-by" and not link.suggestion]
        found = {link.deployment for link in links}
        near_end = any(abs(one.event.occurred_at - at) <= 3 * MINUTE for at in month.ended.values())
        near_start = any(abs(one.event.occurred_at - at) <= 3 * MINUTE for t in month.touched.values() for at, _ in t)
        if near_end or near_start:
            continue
        right += one.truth in found
        wrong += len(found - {one.truth})
        missed += bool(one.truth) and one.truth not in found
    return right / max(right + wrong, 1), right / max(right + missed, 1)


@pytest.mark.parametrize("seed", range(2))
def test_links_of_a_month_are_precise_and_complete(seed: int) -> None:
    month = Month(seed)

    precision, recall = measure(month, month.story.model())

    assert precision >= 0.98, precision
    assert recall >= 0.95, recall


def test_counted_events_equal_the_links_of_single_events() -> None:
    """`events(relation="managed-by")` counts, per deployment, what `links` says of every event alone."""
    month = Month(3)
    model = month.story.model()
    single: dict[str, int] = {}
    for one in month.events:
        for link in model.links(one.event):
            if link.relation == "managed-by" and not link.suggestion:
                single[link.deployment] = single.get(link.deployment, 0) + 1

    counted: dict[str, int] = {}
    for row in model.events(relation="managed-by"):
        if not row.suggestion:
            counted[row.deployment] = counted.get(row.deployment, 0) + row.events

    different = {name for name in single | counted if single.get(name, 0) != counted.get(name, 0)}
    total = sum(single.values())
    assert sum(abs(single.get(name, 0) - counted.get(name, 0)) for name in different) <= 0.01 * total


def test_changes_name_their_resources() -> None:
    month = Month(4)
    applied = [change for change in month.story.model().changes() if change.phase == "applied"]

    assert len(applied) == len(month.rows) + 180
    assert all(change.resource.startswith("arn:") for change in applied)
