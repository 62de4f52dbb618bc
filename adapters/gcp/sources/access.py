"""Find out whether a source of Google Cloud may do what it needs: one cheap request for each right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...acquisition import Check, RequestFailedError, Requests


def check_right(permission: str, role: str, requests: Requests, send: Callable[[], Any]) -> Check:
    """Return whether a request is allowed; `role` is the least one that has the permission."""
    try:
        requests.call(send)
    except RequestFailedError as error:
        return Check(permission, False, str(error), f"grant {role}, and check that what is read exists")
    return Check(permission, True)


def check_permissions(
    wanted: Iterable[str], role: str, requests: Requests, held: Callable[[], Iterable[str]]
) -> tuple[Check, ...]:
    """Return which permissions of a resource are held, as its `testIamPermissions` says; that needs no right itself."""
    try:
        found = frozenset(requests.call(held))
    except RequestFailedError as error:
        return (Check("access", False, str(error), "set up credentials, and check that what is read exists"),)
    return tuple(Check(name, name in found, "", "" if name in found else f"grant {role}") for name in wanted)
