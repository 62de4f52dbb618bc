"""What the exceptions of Azure's libraries mean: statuses, error codes, and what lies below HTTP and AMQP.

Statuses and codes are those of https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
and of each service. Some services ask to wait in headers of their own, which the SDK does not know.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from azure.core.exceptions import HttpResponseError

from ...acquisition import Failure, Verdict, failure_of_status, failure_of_type, retry_after_s

_TYPES: Final = {
    "azure.core.exceptions.ClientAuthenticationError": Failure.EXPIRED,
    "azure.core.exceptions.DecodeError": Failure.TRUNCATED,
    "azure.core.exceptions.HttpResponseError": Failure.TRUNCATED,
    "azure.core.exceptions.ServiceRequestError": Failure.TRANSIENT,
    "azure.core.exceptions.ServiceResponseError": Failure.TRANSIENT,
    "azure.eventhub.exceptions.AuthenticationError": Failure.EXPIRED,
    "azure.eventhub.exceptions.ConnectError": Failure.TRANSIENT,
    "azure.eventhub.exceptions.ConnectionLostError": Failure.TRANSIENT,
    "azure.eventhub.exceptions.EventHubError": Failure.TRANSIENT,
    "azure.eventhub.exceptions.OperationTimeoutError": Failure.TRANSIENT,
    "builtins.OSError": Failure.TRANSIENT,
    "cloudledger.adapters.acquisition.secret_reference.SecretNotFoundError": Failure.DENIED,
    "json.decoder.JSONDecodeError": Failure.TRUNCATED,
    "msgspec.DecodeError": Failure.TRUNCATED,
    "xml.etree.ElementTree.ParseError": Failure.TRUNCATED,
}
"""An `HttpResponseError` without a status is a download that broke off."""

_CODES: Final = {
    "AuthorizationFailed": Failure.DENIED,
    "ExpiredAuthenticationToken": Failure.EXPIRED,
    "InvalidAuthenticationToken": Failure.EXPIRED,
    "OperationNotAllowed": Failure.DENIED,
    "ResourceCollectionRequestsThrottled": Failure.THROTTLED,
    "ServerBusy": Failure.THROTTLED,
    "SubscriptionRequestsThrottled": Failure.THROTTLED,
    "TooManyRequests": Failure.THROTTLED,
}
"""Codes that say more than the status which they come with."""

_TOKEN_WORDS: Final = ("skiptoken", "continuation token", "invalid marker", "nextlink")


_CONDITIONS: Final = {
    "amqp:unauthorized-access": Failure.EXPIRED,
    "com.microsoft:server-busy": Failure.THROTTLED,
}
"""Of AMQP, where they say more than the exception: https://learn.microsoft.com/azure/event-hubs/exceptions-dotnet."""


def classify(error: Exception) -> Verdict:
    """Return what an exception means.

    >>> classify(ConnectionResetError("by peer")).failure.value
    'transient'
    """
    if isinstance(error, HttpResponseError) and error.response is not None and error.status_code:
        return _of_answer(error)
    words = f"{type(error).__name__}: {error}"
    told = next((failure for condition, failure in _CONDITIONS.items() if condition in words), None)
    return Verdict(told or failure_of_type(error, _TYPES) or Failure.FATAL, words)


def _of_answer(error: HttpResponseError) -> Verdict:
    status, code = int(error.status_code or 0), code_of(error)
    failure = _CODES.get(code) or failure_of_status(status)
    if status == 400 and any(word in str(error).lower() for word in _TOKEN_WORDS):
        failure = Failure.INVALID_TOKEN
    if failure_of_type(error, _AUTHENTICATION) is not None:
        failure = Failure.EXPIRED
    headers = getattr(error.response, "headers", None) or {}
    delay_s = retry_after_s({str(name): str(value) for name, value in headers.items()}, time.time_ns())
    return Verdict(failure, f"{status} {code}: {error.message}", delay_s)


_AUTHENTICATION: Final = {"azure.core.exceptions.ClientAuthenticationError": Failure.EXPIRED}


def code_of(error: HttpResponseError) -> str:
    """Return the code that a service gave its error; "" where it gave none.

    >>> code_of(HttpResponseError("no"))
    ''
    """
    told: Any = getattr(error.error, "code", None)
    if told is None and isinstance(error.model, Mapping):
        told = error.model.get("error", error.model).get("code")
    return str(told or "")
