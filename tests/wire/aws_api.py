"""AwsApi: what the fakes of AWS's services share: the JSON and query protocols, how they say errors, who asks.

JSON names its operation in `X-Amz-Target`, query in the form's `Action` and answers in XML, lists as `<member>`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, HttpFake, Request

ACCOUNT = "123456789012"
JSON = {"Content-Type": "application/x-amz-json-1.1"}
XML = {"Content-Type": "text/xml"}

ERRORS = {
    "throttled": (400, "ThrottlingException"),
    "slow_down": (503, "SlowDown"),
    "unavailable": (503, "ServiceUnavailable"),
    "internal": (500, "InternalFailure"),
    "expired": (400, "ExpiredToken"),
    "denied": (403, "AccessDenied"),
    "limit": (400, "LimitExceededException"),
    "token_refused": (400, "InvalidNextTokenException"),
}
"""Status and code of the faults that a service puts into words."""

Operation = Callable[[dict[str, Any]], dict[str, Any]]


class AwsApi(HttpFake):
    """Answers operations by name; subclasses add to `operations`. Who asks (STS) is never hit by a fault."""

    namespace = "https://aws.amazon.com/doc/2010-05-08/"

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__(faults)
        self.account = ACCOUNT
        self.operations: dict[str, Operation] = {}
        self.spared: set[str] = set()

    def operation(self, request: Request) -> str:
        """Return the operation that a request names; empty for REST."""
        target = _header(request, "x-amz-target")
        if target:
            return target.rpartition(".")[2]
        return self.form(request).get("Action", "")

    def form(self, request: Request) -> dict[str, str]:
        """Return a form's fields."""
        is_form = "x-www-form-urlencoded" in _header(request, "content-type")
        return dict(parse_qsl(request.body.decode())) if is_form else {}

    def faulty(self, request: Request) -> bool:
        """Everything but the question who asks, and what a test spares."""
        return self.operation(request) not in {"GetCallerIdentity", *self.spared}

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """Return what was asked of an operation so far."""
        return [self._arguments(one) for one in self.requests if self.operation(one) == operation]

    def answer(self, request: Request) -> Answer:
        """Answer as the service does."""
        name = self.operation(request)
        if name == "GetCallerIdentity":
            who = {"Account": self.account, "Arn": f"arn:aws:iam::{self.account}:user/reader", "UserId": "A"}
            return self._xml(name, who)
        if name not in self.operations:
            return self.error(request, 400, "UnknownOperationException", name or request.path)
        answer = self.operations[name](self._arguments(request))
        if "Error" in answer:
            return self.error(request, 400, *answer["Error"])
        return Answer(200, json.dumps(answer).encode(), JSON) if self._is_json(request) else self._xml(name, answer)

    def fault(self, kind: str, request: Request) -> Answer:
        """Answer that something is wrong."""
        status, code = ERRORS[kind]
        return self.error(request, status, code, kind)

    def error(self, request: Request, status: int, code: str, message: str) -> Answer:
        """Return an error in the protocol of the request."""
        if self._is_json(request):
            return Answer(status, json.dumps({"__type": code, "message": message}).encode(), JSON)
        told = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        if self.form(request):
            return Answer(status, f"<ErrorResponse><Error>{told}</Error></ErrorResponse>".encode(), XML)
        return Answer(status, f"<Error>{told}</Error>".encode(), XML)

    def _is_json(self, request: Request) -> bool:
        return bool(_header(request, "x-amz-target"))

    def _arguments(self, request: Request) -> dict[str, Any]:
        if self._is_json(request):
            arguments: dict[str, Any] = json.loads(request.body)
            return arguments
        return dict(self.form(request))

    def _xml(self, name: str, answer: Mapping[str, Any]) -> Answer:
        inner = xml_of(answer)
        text = f"<{name}Response xmlns='{self.namespace}'><{name}Result>{inner}</{name}Result></{name}Response>"
        return Answer(200, text.encode(), XML)


def xml_of(value: Any) -> str:
    """Return a value as XML of the query protocol."""
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{xml_of(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{xml_of(one)}</member>" for one in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def _header(request: Request, wanted: str) -> str:
    return next((value for name, value in request.headers.items() if name.lower() == wanted), "")
