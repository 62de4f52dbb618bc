"""AzureFake: what Azure's services have in common on the wire: TLS, bearer tokens of Entra ID, and how they refuse."""

from __future__ import annotations

import json
import time
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from azure.core.credentials import AccessToken

from cloudledger.adapters.azure.sources import AzureCloud
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, HttpFake, Request
from tests.wire.tls import server_context

JSON = {"Content-Type": "application/json"}

REFUSALS: dict[str, tuple[int, str, dict[str, str]]] = {
    "throttled": (429, "TooManyRequests", {"Retry-After": "2"}),
    "slow_down": (429, "TooManyRequests", {"x-ms-retry-after-ms": "1500"}),
    "bare_429": (429, "429", {}),
    "cost_quota": (429, "429", {"x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "4"}),
    "unavailable": (503, "ServiceUnavailable", {}),
    "internal": (500, "InternalServerError", {}),
    "bad_gateway": (502, "BadGateway", {}),
    "timeout": (504, "GatewayTimeout", {}),
    "expired": (401, "InvalidAuthenticationToken", {}),
    "denied": (403, "InsufficientAccessError", {}),
    "wrong": (400, "BadArgumentError", {}),
    "token_refused": (400, "InvalidSkipToken", {}),
}
"""Kinds of faults that all services answer alike: status, code, headers."""


class FakeCredential:
    """A `TokenCredential` that counts how often it is asked."""

    def __init__(self, token: str = "a-token-of-the-test") -> None:
        self.token, self.asked = token, 0

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked += 1
        return AccessToken(f"{self.token}-{self.asked}", int(time.time()) + 3600)


class AzureFake(HttpFake):
    """A server over TLS that gives tokens, and demands one of each request.

    Args:
        faults: kinds besides the network's are those of `REFUSALS`, and the service's own.
        clock_ns: decides what is visible.

    Attributes:
        tokens: how many tokens were given; `token` is what each begins with.
    """

    def __init__(self, faults: Faults | None = None, *, clock_ns: Callable[[], int] = time.time_ns) -> None:
        super().__init__(faults, context=server_context())
        self.clock_ns, self.tokens, self.token = clock_ns, 0, "token"

    @property
    def cloud(self) -> AzureCloud:
        """The addresses of a cloud whose services are all here."""
        return AzureCloud(
            authority=self.url,
            management=self.url,
            logs=self.url,
            metrics=self.url,
            blobs=self.url,
        )

    def faulty(self, request: Request) -> bool:
        return "/oauth2/" not in request.path and "/.well-known/" not in request.path

    def answer(self, request: Request) -> Answer:
        if not self.faulty(request):
            return self._identity(request)
        if not header(request, "Authorization").startswith("Bearer ") and "sig=" not in request.path:
            return refusal("expired")
        return self.served(request)

    @abstractmethod
    def served(self, request: Request) -> Answer:
        """Return the service's answer to a request with a token."""

    def fault(self, kind: str, request: Request) -> Answer:
        return refusal(kind)

    def _identity(self, request: Request) -> Answer:
        if request.path.endswith("openid-configuration"):
            tenant = f"{self.url}/{request.path.split('/')[1]}"
            paths = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
            found = {name: f"{tenant}/oauth2/v2.0/{path}" for name, path in paths.items()}
            return told({**found, "issuer": f"{tenant}/v2.0"})
        self.tokens += 1
        return told({"token_type": "Bearer", "expires_in": 3599, "access_token": f"{self.token}{self.tokens}"})


def refusal(kind: str) -> Answer:
    """Return how a service refuses."""
    status, code, headers = REFUSALS[kind]
    words = "The skipToken is not valid." if kind == "token_refused" else kind
    body = {"error": {"code": code, "message": words}}
    return Answer(status, json.dumps(body).encode(), {**JSON, **headers})


def told(value: Any) -> Answer:
    """Return an answer of JSON."""
    return Answer(200, json.dumps(value).encode(), JSON)


def header(request: Request, name: str) -> str:
    """Return a header of a request, in whatever case it came."""
    return next((value for key, value in request.headers.items() if key.lower() == name.lower()), "")
