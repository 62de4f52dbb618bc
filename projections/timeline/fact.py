"""Fact: what a deployment or resource-change event says, as the text under which the timeline keeps it.

Between the fold, which writes facts into a table, and the model, which reads them back. The text is canonical: the same
event gives the same bytes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...domain.events import Kind


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fields of `DeploymentRecorded` and `ResourceChanged` and what the model needs of their envelope."""

    kind: int
    deployment_id: str
    phase: str
    format: str = ""
    provider: str = ""
    account: str = ""
    region: str = ""
    error: str = ""
    tool: str = ""
    stack: str = ""
    workspace: str = ""
    component: str = ""
    change_set: str = ""
    actor: str = ""
    commit: str = ""
    outcome: str = ""
    summary: dict[str, int] = {}
    action: str = ""
    address: str = ""
    previous_address: str = ""
    resource_type: str = ""
    identifiers: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    changed: dict[str, tuple[str, str]] = {}
    action_reason: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    message: str = ""

    @property
    def is_deployment(self) -> bool:
        """Say whether the fact is about the deployment itself, not about one resource."""
        return self.kind == Kind.DEPLOYMENT_RECORDED

    @property
    def is_state(self) -> bool:
        """Say whether the fact was read from a state, which shows the end of its run."""
        return self.format.endswith(".state")


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(Fact)


def encode_fact(kind: Kind, own_fields: dict[str, Any], **envelope: str) -> str:
    """Return the canonical text of an event's fact.

    >>> encode_fact(Kind.DEPLOYMENT_RECORDED, {"deployment_id": "42", "phase": "started"}, format="terraform.plan")
    '{"kind":2,"deployment_id":"42","phase":"started","format":"terraform.plan"}'
    """
    return _ENCODER.encode(Fact(kind=int(kind), **own_fields, **envelope)).decode()  # type: ignore[arg-type]


def decode_fact(text: str) -> Fact:
    """Return the fact of a text.

    >>> decode_fact('{"kind":2,"deployment_id":"42","phase":"started"}').is_deployment
    True
    """
    return _DECODER.decode(text)
