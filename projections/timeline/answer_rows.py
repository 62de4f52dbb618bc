"""Turn the model's inner stories into answers: times into datetimes, objects into their names.

Between `runs`, `resource_history`, `linking`, `suspects` and the Structs of `answers`.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from ...domain.timestamps import to_datetime
from .answers import Change, Deployment, Link, ManagedResource, Suspect
from .linking import LINK_SCORE, Relation
from .resource_history import FOREVER, SINCE_EVER, ManagedObject, Touch
from .runs import ChangeStory, RunStory
from .suspects import Charge

MAX_EVIDENCE = 16
"""Chosen: references given with one answer."""

MAX_CHANGES = 10
"""Chosen: changes shown of one suspect."""


def change_answer(run: RunStory, change: ChangeStory, managed: ManagedObject | None) -> Change:
    """Return a change."""
    first = change.plan or change.first
    identifiers = change.identifiers or (tuple(managed.identifiers) if managed else ())
    return Change(
        deployment=run.deployment,
        address=change.address,
        action=change.action,
        phase=change.phase,
        resource=managed.resource if managed else "",
        resource_type=(first.resource_type if first else "") or (managed.resource_type if managed else ""),
        previous_address=change.previous_address,
        tool=run.told("tool"),
        stack=run.told("stack"),
        workspace=run.told("workspace"),
        component=first.component if first else "",
        change_set=run.told("change_set"),
        actor=run.told("actor"),
        commit=run.told("commit"),
        service=managed.service if managed else "",
        reason=next((step.fact.action_reason for step in reversed(change.planned) if step.fact.action_reason), ""),
        message="; ".join(dict.fromkeys(change.messages)),
        planned_at=_time(change.planned_at),
        started_at=_time(change.start),
        ended_at=_time(change.end),
        identifiers=identifiers,
        changed=change.changed,
        evidence=tuple(change.references[:MAX_EVIDENCE]),
    )


def deployment_answer(run: RunStory) -> Deployment:
    """Return a deployment."""
    references = [step.reference for step in run.facts if step.reference]
    references += [one for change in run.changes.values() for one in change.references]
    references += [step.reference for step in run.observed]
    return Deployment(
        deployment=run.deployment,
        phase=run.phase,
        outcome=run.outcome,
        tool=run.told("tool"),
        stack=run.told("stack"),
        workspace=run.told("workspace"),
        component=run.told("component"),
        change_set=run.told("change_set"),
        actor=run.told("actor"),
        commit=run.told("commit"),
        error=next((step.fact.error for step in run.facts if step.fact.error), ""),
        planned_at=_time(run.planned_at),
        started_at=_time(run.start),
        ended_at=_time(run.end),
        counts=run.counts,
        planned=run.planned_counts,
        evidence=tuple(dict.fromkeys(references))[:MAX_EVIDENCE],
    )


def resource_answer(managed: ManagedObject, touch: Touch | None, deployments: set[str]) -> ManagedResource:
    """Return an object as some deployments see it."""
    seen = [reference for deployment, reference in managed.seen_by.items() if deployment in deployments]
    return ManagedResource(
        address=touch.change.address if touch else managed.address,
        resource=managed.resource,
        resource_type=managed.resource_type,
        component=managed.component,
        stack=managed.stack,
        service=managed.service,
        valid_from=None if managed.begin == SINCE_EVER else to_datetime(managed.begin),
        valid_to=None if managed.end == FOREVER else to_datetime(managed.end),
        touched=touch is not None,
        action=touch.change.action if touch else "",
        identifiers=tuple(managed.identifiers),
        dependencies=tuple(managed.dependencies),
        evidence=tuple([*(touch.change.references if touch else []), *seen][:MAX_EVIDENCE]),
    )


def link_answers(relations: list[Relation]) -> tuple[Link, ...]:
    """Return links; deployments of one relation and score are marked as ambiguous."""
    scores = Counter((one.relation, round(one.score, 4)) for one in relations)
    return tuple(_link(one, ambiguous=scores[one.relation, round(one.score, 4)] > 1) for one in relations)


def _link(one: Relation, *, ambiguous: bool) -> Link:
    return Link(
        relation=one.relation,
        deployment=one.run.deployment,
        score=round(one.score, 4),
        address=one.touch.change.address,
        resource=one.object.resource,
        change_set=one.run.told("change_set"),
        component=one.object.component,
        action=one.touch.change.action,
        changed_at=_time(one.touch.start),
        suggestion=one.score < LINK_SCORE,
        ambiguous=ambiguous,
        reasons=one.reasons,
        evidence=tuple(one.touch.change.references[:MAX_EVIDENCE]),
    )


def suspect_answer(run: RunStory, score: float, charges: list[Charge]) -> Suspect:
    """Return a suspect with its strongest charges."""
    shown = charges[:MAX_CHANGES]
    evidence = [one for charge in shown for one in (*charge.touch.change.references, *charge.references)]
    return Suspect(
        deployment=run.deployment,
        score=round(score, 4),
        reasons=tuple(dict.fromkeys(reason for charge in shown[:3] for reason in charge.reasons)),
        started_at=_time(run.start),
        ended_at=_time(run.end),
        stack=run.told("stack"),
        component=shown[0].object.component,
        change_set=run.told("change_set"),
        actor=run.told("actor"),
        commit=run.told("commit"),
        changes=tuple(change_answer(run, charge.touch.change, charge.object) for charge in shown),
        changed={
            f"{charge.touch.change.address}: {path}": values
            for charge in shown
            for path, values in charge.touch.change.changed.items()
        },
        evidence=tuple(dict.fromkeys(evidence))[: 2 * MAX_EVIDENCE],
    )


def _time(instant: int) -> datetime | None:
    return to_datetime(instant) if instant else None
