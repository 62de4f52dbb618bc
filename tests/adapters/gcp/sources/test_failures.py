"""What Google's exceptions mean: each code of gRPC and of HTTP, delays as messages and as JSON, and what lies below."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from google.api_core import exceptions
from google.auth import exceptions as auth
from google.cloud.storage.exceptions import DataCorruption
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from cloudledger.adapters.gcp.sources.failures import classify

RETRY_IN_JSON = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s"}


def retry_info(milliseconds: int) -> RetryInfo:
    info = RetryInfo()
    info.retry_delay.FromMilliseconds(milliseconds)
    return info


def answered(status: int, reason: str, message: str = "no", headers: dict[str, str] | None = None) -> Exception:
    """Return the exception of a REST answer, as google-api-core makes it."""
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers or {})
    response.request = requests.Request("GET", "https://bigquery.googleapis.com/x").prepare()
    body = f'{{"error":{{"message":"{message}","errors":[{{"reason":"{reason}"}}],"details":[]}}}}'
    response._content = body.encode()
    return exceptions.from_http_response(response)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (exceptions.ResourceExhausted("quota"), "throttled"),
        (exceptions.TooManyRequests("quota"), "throttled"),
        (exceptions.ServiceUnavailable("away"), "transient"),
        (exceptions.InternalServerError("oops"), "transient"),
        (exceptions.BadGateway("oops"), "transient"),
        (exceptions.GatewayTimeout("slow"), "transient"),
        (exceptions.DeadlineExceeded("slow"), "transient"),
        (exceptions.Aborted("conflict"), "transient"),
        (exceptions.Cancelled("by the server"), "transient"),
        (exceptions.Unknown("?"), "transient"),
        (exceptions.DataLoss("half"), "truncated"),
        (exceptions.Unauthenticated("token"), "expired credentials"),
        (exceptions.Unauthorized("token"), "expired credentials"),
        (exceptions.PermissionDenied("no"), "denied"),
        (exceptions.NotFound("no"), "denied"),
        (exceptions.FailedPrecondition("billing is off"), "denied"),
        (exceptions.OutOfRange("beyond"), "fatal"),
        (exceptions.InvalidArgument("page_token is not valid"), "invalid token"),
        (exceptions.BadRequest("Invalid pageToken"), "invalid token"),
        (exceptions.InvalidArgument("Unparseable filter"), "fatal"),
        (exceptions.Conflict("exists"), "fatal"),
        (exceptions.GoogleAPICallError("says nothing"), "fatal"),
        (answered(403, "rateLimitExceeded"), "throttled"),
        (answered(403, "quotaExceeded"), "throttled"),
        (answered(403, "accessDenied"), "denied"),
        (answered(400, "backendError"), "transient"),
        (answered(400, "invalidQuery"), "fatal"),
        (answered(504, ""), "transient"),
        (auth.RefreshError("token", retryable=False), "expired credentials"),
        (auth.RefreshError("token", retryable=True), "transient"),
        (auth.DefaultCredentialsError("none"), "expired credentials"),
        (auth.TransportError("away"), "transient"),
        (requests.exceptions.ChunkedEncodingError("cut"), "truncated"),
        (requests.exceptions.JSONDecodeError("cut", "", 0), "truncated"),
        (requests.exceptions.ConnectTimeout("slow"), "transient"),
        (requests.exceptions.ConnectionError("reset"), "transient"),
        (DataCorruption(None, "checksum"), "truncated"),
        (ConnectionResetError("by peer"), "transient"),
        (ValueError("ours"), "fatal"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_exception_means(error: Exception, failure: str) -> None:
    assert classify(error).failure.value == failure


@pytest.mark.parametrize(
    ("error", "delay_s"),
    [
        (exceptions.ResourceExhausted("quota", details=[ErrorInfo(), retry_info(1500)]), 1.5),
        (exceptions.TooManyRequests("quota", details=[RETRY_IN_JSON]), 3.5),
        (exceptions.TooManyRequests("quota", details=[{**RETRY_IN_JSON, "retryDelay": "s"}]), 0.0),
        (exceptions.TooManyRequests("quota", details=[{"@type": "other"}, "word"]), None),
        (answered(429, "rateLimitExceeded", headers={"Retry-After": "7"}), 7.0),
        (answered(429, "rateLimitExceeded"), None),
    ],
)
def test_the_delay_that_a_service_asks_for_is_found(error: Any, delay_s: float | None) -> None:
    assert classify(error).retry_after_s == delay_s


def test_a_verdict_says_what_happened() -> None:
    assert classify(exceptions.PermissionDenied("Permission denied on logs")).detail == (
        "PermissionDenied: Permission denied on logs"
    )
