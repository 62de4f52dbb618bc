"""Parse plans as `terraform show -json <plan>` writes them.

A plan is one JSON document of format_version 0.1 to 1.x. It alone tells moves, forgotten resources, reasons, drift,
dependencies and changed attributes; only what `attribute_changes` and `resource_identifiers` let through is kept.
See https://developer.hashicorp.com/terraform/internals/json-format#plan-representation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ...domain.batch import EventBatch
from ..parser import Sample
from ..records import Records
from .attribute_changes import changed_attributes, sensitive_values
from .configuration_references import dependencies_of_configuration
from .documents import read_documents
from .resource_address import configuration_address
from .resource_identifiers import Scope, identifiers_of_resource, scope_of
from .run_events import RunEvents, instant_of
from .secret_values import known_secrets

SUPPORTED_MAJOR = ("0", "1")
"""Majors of `format_version` that are read; Terraform promises that a new minor only adds."""

_HEAD_BYTES = 400


class TerraformPlanParser:
    """Plan documents to planned changes.

    >>> TerraformPlanParser().recognises(Sample(b'{"format_version":"1.2","resource_changes":[]}', {}, None))
    True
    """

    format = "terraform.plan"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a plan; a torn one is too, so that its secrets never pass as plain text."""
        fields = sample.fields
        if fields:
            return "format_version" in fields and bool(
                fields.keys() & {"resource_changes", "planned_values", "output_changes"}
            )
        head = sample.body[:_HEAD_BYTES]
        return sample.value is None and b'"format_version"' in head and b'"terraform_version"' in head

    def parse(self, records: Records) -> EventBatch:
        """Return the planned changes of plan documents."""
        return read_documents(records, format=self.format, noun="plan", recognises=self.recognises, add=_add_plan)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return nothing: a plan's facts are in its events, its document is not kept."""
        return {}


def _add_plan(events: RunEvents, plan: Mapping[str, Any]) -> None:
    version = str(plan.get("format_version", ""))
    if version.partition(".")[0] not in SUPPORTED_MAJOR:
        events.reject(f"unsupported plan: format_version {version[:20]!r}, read are 0.x and 1.x")
        return
    when = instant_of(plan.get("timestamp"))
    changes = _change_rows(plan, "resource_changes")
    reader = _ChangeReader(events, plan, when)
    summary: Counter[str] = Counter(action for row in changes if (action := action_of(row)) not in ("no-op", "read"))
    outcome = {"outcome": "failed"} if plan.get("errored") is True else {}
    events.deployment(when, "planned", summary=dict(summary), **outcome)
    for row in changes:
        reader.add_change(row)
    for row in _change_rows(plan, "resource_drift"):
        reader.add_drift(row)
    for deferred in plan.get("deferred_changes") or []:
        if isinstance(deferred, dict) and isinstance(deferred.get("resource_change"), dict):
            reader.add_change(deferred["resource_change"], reason=f"deferred: {deferred.get('reason', '')}")


def _change_rows(plan: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = plan.get(name) or []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("change"), dict) and row.get("address")]


def action_of(row: Mapping[str, Any]) -> str:
    """Return the one word for a change's `actions`.

    >>> action_of({"change": {"actions": ["create", "delete"]}}), action_of({"change": {"actions": ["no-op"]}})
    ('replace', 'no-op')
    """
    actions = [str(action) for action in row["change"].get("actions") or []]
    if len(actions) > 1:
        return "replace" if set(actions) == {"create", "delete"} else "+".join(actions)
    action = actions[0] if actions else "no-op"
    if row["change"].get("importing"):
        return "import"
    moved = row.get("previous_address") and row["previous_address"] != row.get("address")
    return "move" if action == "no-op" and moved else action


class _ChangeReader:
    """Reads change rows with what the whole document tells: scope, secrets, dependencies."""

    def __init__(self, events: RunEvents, plan: Mapping[str, Any], when: int | None) -> None:
        self.events, self.when = events, when
        self.key = events.records.origin.metadata.get("fingerprint_key", "")
        rows = _change_rows(plan, "resource_changes")
        self.scope = _scope(events, rows, known_secrets(_secrets(plan, rows)))
        configuration = plan.get("configuration")
        self.dependencies = dependencies_of_configuration(configuration) if isinstance(configuration, dict) else {}

    def add_change(self, row: Mapping[str, Any], reason: str = "") -> None:
        action, change = action_of(row), row["change"]
        before, after = _side(change, "before"), _side(change, "after")
        if action == "replace":
            # The old object's names end with the replacement: told apart from the new one's.
            self._add(row, "observed", "no-op", before, "before_identity", {}, "replaced")
        named = before if action in ("delete", "forget") else after if action == "replace" else {**before, **after}
        changed = {} if action in ("no-op", "read", "forget") else self._changed(row)
        phase = "observed" if action == "no-op" else "planned"
        self._add(row, phase, action, named, "after_identity", changed, reason or str(row.get("action_reason") or ""))

    def add_drift(self, row: Mapping[str, Any]) -> None:
        named = _side(row["change"], "after") or _side(row["change"], "before")
        self._add(row, "observed", action_of(row), named, "after_identity", self._changed(row), "drift")

    def _changed(self, row: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        resource_type = str(row.get("type", ""))
        return changed_attributes(resource_type, row["change"], key=self.key, secrets=self.scope.secrets)

    def _add(
        self,
        row: Mapping[str, Any],
        phase: str,
        action: str,
        named: dict[str, Any],
        identity: str,
        changed: dict[str, tuple[str, str]],
        reason: str,
    ) -> None:
        address, resource_type = str(row["address"]), str(row.get("type", ""))
        known = row["change"].get(identity) or row["change"].get("before_identity")
        previous = str(row.get("previous_address") or "")
        self.events.change(
            self.when,
            phase,
            action,
            address + (f" (deposed {row['deposed']})" if row.get("deposed") else ""),
            attributes=named,
            identifiers=identifiers_of_resource(resource_type, named, self.scope, known),
            resource_type=resource_type,
            previous_address=previous if previous != address else "",
            dependencies=self.dependencies.get(configuration_address(address), ()),
            changed=changed,
            action_reason=reason,
        )


def _side(change: Mapping[str, Any], side: str) -> dict[str, Any]:
    """Return one side without what is marked as sensitive at its top level."""
    value, marks = change.get(side), change.get(f"{side}_sensitive")
    if not isinstance(value, dict) or marks is True:
        return {}
    hidden = {name for name, mark in marks.items() if mark is True} if isinstance(marks, dict) else set()
    return {name: item for name, item in value.items() if name not in hidden}


def _secrets(plan: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    found = [value for row in rows for value in sensitive_values(row["change"])]
    configuration = plan.get("configuration")
    root = (configuration.get("root_module") or {}) if isinstance(configuration, dict) else {}
    declared = root.get("variables") or {}
    values = plan.get("variables") or {}
    for name, variable in declared.items():
        if isinstance(variable, dict) and variable.get("sensitive"):
            found += [variable.get("default"), (values.get(name) or {}).get("value")]
    return found


def _scope(events: RunEvents, rows: Iterable[Mapping[str, Any]], secrets: frozenset[str]) -> Scope:
    """Return account and region of the whole plan, where its resources agree on them."""
    told = [scope_of(side) for row in rows for side in (_side(row["change"], "after"), _side(row["change"], "before"))]
    accounts, regions = ({pair[place] for pair in told if pair[place]} for place in (0, 1))
    return Scope(
        events.run.account or (accounts.pop() if len(accounts) == 1 else ""),
        events.run.region or (regions.pop() if len(regions) == 1 else ""),
        secrets,
    )
