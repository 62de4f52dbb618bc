"""Which run a Terraform file belongs to.

No artefact of Terraform names its run, stack, workspace, actor or commit. They are taken from what the user told the
source (`Origin.metadata`), else the run is derived from the object's key:

- files of one run share their directory and their name before the first dot: `42_fix.plan.json`, `42_fix.apply.jsonl`
  and `42_fix.tfstate` are the run `<directory>/42_fix`; a leading or trailing word plan, apply or state is left out
  (`plan-42.json`, `apply-42.jsonl`);
- a name that only says what the file is (plan, apply, state, show, tfplan, terraform) takes the directory's:
  `runs/42/plan.json` and `runs/42/apply.jsonl` are the run `runs/42`;
- only the last three parts of the key count, so that a run has the same id wherever its folder lies.

Without a stack of their own, runs below one directory are runs of one stack, named by that directory.
"""

from __future__ import annotations

import re

import msgspec

from ..records import Origin

GENERIC_STEMS = frozenset({"plan", "apply", "state", "show", "tfplan", "tfstate", "terraform", "log", "output"})
"""File names that say what a file is and not which run it is of. Chosen from Terraform's own documentation."""

KEPT_PARTS = 3
"""Chosen: stack, component and run; the folders above are a matter of the machine."""

_REWRITTEN = re.compile(r"#\d+$")
_ARTEFACT = re.compile(r"^(?:plan|apply|state|tfplan|tfstate)[-_]|[-_](?:plan|apply|state|tfplan|tfstate)$")


class Run(msgspec.Struct, frozen=True):
    """What all events of one run share."""

    deployment_id: str
    change_set: str
    stack: str
    workspace: str
    component: str
    actor: str
    commit: str
    account: str
    region: str


def run_of(origin: Origin) -> Run:
    """Return the run that an object belongs to.

    >>> run_of(Origin("prod/42_fix.plan.json")).deployment_id, run_of(Origin("prod/43/plan.json")).deployment_id
    ('prod/42_fix', 'prod/43')
    """
    directory, stem = _directory_and_stem(origin.object_key)
    told = origin.metadata
    deployment = told.get("run") or "/".join(part for part in (directory, stem) if part)
    return Run(
        deployment_id=deployment,
        change_set=told.get("change_set") or deployment,
        stack=told.get("stack") or directory,
        workspace=told.get("workspace", ""),
        component=told.get("component", ""),
        actor=told.get("actor", ""),
        commit=told.get("commit", ""),
        account=told.get("account", ""),
        region=told.get("region", ""),
    )


def _directory_and_stem(object_key: str) -> tuple[str, str]:
    *folders, file_name = [part for part in _REWRITTEN.sub("", object_key).split("/") if part not in ("", ".")] or [""]
    stem = file_name.split(".", 1)[0]
    if stem.lower() in GENERIC_STEMS:
        stem = folders.pop() if folders else "terraform"
    else:
        stem = _ARTEFACT.sub("", stem, count=1) or stem
    return "/".join(folders[-(KEPT_PARTS - 1) :]), stem
