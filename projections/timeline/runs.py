"""Join the facts of each deployment into its story: what was planned, started, applied or failed, and when.

Between the facts table and the resource history. The lines of an apply log come alone; here a start meets its end, a
replacement its two halves, and the outcome is counted from what happened, since a run that was cut off says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .fact import Fact

SILENT_ACTIONS = frozenset({"", "no-op", "read"})
"""Actions that change nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """A fact with its time and reference."""

    fact: Fact
    at: int
    reference: str


@dataclass(slots=True)
class Leg:
    """One create, update or delete as the apply log tells it."""

    action: str
    start: int = 0
    end: int = 0
    failed: bool = False
    identifiers: tuple[str, ...] = ()

    @property
    def phase(self) -> str:
        """Started, applied or failed."""
        return "failed" if self.failed else "applied" if self.end else "started"


@dataclass(slots=True)
class ChangeStory:
    """All that is known of one deployment's action on one address."""

    address: str
    planned: list[Step] = field(default_factory=list)
    legs: dict[str, Leg] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    failed: bool = False
    action: str = ""
    phase: str = "planned"
    start: int = 0
    end: int = 0
    first: Fact | None = None

    @property
    def plan(self) -> Fact | None:
        """The richest planned fact (a plan document tells more than a line of the log)."""
        facts = [step.fact for step in self.planned]
        return max(
            facts, key=lambda fact: (len(fact.changed) + len(fact.identifiers), len(fact.dependencies)), default=None
        )

    @property
    def planned_at(self) -> int:
        """When the change was planned, 0 if that is not known."""
        return min((step.at for step in self.planned if step.at), default=0)

    @property
    def previous_address(self) -> str:
        """The address before a move."""
        return next((step.fact.previous_address for step in self.planned if step.fact.previous_address), "")

    @property
    def identifiers(self) -> tuple[str, ...]:
        """All identifiers that plan and log tell, those of the plan first."""
        told = [one for step in self.planned for one in step.fact.identifiers]
        told += [one for leg in self.legs.values() for one in leg.identifiers]
        return tuple(dict.fromkeys(told))

    @property
    def changed(self) -> dict[str, tuple[str, str]]:
        """What the plan said would change."""
        return self.plan.changed if self.plan else {}


@dataclass(slots=True)
class RunStory:
    """One deployment."""

    deployment: str
    facts: list[Step] = field(default_factory=list)
    changes: dict[str, ChangeStory] = field(default_factory=dict)
    observed: list[Step] = field(default_factory=list)
    first: Fact | None = None
    phase: str = "planned"
    outcome: str = ""
    planned_at: int = 0
    start: int = 0
    end: int = 0
    _told: dict[str, str] = field(default_factory=dict)

    def told(self, name: str) -> str:
        """Return the first thing that any fact says under a name: stack, actor, commit, ..."""
        if name not in self._told:
            everyone = [step.fact for step in self.facts]
            everyone += [step.fact for change in self.changes.values() for step in change.planned]
            everyone += [self.first] if self.first else []
            self._told[name] = next((value for fact in everyone if (value := str(getattr(fact, name)))), "")
        return self._told[name]

    @property
    def observed_at(self) -> int:
        """When its state was first seen, 0 if that is not known."""
        return min((step.at for step in self.observed if step.at), default=0)

    @property
    def counts(self) -> dict[str, int]:
        """Applied changes per action, and failures; a replacement counts as one."""
        return dict(sorted(Counter(c.phase if c.phase == "failed" else c.action for c in self.real_changes).items()))

    @property
    def planned_counts(self) -> dict[str, int]:
        """Planned changes per action."""
        actions = (change.plan.action for change in self.changes.values() if change.plan)
        return dict(sorted(Counter(action for action in actions if action not in SILENT_ACTIONS).items()))

    @property
    def real_changes(self) -> list[ChangeStory]:
        """The changes that were applied or failed."""
        return [change for change in self.changes.values() if change.phase in ("applied", "failed")]


def runs_of(steps: Iterable[Step]) -> list[RunStory]:
    """Return the story of every deployment, in order of time.

    >>> [run.phase for run in runs_of([Step(Fact(kind=2, deployment_id="42", phase="started"), 5, "s@1")])]
    ['started']
    """
    runs: dict[str, RunStory] = {}
    for step in sorted(steps, key=lambda step: (step.at, step.reference)):
        run = runs.setdefault(step.fact.deployment_id, RunStory(step.fact.deployment_id))
        _add(run, step)
    for run in runs.values():
        _conclude(run)
    return sorted(runs.values(), key=lambda run: (run.start or run.planned_at or run.observed_at, run.deployment))


def _add(run: RunStory, step: Step) -> None:
    fact = step.fact
    run.first = run.first or fact
    if fact.is_deployment:
        run.facts.append(step)
        return
    if fact.phase == "observed":
        run.observed.append(step)
        return
    change = run.changes.setdefault(fact.address, ChangeStory(fact.address))
    change.first = change.first or fact
    if fact.phase == "planned":
        change.planned.append(step)
    else:
        _add_leg(change, step)
    change.references.append(step.reference)


