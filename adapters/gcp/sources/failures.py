"""What the exceptions of Google's libraries mean: status codes of gRPC and HTTP, and what lies below them.

Codes are those of https://cloud.google.com/apis/design/errors; how long to wait is in `google.rpc.RetryInfo`, as a
message over gRPC and as JSON over REST. REST services give quota errors also as 403 with a reason:
https://cloud.google.com/bigquery/docs/error-messages.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from google.api_core import exceptions
from google.api_core.exceptions import GoogleAPICallError
from google.rpc.error_details_pb2 import RetryInfo

from ...acquisition import Failure, Verdict, failure_of_status, failure_of_type, retry_after_s

_API: Final = {
    exceptions.Aborted: Failure.TRANSIENT,
    exceptions.Cancelled: Failure.TRANSIENT,
    exceptions.DataLoss: Failure.TRUNCATED,
    exceptions.DeadlineExceeded: Failure.TRANSIENT,
    exceptions.FailedPrecondition: Failure.DENIED,
    exceptions.Forbidden: Failure.DENIED,
    exceptions.NotFound: Failure.DENIED,
    exceptions.OutOfRange: Failure.FATAL,
    exceptions.ServerError: Failure.TRANSIENT,
    exceptions.TooManyRequests: Failure.THROTTLED,
    exceptions.Unauthorized: Failure.EXPIRED,
    exceptions.Unknown: Failure.TRANSIENT,
}
"""Of exceptions and those below them (`ResourceExhausted` is a `TooManyRequests`); gRPC's and HTTP's alike."""

_REASONS: Final = {
    "backendError": Failure.TRANSIENT,
    "internalError": Failure.TRANSIENT,
    "jobBackendError": Failure.TRANSIENT,
    "jobInternalError": Failure.TRANSIENT,
    "jobRateLimitExceeded": Failure.THROTTLED,
    "quotaExceeded": Failure.THROTTLED,
    "rateLimitExceeded": Failure.THROTTLED,
    "tableUnavailable": Failure.TRANSIENT,
    "userRateLimitExceeded": Failure.THROTTLED,
}
"""Reasons of REST services that say more than their status."""

_TYPES: Final = {
    "builtins.OSError": Failure.TRANSIENT,
    "google.auth.exceptions.DefaultCredentialsError": Failure.EXPIRED,
    "google.auth.exceptions.GoogleAuthError": Failure.EXPIRED,
    "google.auth.exceptions.TransportError": Failure.TRANSIENT,
    "google.cloud.storage.exceptions.DataCorruption": Failure.TRUNCATED,
    "grpc.RpcError": Failure.TRANSIENT,
    "json.decoder.JSONDecodeError": Failure.TRUNCATED,
    "requests.exceptions.ChunkedEncodingError": Failure.TRUNCATED,
    "requests.exceptions.ContentDecodingError": Failure.TRUNCATED,
    "requests.exceptions.InvalidJSONError": Failure.TRUNCATED,
    "requests.exceptions.RequestException": Failure.TRANSIENT,
}


def classify(error: Exception) -> Verdict:
    """Return what an exception means.

    >>> classify(exceptions.ResourceExhausted("Quota exceeded")).failure.value
    'throttled'
    """
    if isinstance(error, GoogleAPICallError):
        return Verdict(_failure_of_answer(error), f"{type(error).__name__}: {error.message}", _delay_s(error))
    if getattr(error, "retryable", False):  # google-auth's word for an identity service that is out of order
        return Verdict(Failure.TRANSIENT, f"{type(error).__name__}: {error}")
    return Verdict(failure_of_type(error, _TYPES) or Failure.FATAL, f"{type(error).__name__}: {error}")


def _failure_of_answer(error: GoogleAPICallError) -> Failure:
    reason = next((one["reason"] for one in error.errors if isinstance(one, Mapping) and "reason" in one), "")
    if reason in _REASONS:
        return _REASONS[reason]
    if isinstance(error, exceptions.BadRequest) and not isinstance(error, exceptions.OutOfRange | _PRECONDITION):
        words = error.message.lower().replace("_", " ")
        return Failure.INVALID_TOKEN if "page token" in words or "pagetoken" in words else Failure.FATAL
    known = next((_API[kind] for kind in type(error).__mro__ if kind in _API), None)
    return known or failure_of_status(int(error.code or 0))


_PRECONDITION = exceptions.FailedPrecondition


def _delay_s(error: GoogleAPICallError) -> float | None:
    """Return the delay that the service asks for."""
    delays = [delay for detail in error.details if (delay := _retry_info_s(detail)) is not None]
    headers = getattr(error.response, "headers", None)
    told = retry_after_s(headers, time.time_ns()) if isinstance(headers, Mapping) else None
    return max([*delays, *([] if told is None else [told])], default=None)


def _retry_info_s(detail: Any) -> float | None:
    if isinstance(detail, RetryInfo):
        return float(detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9)
    if isinstance(detail, Mapping) and str(detail.get("@type", "")).endswith("google.rpc.RetryInfo"):
        return float(str(detail.get("retryDelay", "0s")).removesuffix("s") or 0)
    return None
