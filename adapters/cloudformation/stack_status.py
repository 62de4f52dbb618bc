"""What the status of a stack or resource says: which action, how far it is, how it ended.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_ACTIONS: Final = {
    "CREATE": "create",
    "UPDATE": "update",
    "DELETE": "delete",
    "IMPORT": "import",
    "UPDATE_ROLLBACK": "update",
    "IMPORT_ROLLBACK": "forget",
    "ROLLBACK": "delete",
}
"""Status without its end, to what is done to a resource; a rollback of a creation deletes."""

_PHASES: Final = {"IN_PROGRESS": "started", "COMPLETE": "applied", "FAILED": "failed"}


class Progress(NamedTuple):
    """An action on one resource, and how far it is."""

    action: str
    phase: str


def resource_progress(status: str) -> Progress | None:
    """Return what a resource's status says; None for a status that is none of an action.

    >>> resource_progress("UPDATE_COMPLETE"), resource_progress("DELETE_SKIPPED")
    (Progress(action='update', phase='applied'), Progress(action='forget', phase='applied'))
    """
    if status == "DELETE_SKIPPED":
        return Progress("forget", "applied")
    for end, phase in _PHASES.items():
        action = _ACTIONS.get(status.removesuffix(f"_{end}"))
        if status.endswith(f"_{end}") and action:
            return Progress(action, phase)
    return None


def stack_outcome(status: str) -> tuple[str, str]:
    """Return phase and outcome of a stack's operation; empty for steps in between (clean-up, rolling back).

    >>> stack_outcome("CREATE_IN_PROGRESS"), stack_outcome("UPDATE_ROLLBACK_COMPLETE")
    (('started', ''), ('finished', 'failed'))
    """
    if status == "REVIEW_IN_PROGRESS":
        return "planned", ""
    if "ROLLBACK" in status:
        return ("finished", "failed") if status.endswith(("_COMPLETE", "_FAILED")) else ("", "")
    if status.endswith("CLEANUP_IN_PROGRESS"):
        return "", ""
    if status.endswith("_IN_PROGRESS"):
        return "started", ""
    return "finished", "failed" if status.endswith("_FAILED") else "succeeded"