def _add_leg(change: ChangeStory, step: Step) -> None:
    fact = step.fact
    if fact.message and fact.phase == "failed":
        change.messages.append(fact.message)
    if fact.phase == "failed" and not fact.action:
        change.failed = True
        return
    leg = change.legs.setdefault(fact.action, Leg(fact.action))
    leg.identifiers = tuple(dict.fromkeys((*leg.identifiers, *fact.identifiers)))
    started = fact.started_at or (step.at if fact.phase == "started" else 0)
    leg.start = min(leg.start, started) if leg.start and started else leg.start or started
    if fact.phase in ("applied", "failed"):
        leg.end = max(leg.end, fact.ended_at or step.at)
        leg.failed = leg.failed or fact.phase == "failed"


def _conclude(run: RunStory) -> None:
    _take_as_applied(run)
    for change in run.changes.values():
        _conclude_change(change)
    finished = [step for step in run.facts if step.fact.phase == "finished"]
    began = [step for step in run.facts if step.fact.phase == "started"]
    legs = [leg for change in run.changes.values() for leg in change.legs.values()]
    starts = [time for leg in legs if (time := leg.start or leg.end)]
    starts += [step.fact.started_at or step.at for step in began]
    starts += [step.fact.started_at for step in finished if step.fact.started_at]
    ends = [leg.end for leg in legs if leg.end] + [step.fact.ended_at or step.at for step in finished]
    planned = [step.at for step in run.facts if step.fact.phase == "planned" and step.at]
    planned += [time for change in run.changes.values() if (time := change.planned_at)]
    run.planned_at = min(planned, default=0)
    run.end = max(ends, default=0)
    run.start = min(starts, default=run.end)
    run.outcome = _outcome(run, finished, legs)
    run.phase = _phase(run, bool(finished), bool(began), legs)
    _conclude_silent_changes(run)


def _conclude_change(change: ChangeStory) -> None:
    legs, plan = change.legs, change.plan
    both = "create" in legs and "delete" in legs
    change.action = "replace" if both else plan.action if plan else next(iter(legs), "")
    if not legs:
        change.phase = "failed" if change.failed else "planned"
        return
    complete = plan is None or plan.action != "replace" or both
    phases = {leg.phase for leg in legs.values()}
    change.failed = change.failed or "failed" in phases
    change.phase = "failed" if change.failed else "started" if "started" in phases or not complete else "applied"
    change.start = min(leg.start or leg.end for leg in legs.values())
    change.end = max(leg.end for leg in legs.values())


def _phase(run: RunStory, is_finished: bool, has_begun: bool, legs: list[Leg]) -> str:
    if not legs and not has_begun:
        # An error before anything was touched ends a plan, not an apply.
        return "finished" if is_finished and run.outcome == "succeeded" else "planned"
    over = is_finished or (run.outcome != "" and all(leg.end for leg in legs))
    return "finished" if over else "started"


def _outcome(run: RunStory, finished: list[Step], legs: list[Leg]) -> str:
    """Count the outcome from what happened; a summary alone is trusted only where nothing failed."""
    failed = any(change.failed for change in run.changes.values())
    told = {step.fact.outcome for step in (*finished, *run.facts) if step.fact.outcome}
    if failed or told & {"failed", "partial"}:
        return "partial" if any(leg.phase == "applied" for leg in legs) or "partial" in told else "failed"
    return "succeeded" if "succeeded" in told else next(iter(sorted(told)), "")


def _conclude_silent_changes(run: RunStory) -> None:
    """Moves, imports and forgotten resources have no lines of their own in an apply log: they come with the run."""
    if run.outcome != "succeeded":
        return
    for change in run.changes.values():
        if not change.legs and change.action in ("move", "forget", "import"):
            change.phase, change.start, change.end = "applied", run.start or run.end, run.end


def _take_as_applied(run: RunStory) -> None:
    """Without an apply log, a plan counts as applied when a state of the same run shows its result."""
    listed = {step.fact.address for step in run.observed if step.fact.is_state}
    if not listed or any(change.legs for change in run.changes.values()):
        return
    if any(step.fact.phase != "planned" for step in run.facts):
        return
    plans = [(change, change.plan.action) for change in run.changes.values() if change.plan]
    plans = [(change, action) for change, action in plans if action not in SILENT_ACTIONS]
    made = all((change.address in listed) == (action not in ("delete", "forget")) for change, action in plans)
    if not made or not any(action in ("create", "delete", "move") for _, action in plans):
        return
    for change, action in plans:
        for part in ("delete", "create") if action == "replace" else (action,):
            change.legs[part] = Leg(part, change.planned_at, change.planned_at)
    for change, _ in plans[:1]:
        done = Fact(kind=2, deployment_id=run.deployment, phase="finished", outcome="succeeded")
        run.facts.append(Step(done, change.planned_at, ""))
