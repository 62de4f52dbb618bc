"""No fact, however odd, keeps the timeline from answering."""

import random
from typing import Any

import pytest

from cloudledger.domain.batch_rows import batch_of
from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import DeploymentRecorded, Event, LogRecorded, ResourceChanged
from tests.projections.timeline.terraform_story import Story

NOON = 1795176180000000000
WEAK = ["", "name", "name:", "tag:=", "tag:app=a=b", "parent:", "parent:aws.arn:x", "ip:", "id:", "k8s.ref:a/b"]
STRONG = ["aws.name:rds", "aws.arn:arn:aws:s3:::b", "dns:h.x.com", "loggroup:/a", "azure.id:/subscriptions/x"]
IDENTIFIERS = [*WEAK, *STRONG, "tag:service=s"]
TEXTS = [
    "",
    "b",
    "arn:",
    "arn:aws:s3:::b",
    "/",
    "//",
    "k8s://",
    "1.2.3.4",
    "::1",
    "https://",
    "h.x.com:1",
    "/subscriptions/x/y",
]


class Odd:
    """Makes events of odd values."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def event(self, number: int) -> Event:
        at = self.pick(0, -5, 1, NOON + self.random.randrange(10**13), 1 << 62)
        shared = {"event_id": event_id(str(number)), "occurred_at": at, "account": self.pick("", "1")}
        times = {"started_at": self.pick(None, 0, at), "ended_at": self.pick(None, 0, at + 10**9)}
        made: Event = self.pick(self._deployment, self._change, self._change, self._log)(shared, times)
        return made

    def _deployment(self, shared: dict[str, Any], times: dict[str, Any]) -> Event:
        phase, outcome = self.pick("planned", "started", "finished", "x", ""), self.pick("", "succeeded", "failed", "x")
        return DeploymentRecorded(
            deployment_id=self.pick("", "a", "b/c"), phase=phase, outcome=outcome, **times, **shared
        )

    def _change(self, shared: dict[str, Any], times: dict[str, Any]) -> Event:
        return ResourceChanged(
            deployment_id=self.pick("", "a", "b/c"),
            phase=self.pick("planned", "started", "applied", "failed", "observed", "x"),
            action=self.pick(
                "", "create", "update", "delete", "replace", "move", "import", "forget", "read", "no-op", "x"
            ),
            address=self.pick("", "a.b", "a.b[0]", "module.m.a.b", "x"),
            previous_address=self.pick("", "a.b", "zz"),
            identifiers=tuple(self.random.sample(IDENTIFIERS, 3)),
            dependencies=self.pick((), ("a.b",), ("zz",)),
            changed=self.pick({}, {"tags.a": ("", "1")}),
            message=self.pick("", "m"),
            format=self.pick("", "terraform.plan", "terraform.state"),
            **times,
            **shared,
        )

    def _log(self, shared: dict[str, Any], times: dict[str, Any]) -> Event:
        return LogRecorded(
            service=self.pick("", "s", "payments"),
            severity=self.pick(0, 17),
            resource=self.pick(*TEXTS),
            peer=self.pick(*TEXTS, "s"),
            mentions=tuple(self.random.sample(TEXTS, 2)),
            name=self.pick("", "PutBucket"),
            format=self.pick("", "aws.cloudtrail"),
            **shared,
        )


@pytest.mark.parametrize("seed", range(40))
def test_every_question_has_an_answer(seed: int) -> None:
    odd = Odd(seed)
    events = [odd.event(number) for number in range(60)]
    story = Story()
    story.add(batch_of(events))
    model = story.model()

    assert isinstance(model.suspects(), tuple)
    assert isinstance(model.suspects(service="s"), tuple)
    assert isinstance(model.suspects(resource="a.b", at=NOON), tuple)
    assert len(model.events()) >= len(model.events(deployment="a"))
    assert all(0 < link.score <= 1 for event in events if isinstance(event, LogRecorded) for link in model.links(event))
    for name in ("", "a.b", "c", "arn:aws:s3:::b"):
        assert len(model.changes(resource=name)) <= len(model.changes())
        assert len(model.deployments(resource=name)) <= len(model.deployments()) <= 3
        assert isinstance(model.resources(name), tuple)
