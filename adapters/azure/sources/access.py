"""Find out whether a source of Azure may do what it needs: one cheap request for each right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...acquisition import Check, RequestFailedError, Requests


def check_right(permission: str, role: str, requests: Requests, send: Callable[[], Any]) -> Check:
    """Return whether a request is allowed; `role` is the least built-in one that has the permission."""
    try:
        requests.call(send)
    except RequestFailedError as error:
        return Check(permission, False, str(error), f"assign {role!r} on what is read, and check that it exists")
    return Check(permission, True)
