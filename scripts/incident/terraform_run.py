"""A Terraform run of the story: what it changed, when, by whom.

Under the runs and their files; CloudTrail and the audit logs show a run's API calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Attributes = dict[str, Any]
ApiCall = tuple[int, str, str, dict[str, Any], dict[str, Any] | None]


@dataclass(slots=True)
class Change:
    """One resource of a run; without `before` it is created, with equal sides it is only managed."""

    module: str
    type: str
    name: str
    id: str
    provider: str
    before: Attributes | None
    after: Attributes
    sensitive: tuple[str, ...] = ()
    failed: str = ""

    @property
    def address(self) -> str:
        """The resource's address."""
        return f"{self.module}.{self.type}.{self.name}" if self.module else f"{self.type}.{self.name}"

    @property
    def action(self) -> str:
        """What the run does with it, in the words of plan JSON."""
        return "create" if self.before is None else "no-op" if self.before == self.after else "update"


@dataclass(slots=True)
class Run:
    """One run: its key is the directory and stem that its files share."""

    key: str
    session: str
    start: int
    end: int
    changes: list[Change]
    variables: dict[str, Any] = field(default_factory=dict)
    api_calls: list[ApiCall] = field(default_factory=list)
    lineage: str = ""
    serial: int = 1
