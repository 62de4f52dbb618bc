"""The facts of the state, by group: who belongs together, in time order.

Under the scaling model. An Auto Scaling group told of by name alone belongs to the one told of by ARN; a result that
knows only its attempt belongs to the group that the attempt's decision names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...domain.errors import InvalidArgumentError
from ...domain.events import Flag
from ...domain.reference import format_reference
from ..partitions import ProjectionState
from .scaling_fact import ScalingFact

_AUTO_SCALING_GROUP = re.compile(
    r"(arn:[\w-]+:autoscaling:[^:]*:[^:]*:autoScalingGroup:)[\w-]*(:autoScalingGroupName/.+)"
)


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact with the envelope that it came in."""

    at_ns: int
    timeless: bool
    resource: str
    service: str
    account: str
    region: str
    provider: str
    name: str
    reference: str
    fact: ScalingFact


def facts_by_group(state: ProjectionState) -> dict[str, list[StoredFact]]:
    """Return the facts of each group, in time order.

    >>> from .projection import ScalingProjection
    >>> facts_by_group(ScalingProjection().empty())
    {}
    """
    stored = _stored_facts(state)
    owners = _owners_of_attempts(stored)
    whole = _whole_names(fact.resource for fact in stored)
    groups: dict[str, list[StoredFact]] = defaultdict(list)
    for fact in stored:
        owner = fact.resource
        if fact.fact.phase == "attempt" and fact.fact.attempt_id in owners:
            owner = owners[fact.fact.attempt_id]
        groups[whole.get(owner, owner) or f"service:{fact.service}"].append(fact)
    return {group: sorted(facts, key=_order) for group, facts in sorted(groups.items())}


def find_group(known: Sequence[tuple[str, str]], asked: str) -> str:
    """Return the group that is asked for: by its resource, the last part of it, or its service.

    >>> find_group([("arn:aws:ecs:::service/default/web", "web")], "web")
    'arn:aws:ecs:::service/default/web'

    Raises:
        InvalidArgumentError: none or several answer to it; the message lists those that could be meant.
    """
    resources = [resource for resource, _ in known]
    for matches in (
        [r for r in resources if r == asked],
        [r for r in resources if r.lower() == asked.lower()],
        [r for r in resources if r.lower().endswith(f"/{asked.lower()}")],
        [r for r, service in known if service == asked],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise InvalidArgumentError(f"{asked!r} is the name of several groups, give one of: {', '.join(matches)}")
    listed = ", ".join(resources[:10]) or "none"
    raise InvalidArgumentError(f"no scaling group {asked!r}: known are {listed}")


def _stored_facts(state: ProjectionState) -> list[StoredFact]:
    stored: list[StoredFact] = []
    for _, table in state["facts"].parts():
        columns = [table.number(name).tolist() for name in ("occurred_at", "flags", "position")]
        texts = [
            table.string(name).to_list()
            for name in ("resource", "service", "account", "region", "provider", "name", "stream", "fact")
        ]
        rows = zip(*columns, *texts, strict=True)
        stored += [
            StoredFact(
                at_ns=at_ns,
                timeless=bool(flags & Flag.TIME_UNSET),
                resource=resource,
                service=service,
                account=account,
                region=region,
                provider=provider,
                name=name,
                reference=format_reference(stream, position) if position else "",
                fact=ScalingFact.decode(fact),
            )
            for at_ns, flags, position, resource, service, account, region, provider, name, stream, fact in rows
        ]
    return stored


def _order(fact: StoredFact) -> tuple[int, str, str]:
    return fact.at_ns, fact.reference, fact.fact.phase


def _owners_of_attempts(stored: Iterable[StoredFact]) -> dict[str, str]:
    return {f.fact.attempt_id: f.resource for f in stored if f.fact.phase == "decision" and f.fact.attempt_id}


def _whole_names(resources: Iterable[str]) -> dict[str, str]:
    """Return, for names of Auto Scaling groups without their unique part, the whole ARN."""
    matches = [match for match in map(_AUTO_SCALING_GROUP.fullmatch, set(resources)) if match]
    whole = [(f"{match[1]}{match[2]}", match[0]) for match in sorted(matches, key=lambda match: match[0])]
    return {bare: arn for bare, arn in whole if bare != arn}
