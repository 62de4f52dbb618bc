"""Why a deployment or an operation failed: the innermost error, which names the cause.

Under the parser of deployments. The outer errors only say that a deployment failed; details may be JSON in a text. See
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/find-error-code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

MAX_DEPTH: Final = 12
"""Errors within errors. Chosen: nested deployments add two each, and may nest five deep."""


class FailureReason(NamedTuple):
    """A code, and words for people."""

    code: str = ""
    message: str = ""


def failure_reason(told: Any) -> FailureReason:
    """Return the innermost error that has a code; empty where there is none.

    >>> failure_reason({"error": {"code": "DeploymentFailed", "details": [{"code": "Conflict", "message": "taken"}]}})
    FailureReason(code='Conflict', message='taken')
    >>> failure_reason("BadRequest: no")
    FailureReason(code='', message='BadRequest: no')
    """
    if isinstance(told, str):
        inner = _object_in(told)
        return failure_reason(inner) if inner else FailureReason("", told)
    reason = FailureReason()
    for error in _errors(told):
        code, message = error.get("code"), error.get("message")
        if isinstance(code, str) and code:
            text = message if isinstance(message, str) else ""
            reason = FailureReason(code, reason.message if text and _object_in(text) else text)
    return reason


def _errors(told: Any) -> Iterator[dict[str, Any]]:
    """Yield the errors from the outermost to the innermost, always the first of several."""
    for _ in range(MAX_DEPTH):
        if not isinstance(told, dict):
            return
        yield told
        details = told.get("details")
        first = details[0] if isinstance(details, list) and details else None
        told = told.get("error") or first or _object_in(told.get("message"))


def _object_in(text: Any) -> dict[str, Any] | None:
    """Return the JSON object that a text is, if it is one."""
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return None
