"""What the REST services of Google have in common: errors as JSON, with a reason and with `RetryInfo`."""

from __future__ import annotations

import json
from typing import Any

from tests.wire.http_fake import Answer, HttpFake, Request

JSON = {"Content-Type": "application/json; charset=UTF-8"}

ERRORS = {
    "throttled": (429, "RESOURCE_EXHAUSTED", "rateLimitExceeded"),
    "quota": (403, "PERMISSION_DENIED", "rateLimitExceeded"),
    "unavailable": (503, "UNAVAILABLE", "backendError"),
    "internal": (500, "INTERNAL", "internalError"),
    "expired": (401, "UNAUTHENTICATED", "authError"),
    "denied": (403, "PERMISSION_DENIED", "accessDenied"),
    "missing": (404, "NOT_FOUND", "notFound"),
    "token_refused": (400, "INVALID_ARGUMENT", "invalid"),
    "invalid": (400, "INVALID_ARGUMENT", "invalidQuery"),
}


class GoogleRestFake(HttpFake):
    """A service with REST surface; faults: the kinds of `ERRORS`."""

    def fault(self, kind: str, request: Request) -> Answer:
        code, status, reason = ERRORS[kind]
        words = "Invalid pageToken" if kind == "token_refused" else kind
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"}]
        error: dict[str, Any] = {"code": code, "message": words, "status": status, "errors": [{"reason": reason}]}
        return told({"error": error | ({"details": details} if kind == "throttled" else {})}, code)


def told(value: Any, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return Answer(status, json.dumps(value).encode(), JSON)
