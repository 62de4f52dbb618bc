"""AzureConnection: how to reach Azure: which cloud, and where credentials come from, never what they are.

Under every source of Azure. A ready `TokenCredential` is taken as it is: the caller owns its chain. Clients are made
when first needed, without retries of their own and without the policies that log what is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    RetryPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from azure.monitor.query import LogsQueryClient

from ....domain.errors import InvalidArgumentError
from ...acquisition import TruncatedAnswerError
from .cloud import PUBLIC, AzureCloud
from .credentials import AzureCredentials, RememberingCredential, forget_credential, shared_credential

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60


class AzureConnection:
    """A way to one cloud of Azure with one identity; makes each client once.

    Args:
        credentials: where they come from, or a ready `TokenCredential`.
        cloud: the addresses.
        ca_file: certificates (PEM) to trust instead of the public ones.

    >>> AzureConnection()
    AzureConnection(authority='https://login.microsoftonline.com')
    """

    def __init__(
        self, *, credentials: AzureCredentials | Any | None = None, cloud: AzureCloud = PUBLIC, ca_file: str = ""
    ) -> None:
        self.cloud, self.ca_file = cloud, ca_file
        self._credentials = AzureCredentials() if credentials is None else credentials
        if not isinstance(self._credentials, AzureCredentials) and not hasattr(self._credentials, "get_token"):
            raise InvalidArgumentError(
                f"credentials of type {type(credentials).__name__}: give AzureCredentials(...) or a TokenCredential"
            )
        self._guard = threading.RLock()
        self._clients: dict[str, Any] = {}
        self._made: Any = None

    def __repr__(self) -> str:
        return f"AzureConnection(authority={self.cloud.authority!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        if not isinstance(self._credentials, AzureCredentials):
            raise InvalidArgumentError("a ready credential cannot go to another process: give AzureCredentials(...)")
        return _connection, (self._credentials, self.cloud, self.ca_file)

    def credential(self) -> Any:
        """Return the credential, made once for all sources of equal configuration."""
        with self._guard:
            if not isinstance(self._credentials, AzureCredentials):
                return RememberingCredential(self._credentials)
            self._made = shared_credential(self._credentials, self.cloud.authority, self.ca_file)
            return RememberingCredential(self._made)

    def refresh(self) -> None:
        """Forget clients and tokens: the next request gets them anew."""
        with self._guard:
            self._clients.clear()
            forget_credential(self._made)

    def logs(self, server_timeout_s: int) -> Any:
        """Return the client of Log Analytics; it waits a little longer than the service works."""
        return self._once(
            f"logs {server_timeout_s}",
            lambda: LogsQueryClient(
                self.credential(),
                endpoint=self.cloud.logs,
                audience=self.cloud.logs_audience,
                retry_policy=RetryPolicy.no_retries(),
                transport=self._transport(server_timeout_s + READ_TIMEOUT_S),
            ),
        )

    def ask(
        self,
        method: str,
        url: str,
        *,
        audience: str,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the JSON object that a REST service answers.

        Raises:
            HttpResponseError: any status but 200.
            TruncatedAnswerError: an answer that is no JSON object.
        """
        request = HttpRequest(method, url, params=dict(params or {}), json=body, headers=dict(headers or {}))
        content = self.send(request, audience=audience).read()
        try:
            return msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise TruncatedAnswerError(f"an answer of {len(content)} bytes is no JSON object: {error}") from None

    def send(self, request: HttpRequest, *, audience: str, signed: bool = False) -> Any:
        """Return a REST service's answer, its body not read yet.

        Args:
            request: what is asked.
            audience: whom the token is for.
            signed: the address carries its right itself: no token.

        Raises:
            HttpResponseError: any status but 200 and 206.
        """
        client = self._once(f"rest {audience} {signed}", lambda: self._rest("" if signed else audience))
        response = client.send_request(request, stream=True)
        if response.status_code not in (200, 206):
            response.read()
            raise HttpResponseError(response=response)
        return response

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        with self._guard:
            if name not in self._clients:
                self._clients[name] = make()
            return self._clients[name]

    def _rest(self, audience: str) -> Any:
        policies: list[Any] = [RequestIdPolicy(), HeadersPolicy(), UserAgentPolicy("cloudledger")]
        if audience:
            policies.append(BearerTokenCredentialPolicy(self.credential(), f"{audience}/.default"))
        return PipelineClient("", policies=policies, transport=self._transport(READ_TIMEOUT_S))

    def _transport(self, read_timeout_s: int) -> RequestsTransport:
        return RequestsTransport(
            connection_timeout=CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            connection_verify=self.ca_file or True,
        )


def _connection(credentials: AzureCredentials, cloud: AzureCloud, ca_file: str) -> AzureConnection:
    return AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file)
