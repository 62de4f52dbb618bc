"""Write Terraform's native files of a run: plan JSON, machine-readable apply log, state.

Between the runs and the files. See https://developer.hashicorp.com/terraform/internals/json-format and
https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

from __future__ import annotations

import json
from typing import Any

from .clock import MICROSECONDS, utc_text
from .containers import compact
from .native_file import FileSet
from .terraform_run import Change, Run

_VERSION = "1.11.4"
_VERBS = {"create": ("Creating...", "Creation"), "update": ("Modifying...", "Modifications")}


def write_run(files: FileSet, run: Run) -> None:
    """Write the three files of a run: in a directory of its own, or with its name before the first dot."""
    separator = "/" if run.key.rpartition("/")[2].startswith("run-") else "."
    log = _apply_log(run)
    files.write_document(f"{run.key}{separator}plan.json", compact(_plan(run)), 1)
    files.write_document(f"{run.key}{separator}apply.jsonl", "\n".join(map(compact, log)), len(log))
    state = "terraform.tfstate" if separator == "/" else "tfstate"
    files.write_document(f"{run.key}{separator}{state}", json.dumps(_state(run), indent=2), 1)


def _plan(run: Run) -> dict[str, Any]:
    resources = [_planned(change) for change in run.changes]
    return {
        "format_version": "1.2",
        "terraform_version": _VERSION,
        "variables": run.variables,
        "planned_values": {
            "root_module": {
                "resources": [r for c, r in zip(run.changes, resources, strict=True) if not c.module],
                "child_modules": _modules(run, resources),
            }
        },
        "resource_changes": [_resource_change(change) for change in run.changes],
        "configuration": {"root_module": {"variables": {name: {} for name in run.variables}}},
        "timestamp": utc_text(run.start - 40 * MICROSECONDS, 0),
        "applyable": True,
        "complete": True,
        "errored": False,
    }


def _modules(run: Run, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    modules = dict.fromkeys(change.module for change in run.changes if change.module)
    return [
        {"address": module, "resources": [r for c, r in zip(run.changes, resources, strict=True) if c.module == module]}
        for module in modules
    ]


def _place(change: Change) -> dict[str, Any]:
    place = {"address": change.address}
    if change.module:
        place["module_address"] = change.module
    return {**place, "mode": "managed", "type": change.type, "name": change.name, "provider_name": change.provider}


def _planned(change: Change) -> dict[str, Any]:
    place = {name: value for name, value in _place(change).items() if name != "module_address"}
    return {
        **place,
        "schema_version": 1,
        "values": change.after,
        "sensitive_values": dict.fromkeys(change.sensitive, True),
    }


def _resource_change(change: Change) -> dict[str, Any]:
    marks = dict.fromkeys(change.sensitive, True)
    return {
        **_place(change),
        "change": {
            "actions": [change.action],
            "before": change.before,
            "after": change.after,
            "after_unknown": {} if change.before else {"arn": True, "id": True},
            "before_sensitive": marks if change.before else False,
            "after_sensitive": marks,
        },
    }


def _apply_log(run: Run) -> list[dict[str, Any]]:
    changed = [change for change in run.changes if change.action != "no-op"]
    lines = [_line(run.start, f"Terraform {_VERSION}", "version", terraform=_VERSION, ui="1.2")]
    for change in changed:
        planned = {"resource": _resource(change), "action": change.action}
        lines.append(_line(run.start, f"{change.address}: Plan to {change.action}", "planned_change", change=planned))
    share = (run.end - run.start - MICROSECONDS // 2) // max(len(changed), 1)
    for number, change in enumerate(changed):
        lines += _applied(change, run.start + MICROSECONDS // 4 + number * share, run.start + (number + 1) * share)
    added = sum(change.action == "create" for change in changed)
    counts = {"add": added, "change": len(changed) - added, "import": 0, "remove": 0, "operation": "apply"}
    said = f"Apply complete! Resources: {added} added, {len(changed) - added} changed, 0 destroyed."
    return [
        *lines,
        _line(run.end, said, "change_summary", changes=counts),
        _line(run.end, "Outputs: 0", "outputs", outputs={}),
    ]


def _applied(change: Change, start: int, end: int) -> list[dict[str, Any]]:
    begun, done = _VERBS[change.action]
    identity = {"id_key": "id", "id_value": change.id}
    hook = {"resource": _resource(change), "action": change.action}
    elapsed = max(end - start, 0) // MICROSECONDS
    first = hook if change.before is None else hook | identity
    shown = "" if change.before is None else f" [id={change.id}]"
    return [
        _line(start, f"{change.address}: {begun}{shown}", "apply_start", hook=first),
        _line(
            end,
            f"{change.address}: {done} complete after {elapsed}s [id={change.id}]",
            "apply_complete",
            hook=hook | identity | {"elapsed_seconds": elapsed},
        ),
    ]


def _line(at_us: int, message: str, kind: str, **fields: Any) -> dict[str, Any]:
    """Return a line of the log; Terraform writes local time with its offset, here that of a runner in Amsterdam."""
    local = utc_text(at_us + 3600 * MICROSECONDS)[:-1] + "+01:00"
    return {
        "@level": "info",
        "@message": message,
        "@module": "terraform.ui",
        "@timestamp": local,
        **fields,
        "type": kind,
    }


def _resource(change: Change) -> dict[str, Any]:
    return {
        "addr": change.address,
        "module": change.module,
        "resource": f"{change.type}.{change.name}",
        "implied_provider": change.type.partition("_")[0],
        "resource_type": change.type,
        "resource_name": change.name,
        "resource_key": None,
    }


def _state(run: Run) -> dict[str, Any]:
    return {
        "version": 4,
        "terraform_version": _VERSION,
        "serial": run.serial,
        "lineage": run.lineage,
        "outputs": {},
        "resources": [_state_resource(change) for change in run.changes],
        "check_results": None,
    }


def _state_resource(change: Change) -> dict[str, Any]:
    instance = {
        "schema_version": 1,
        "attributes": change.after | {"id": change.id},
        "sensitive_attributes": [[{"type": "get_attr", "value": name}] for name in change.sensitive],
    }
    module = {"module": change.module} if change.module else {}
    return {
        **module,
        "mode": "managed",
        "type": change.type,
        "name": change.name,
        "provider": f'provider["{change.provider}"]',
        "instances": [instance],
    }
