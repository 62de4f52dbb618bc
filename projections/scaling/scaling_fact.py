"""One scaling event as the read model keeps it: canonical JSON text in a key column; equal events are one row."""

from __future__ import annotations

from typing import Any

import msgspec


class ScalingFact(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts of a `ScalingRecorded` event; see there for the words.

    >>> ScalingFact.decode(ScalingFact(phase="decision", new_size=3).encode()).new_size
    3
    """

    phase: str
    group_kind: str = ""
    direction: str = "none"
    old_size: int | None = None
    new_size: int | None = None
    min_size: int | None = None
    max_size: int | None = None
    unconstrained_size: int | None = None
    trigger: str = ""
    policy: str = ""
    policy_type: str = ""
    metric: str = ""
    observed: float | None = None
    threshold: float | None = None
    limited_by: str = ""
    reason_class: str = ""
    outcome: str = ""
    attempt_id: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    zone: str = ""
    instance_type: str = ""
    message: str = ""

    @classmethod
    def of(cls, facts: dict[str, Any]) -> ScalingFact:
        """Return the fact of an event's own fields."""
        return cls(**{name: facts[name] for name in cls.__struct_fields__ if name in facts})

    def encode(self) -> str:
        """Return the canonical text."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, text: str) -> ScalingFact:
        """Return the fact that `encode` wrote."""
        return _DECODER.decode(text)


_DECODER = msgspec.json.Decoder(ScalingFact)
