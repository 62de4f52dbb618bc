"""Follow every managed object from its creation to its end, through moves, replacements and address shifts.

Between the runs' stories and the identity index. An *object* is what a set of identifiers means for a while; an
address is only where the configuration keeps it. So a replacement ends one object and begins another at the same
address, and a move takes an object to another address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .fact import Fact
from .runs import ChangeStory, RunStory, Step

FOREVER = (1 << 63) - 1
"""End of an object that was not seen to end."""

SINCE_EVER = -(1 << 63)
"""Begin of an object that was not seen to begin."""

SERVICE_TAGS = ("service", "app", "application", "component", "app.kubernetes.io/name", "workload")
"""Tag keys that name the service a resource serves, in order of precedence."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A deployment's action on an object."""

    start: int
    end: int
    run: RunStory
    change: ChangeStory


@dataclass(slots=True)
class ManagedObject:
    """One object: its address, its identifiers, when they mean it, and who touched it."""

    stack: str
    address: str
    resource_type: str = ""
    component: str = ""
    provider: str = ""
    account: str = ""
    begin: int = SINCE_EVER
    end: int = FOREVER
    identifiers: dict[str, None] = field(default_factory=dict)
    dependencies: dict[str, None] = field(default_factory=dict)
    touches: list[Touch] = field(default_factory=list)
    seen_by: dict[str, str] = field(default_factory=dict)
    serial: int = 0

    @property
    def resource(self) -> str:
        """The strongest identifier's value."""
        kept = (one for one in self.identifiers if not one.startswith(("tag:", "parent:")))
        return next(iter(sorted(kept, key=_rank)), "").partition(":")[2]

    @property
    def service(self) -> str:
        """The service that tags or labels name."""
        tags = dict(one[4:].split("=", 1) for one in self.identifiers if one.startswith("tag:") and "=" in one)
        return next((tags[key] for key in SERVICE_TAGS if tags.get(key)), "")

    def learn(self, fact: Fact) -> None:
        """Take over what a fact tells of the object."""
        self.identifiers.update(dict.fromkeys(fact.identifiers))
        self.dependencies.update(dict.fromkeys(fact.dependencies))
        self.resource_type = self.resource_type or fact.resource_type
        self.component = fact.component or self.component
        self.provider, self.account = fact.provider or self.provider, fact.account or self.account

    def touched_before(self, instant: int) -> Touch | None:
        """Return the last touch that had begun at an instant."""
        return max((t for t in self.touches if t.start <= instant), key=lambda t: t.start, default=None)


_ORDER = ("aws.arn", "azure.id", "gcp.full_name", "k8s.ref", "aws.url", "aws.id")


def _rank(identifier: str) -> int:
    namespace = identifier.split(":", 1)[0]
    return _ORDER.index(namespace) if namespace in _ORDER else len(_ORDER)


Place = tuple[str, str, str]
"""Stack, workspace, address."""


class History:
    """Plays all runs in order of time."""

    def __init__(self) -> None:
        self.objects: list[ManagedObject] = []
        self._current: dict[Place, ManagedObject] = {}

    def play(self, runs: Iterable[RunStory]) -> None:
        """Play runs; what a plan saw comes before its run's changes, what a state saw after them."""
        for run in runs:
            moves = {c.address: c.previous_address for c in run.changes.values() if c.previous_address}
            for step in (s for s in run.observed if not s.fact.is_state):
                self._observe(run, step, moves)
            for change in sorted(run.changes.values(), key=lambda c: (c.start or c.planned_at, c.address)):
                self._see_plan(run, change)
            for change in sorted(run.changes.values(), key=lambda c: (c.action != "move", c.start, c.address)):
                if change.phase != "planned":
                    self._apply(run, change)
            for step in (s for s in run.observed if s.fact.is_state):
                self._observe(run, step, {})

    def _place(self, run: RunStory, address: str) -> Place:
        return run.told("stack"), run.told("workspace"), address

    def _object(self, run: RunStory, address: str, begin: int = SINCE_EVER) -> ManagedObject:
        place = self._place(run, address)
        found = self._current.get(place)
        if found is None:
            found = self._current[place] = ManagedObject(place[0], address, begin=begin, serial=len(self.objects))
            self.objects.append(found)
        return found

    def _observe(self, run: RunStory, step: Step, moves: dict[str, str]) -> None:
        fact = step.fact
        if fact.address.startswith("data.") or ".data." in fact.address or fact.action == "delete":
            return
        address = fact.previous_address or fact.address
        if self._place(run, address) not in self._current:
            address = moves.get(address, address)
        found = self._object(run, address)
        found.learn(fact)
        found.seen_by.setdefault(run.deployment, step.reference)

    def _see_plan(self, run: RunStory, change: ChangeStory) -> None:
        """A planned change of an existing object tells its identity, whether or not it is ever applied."""
        plan = change.plan
        if plan is None or plan.action not in ("update", "delete", "move", "import", "forget"):
            return
        self._object(run, change.previous_address or change.address).learn(plan)

    def _apply(self, run: RunStory, change: ChangeStory) -> None:
        place = self._place(run, change.address)
        previous = change.previous_address
        if previous and self._place(run, previous) in self._current:
            moved = self._current.pop(self._place(run, previous))
            moved.address = change.address
            self._current[place] = moved
        if change.action == "replace":
            self._replace(run, change, place)
        elif change.action == "create":
            self._create(run, change, place)
        elif change.action not in ("read", "no-op"):
            self._touch(self._object(run, change.address), run, change)
            if change.action in ("delete", "forget") and change.phase == "applied":
                self._end(place, change.end)

    def _replace(self, run: RunStory, change: ChangeStory, place: Place) -> None:
        old = self._object(run, change.address)
        deletion = change.legs.get("delete")
        if deletion is not None:
            old.identifiers.update(dict.fromkeys(deletion.identifiers))
        self._touch(old, run, change, learn=False)
        if deletion is not None and deletion.phase == "applied":
            self._end(place, deletion.end)
        if "create" in change.legs:
            self._current.pop(place, None)
            self._create(run, change, place)

    def _create(self, run: RunStory, change: ChangeStory, place: Place) -> None:
        creation = change.legs.get("create")
        begin = (creation.start or creation.end) if creation is not None else change.start
        known = self._current.get(place)
        if known is not None and known.begin != SINCE_EVER:
            self._end(place, begin)
        made = self._object(run, change.address, begin)
        made.begin = max(made.begin, begin)
        if creation is not None:
            made.identifiers.update(dict.fromkeys(creation.identifiers))
        self._touch(made, run, change)

    def _touch(self, touched: ManagedObject, run: RunStory, change: ChangeStory, *, learn: bool = True) -> None:
        if learn and change.plan is not None:
            touched.learn(change.plan)
        if learn and change.action != "create" and change.action != "replace":
            touched.identifiers.update(dict.fromkeys(i for leg in change.legs.values() for i in leg.identifiers))
        if change.first is not None:
            touched.resource_type = touched.resource_type or change.first.resource_type
            touched.component = touched.component or change.first.component
            touched.account = touched.account or change.first.account
            touched.provider = touched.provider or change.first.provider
        start = change.start or change.end
        touched.touches.append(Touch(start, change.end or start, run, change))

    def _end(self, place: Place, at: int) -> None:
        ended = self._current.pop(place, None)
        if ended is not None:
            ended.end = at
