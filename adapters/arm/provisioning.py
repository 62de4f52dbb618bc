"""What the states and operations of Resource Manager mean in the ledger's words.

Under the parser of deployments. See
https://learn.microsoft.com/rest/api/resources/deployment-operations/list#provisioningoperation.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from ...domain.severity import Severity

ACTIONS: Final = {"create": "create", "delete": "delete", "read": "read"}
"""Operation to action. `Create` is a PUT: Resource Manager does not say whether the resource was there before. Waiting,
evaluations of outputs, clean-ups and other actions change no resource."""

OUTCOMES: Final = {"succeeded": "succeeded", "failed": "failed", "canceled": "cancelled", "cancelled": "cancelled"}
"""State to outcome, of what has ended."""

_PHASES: Final = {"succeeded": "applied", "failed": "failed", "cancelled": "failed"}
_SEVERITIES: Final = {"failed": Severity.ERROR, "cancelled": Severity.WARN}
_STATUSES: Final = {status.phrase.replace(" ", "").replace("-", "").lower(): status.value for status in HTTPStatus}


def outcome_of(state: str) -> str:
    """Return how something ended; empty while it goes on.

    >>> outcome_of("Canceled"), outcome_of("Running")
    ('cancelled', '')
    """
    return OUTCOMES.get(state.lower(), "")


def phase_of(outcome: str) -> str:
    """Return how far the change of a resource is.

    >>> phase_of("succeeded"), phase_of("")
    ('applied', 'started')
    """
    return _PHASES.get(outcome, "started")


def severity_of(outcome: str) -> int:
    """Return how bad an outcome is.

    >>> severity_of("failed")
    17
    """
    return int(_SEVERITIES.get(outcome, Severity.INFO))


def status_of(word: str) -> int:
    """Return the status that Resource Manager spells out; 0 for none.

    >>> status_of("Conflict"), status_of("OK"), status_of("")
    (409, 200, 0)
    """
    return _STATUSES.get(word.lower(), 0)
