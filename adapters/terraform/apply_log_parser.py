"""Parse the JSON lines that `terraform plan -json` and `terraform apply -json` print.

Every line is read alone: which start belongs to which end, and how a run ended, is joined by the timeline. The id of
an object stands in `apply_complete` when it was created or updated, but in `apply_start` when it was deleted; a run
that was cut off has no summary. Lines of unknown types stay as log records. Output of provisioners, values of outputs
and code snippets may hold secrets and are left out.
See https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ...domain.batch import EventBatch
from ...domain.severity import Severity
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .resource_identifiers import identifiers_of_id
from .run_events import RunEvents, instant_of
from .secret_values import looks_secret

MODULE = "terraform.ui"
"""Value of `@module` in every line."""

ACTIONS = {"noop": "no-op", "remove": "forget"}
"""Words of the log that the plan spells otherwise."""

_SEVERITIES = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17}
_MAX_TEXT = 2000
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_MESSAGE_ID = re.compile(r"\[id=[^\]]*\]")


class TerraformApplyLogParser:
    """Lines of the UI log to started, applied and failed changes.

    >>> TerraformApplyLogParser().recognises(Sample(b'{"@module":"terraform.ui","type":"version"}', {}, None))
    True
    """

    format = "terraform.apply_log"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a line of the UI log."""
        return sample.fields.get("@module") == MODULE and "type" in sample.fields

    def parse(self, records: Records) -> EventBatch:
        """Return the events of lines."""
        events = RunEvents(self.format, records)
        for row, body in enumerate(records.bodies):
            line = msgspec.json.decode(body, type=dict[str, Any])
            if line.get("@module") != MODULE:
                raise UnreadableRecordError(f"no line of {MODULE}")
            events.at(row)
            when = instant_of(line.get("@timestamp"))
            _READERS.get(str(line.get("type")), _add_log)(events, line, when)
        return events.batch()

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that were kept of a line.

        >>> TerraformApplyLogParser().attributes(b'{"type":"version","terraform":"1.11.4"}', {})
        {'type': 'version', 'terraform': '1.11.4'}
        """
        fields: dict[str, Any] = msgspec.json.decode(body)
        return fields


def _object(line: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = line.get(name)
    return value if isinstance(value, dict) else {}


def _resource(holder: Mapping[str, Any], name: str = "resource") -> tuple[str, str]:
    fields = _object(holder, name)
    return str(fields.get("addr", "")), str(fields.get("resource_type", ""))


def _action(holder: Mapping[str, Any]) -> str:
    action = str(holder.get("action", ""))
    return ACTIONS.get(action, action)


def _add_hook(phase: str) -> Callable[[RunEvents, Mapping[str, Any], int | None], None]:
    def add(events: RunEvents, line: Mapping[str, Any], when: int | None) -> None:
        hook = _object(line, "hook")
        address, resource_type = _resource(hook)
        value = hook.get("id_value")
        ended = phase in ("applied", "failed")
        events.change(
            when,
            phase,
            "no-op" if phase == "observed" else _action(hook),
            address,
            resource_type=resource_type,
            identifiers=identifiers_of_id(resource_type, value) if isinstance(value, str) and value else (),
            started_at=when if phase == "started" else None,
            ended_at=when if ended else None,
        )

    return add


def _add_planned(events: RunEvents, line: Mapping[str, Any], when: int | None) -> None:
    change = _object(line, "change")
    address, resource_type = _resource(change)
    events.change(
        when,
        "planned",
        _action(change),
        address,
        resource_type=resource_type,
        previous_address=_resource(change, "previous_resource")[0],
        action_reason=str(change.get("reason") or ""),
    )


def _add_drift(events: RunEvents, line: Mapping[str, Any], when: int | None) -> None:
    change = _object(line, "change")
    address, resource_type = _resource(change)
    events.change(when, "observed", _action(change), address, resource_type=resource_type, action_reason="drift")


def _add_summary(events: RunEvents, line: Mapping[str, Any], when: int | None) -> None:
    changes = _object(line, "changes")
    counts = {name: value for name, value in changes.items() if isinstance(value, int) and value}
    if changes.get("operation") == "plan":
        events.deployment(when, "planned", summary=counts)
    else:
        events.deployment(when, "finished", outcome="succeeded", summary=counts, ended_at=when)


def _add_diagnostic(events: RunEvents, line: Mapping[str, Any], when: int | None) -> None:
    found = _object(line, "diagnostic")
    summary, address = _text(found.get("summary")), str(found.get("address") or "")
    kept = {"type": "diagnostic", "severity": found.get("severity"), "summary": summary, "address": address}
    if "provisioner" not in summary:
        kept["detail"] = _text(found.get("detail"))
    is_error = found.get("severity") == "error"
    severity = int(Severity.ERROR if is_error else Severity.WARN)
    events.log(when, severity, "diagnostic", kept, error=summary if is_error else "")
    if is_error and address:
        events.change(when, "failed", "", address, message=summary)
    elif is_error:
        events.deployment(when, "finished", outcome="failed", error=summary)


def _add_log(events: RunEvents, line: Mapping[str, Any], when: int | None) -> None:
    """Keep a line that tells no fact: its type, message, and the resource it is about."""
    kind = str(line.get("type", ""))
    holder = _object(line, "hook") or _object(line, "change")
    kept: dict[str, Any] = {"type": kind}
    if not kind.startswith("provision_progress"):
        kept["message"] = _text(line.get("@message"))
    if _resource(holder)[0]:
        kept["address"] = _resource(holder)[0]
    kept |= {name: line[name] for name in ("terraform", "ui") if isinstance(line.get(name), str)}
    if isinstance(line.get("outputs"), dict):
        kept["outputs"] = sorted(line["outputs"])
    severity = _SEVERITIES.get(str(line.get("@level")), int(Severity.INFO))
    failed = kind.endswith("_errored")
    events.log(when, int(Severity.ERROR) if failed else severity, kind, kept, error=kind if failed else "")


def _text(value: Any) -> str:
    """Return a text without what is quoted in it where it looks like a secret, and never too long."""
    text = _MESSAGE_ID.sub("", value[:_MAX_TEXT]) if isinstance(value, str) else ""
    if looks_secret(text):
        text = _QUOTED.sub("'(left out)'", text)
    return "(left out: it may hold a secret)" if looks_secret(text) else text


_READERS: dict[str, Callable[[RunEvents, Mapping[str, Any], int | None], None]] = {
    "apply_start": _add_hook("started"),
    "apply_complete": _add_hook("applied"),
    "apply_errored": _add_hook("failed"),
    "refresh_complete": _add_hook("observed"),
    "planned_change": _add_planned,
    "resource_drift": _add_drift,
    "change_summary": _add_summary,
    "diagnostic": _add_diagnostic,
}
"""Line type to reader; all other types are kept as log records."""
