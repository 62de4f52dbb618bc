"""Find out whether a source of AWS may do what it needs: who it is, and one cheap request for each right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...acquisition import Check, RequestFailedError, Requests
from .connection import AwsConnection


def check_identity(connection: AwsConnection, requests: Requests) -> Check:
    """Return whether the credentials work, and belong to the account that was named.

    See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: it needs no right.
    """
    try:
        answer = requests.call(lambda: connection.client("sts").get_caller_identity(), whole=_has_account)
    except RequestFailedError as error:
        return Check("credentials", False, str(error), "set up a profile, a role, or keys by reference")
    found = answer["Account"]
    if found != connection.account:
        detail = f"the credentials are of account {found}, the source names {connection.account}"
        return Check("account", False, detail, "assume a role in the account, or name the right one")
    return Check("credentials", True, f"{answer.get('Arn', '')}")


def check_right(action: str, requests: Requests, send: Callable[[], Any]) -> Check:
    """Return whether a request is allowed; `action` is its name in IAM policies."""
    try:
        requests.call(send)
    except RequestFailedError as error:
        return Check(action, False, str(error), f"allow {action} on the resource, and check that it exists")
    return Check(action, True)


def _has_account(answer: Any) -> bool:
    return "Account" in answer
