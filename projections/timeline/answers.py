"""The timeline's answers: frozen, with aware datetimes and the references of the events they rest on."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One action of one deployment on one resource.

    `phase` is planned, started, applied or failed. `changed` is path to (before, after), as fingerprints or as the
    values of settings that are never secret. A replacement is one change with both objects' identifiers.
    """

    deployment: str
    address: str
    action: str
    phase: str
    resource: str = ""
    resource_type: str = ""
    previous_address: str = ""
    tool: str = ""
    stack: str = ""
    workspace: str = ""
    component: str = ""
    change_set: str = ""
    actor: str = ""
    commit: str = ""
    service: str = ""
    reason: str = ""
    message: str = ""
    planned_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    identifiers: tuple[str, ...] = ()
    changed: dict[str, tuple[str, str]] = {}
    evidence: tuple[str, ...] = ()


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """One run.

    `phase` is planned, started or finished; `outcome` is succeeded, partial or failed, empty while it is not known.
    `counts` has one number per action that was applied, and `failed`; `planned` one per planned action.
    """

    deployment: str
    phase: str
    outcome: str = ""
    tool: str = ""
    stack: str = ""
    workspace: str = ""
    component: str = ""
    change_set: str = ""
    actor: str = ""
    commit: str = ""
    error: str = ""
    planned_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    counts: dict[str, int] = {}
    planned: dict[str, int] = {}
    evidence: tuple[str, ...] = ()


class ManagedResource(msgspec.Struct, frozen=True, kw_only=True):
    """One object that a deployment touched or manages, from its creation to its end.

    `valid_from` and `valid_to` bound the time in which its identifiers mean this object; None is open. `touched` says
    whether the deployment changed it, or its state only lists it.
    """

    address: str
    resource: str = ""
    resource_type: str = ""
    component: str = ""
    stack: str = ""
    service: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    touched: bool = True
    action: str = ""
    identifiers: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A relation between an event and a deployment.

    `relation` is managed-by (the last deployment that touched a resource the event names), caused-by (the deployment
    made this call) or after-change (the resource or a neighbour was changed shortly before). A `suggestion` scores
    below 0.6; `ambiguous` means that another deployment scores the same. `reasons` say why, `evidence` are
    references.
    """

    relation: str
    deployment: str
    score: float
    address: str = ""
    resource: str = ""
    change_set: str = ""
    component: str = ""
    action: str = ""
    changed_at: datetime | None = None
    suggestion: bool = False
    ambiguous: bool = False
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class LinkedEvents(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one service that name one identifier of one changed resource, between two instants.

    `references` holds a few of them; `TimelineModel.references` opens the ledger for all.
    """

    relation: str
    deployment: str
    address: str
    identifier: str
    service: str
    score: float
    events: int
    errors: int
    first_at: datetime
    last_at: datetime
    change_set: str = ""
    component: str = ""
    suggestion: bool = False
    reasons: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment that may have caused what is seen at an instant, with why.

    `changed` is `address: path` to (before, after).
    """

    deployment: str
    score: float
    reasons: tuple[str, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stack: str = ""
    component: str = ""
    change_set: str = ""
    actor: str = ""
    commit: str = ""
    changes: tuple[Change, ...] = ()
    changed: dict[str, tuple[str, str]] = {}
    evidence: tuple[str, ...] = ()
