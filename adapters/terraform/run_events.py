"""Make the events of one Terraform document, all with the run's envelope and ids from their place.

Shared by the plan, apply-log and state parsers: each collects its facts here and takes the batch.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import DeploymentRecorded, Event, Flag, LogRecorded, RecordRejected, ResourceChanged
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..records import Records
from .resource_address import parse_address
from .resource_identifiers import scope_of
from .run_of_file import Run, run_of
from .type_rules import provider_of

TOOL = "terraform"


class RunEvents:
    """Collects the events of records; `at` says which record the next events come from."""

    def __init__(self, parser_format: str, records: Records) -> None:
        self.format, self.records = parser_format, records
        self.run: Run = run_of(records.origin)
        self._events: list[Event] = []
        self._row, self._made = 0, 0

    def at(self, row: int) -> None:
        """Turn to another record."""
        self._row, self._made = row, 0

    def batch(self) -> EventBatch:
        """Return all events made so far."""
        return batch_of(self._events)

    def deployment(self, occurred_at: int | None, phase: str, **facts: Any) -> None:
        """Add that the run was planned, started or finished."""
        run = self.run
        failed = facts.get("outcome") in ("failed", "partial")
        self._events.append(
            DeploymentRecorded(
                deployment_id=run.deployment_id,
                phase=phase,
                tool=TOOL,
                stack=run.stack,
                workspace=run.workspace,
                component=run.component,
                change_set=run.change_set,
                actor=run.actor,
                commit=run.commit,
                name=f"terraform.{phase}",
                severity=int(Severity.ERROR if failed else Severity.INFO),
                **self._envelope(occurred_at),
                **facts,
            )
        )

    def change(
        self,
        occurred_at: int | None,
        phase: str,
        action: str,
        address: str,
        *,
        attributes: dict[str, Any] | None = None,
        identifiers: tuple[str, ...] = (),
        resource_type: str = "",
        **facts: Any,
    ) -> None:
        """Add that one resource was planned, started, applied, failed or observed."""
        run, parsed = self.run, parse_address(address)
        resource_type = resource_type or (parsed.resource_type if parsed else "")
        account, region = scope_of(attributes or {})
        strong = [one.split(":", 1)[1] for one in identifiers if not one.startswith(("tag:", "parent:"))]
        self._events.append(
            ResourceChanged(
                deployment_id=run.deployment_id,
                phase=phase,
                action=action,
                address=address,
                resource_type=resource_type,
                tool=TOOL,
                stack=run.stack,
                workspace=run.workspace,
                component=(parsed.module if parsed else "") or run.component,
                change_set=run.change_set,
                identifiers=identifiers,
                name=f"terraform.{action or phase}",
                severity=int(Severity.ERROR if phase == "failed" else Severity.INFO),
                account=account or run.account,
                region=region or run.region,
                resource=strong[0] if strong else "",
                mentions=tuple(strong[1:]),
                provider=provider_of(resource_type),
                **self._envelope(occurred_at),
                **facts,
            )
        )

    def log(
        self,
        occurred_at: int | None,
        severity: int,
        name: str,
        payload: dict[str, Any],
        *,
        error: str = "",
        service: str = TOOL,
    ) -> None:
        """Add a line that tells no fact; only what was let through of it is kept."""
        self._events.append(
            LogRecorded(
                name=name,
                severity=severity,
                service=service,
                error=error,
                payload=msgspec.json.encode(payload),
                **self._envelope(occurred_at),
            )
        )

    def reject(self, reason: str) -> None:
        """Add that the record could not be understood; its bytes may hold secrets and are left out."""
        self._events.append(
            RecordRejected(
                reason=reason,
                error=reason.split(":", 1)[0],
                origin=self.records.origin.object_key,
                offset=int(self.records.offsets[self._row]),
                **self._envelope(None),
            )
        )

    def _envelope(self, occurred_at: int | None) -> dict[str, Any]:
        times = self.records.occurred_at
        instant = occurred_at or (int(times[self._row]) if times is not None else 0)
        place = (str(int(self.records.offsets[self._row])), str(int(self.records.ordinals[self._row])))
        self._made += 1
        return {
            "event_id": event_id(self.format, self.records.origin.object_key, *place, str(self._made)),
            "occurred_at": instant,
            "flags": int(Flag.NONE if instant else Flag.TIME_UNSET),
            "format": self.format,
        }


def instant_of(text: Any) -> int | None:
    """Return a document's time as nanoseconds, or None.

    >>> instant_of("2026-11-23T12:39:19.260869+09:00") == instant_of("2026-11-23T03:39:19.260869Z")
    True
    """
    return parse_timestamp_ns(text) if isinstance(text, str) else None
