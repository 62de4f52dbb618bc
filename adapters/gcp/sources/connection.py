"""GcpConnection: how to reach one project of Google Cloud: its clients, each made when first asked for.

Under every source of Google Cloud. The retries of the SDKs are switched off at each call; tokens are fetched for the
narrowest scope that serves. See https://cloud.google.com/docs/authentication.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession, Request
from google.cloud import storage
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.services.logging_service_v2.transports import LoggingServiceV2GrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from ....domain.errors import InvalidArgumentError
from .credentials import GcpCredentials

TIMEOUT_S = 60.0
"""Of one request. Chosen: the default of Cloud Logging's client, and more than a page needs."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
"""As the generated clients set it: a page may be larger than gRPC's 4 MiB."""
_AUTH = "https://www.googleapis.com/auth/"


class GcpConnection:
    """A way to one project of Google Cloud; makes each client once.

    Args:
        project: what is read; it becomes part of the names of streams.
        credentials: where they come from, or ready credentials of google-auth.
        endpoint: another address than the public one: `https://...`, or `http://...` on loopback, where no token is
            sent.
        ca_file: certificates (PEM) to trust instead of the public ones; a proxy that the environment names is then
            used by gRPC only.

    >>> GcpConnection("shop-prod")
    GcpConnection(project='shop-prod')
    """

    def __init__(
        self,
        project: str,
        *,
        credentials: GcpCredentials | Credentials | None = None,
        endpoint: str = "",
        ca_file: str = "",
    ) -> None:
        address = urlsplit(endpoint)
        if not project:
            raise InvalidArgumentError("project is empty: give the id of a Google Cloud project")
        if endpoint and (address.scheme not in ("http", "https") or not address.hostname):
            raise InvalidArgumentError(f"endpoint={endpoint!r}: give https://host[:port]")
        if address.scheme == "http" and address.hostname not in _LOOPBACK:
            raise InvalidArgumentError(f"endpoint={endpoint!r}: only an address on loopback may go without TLS")
        self.project, self.endpoint = project, endpoint.rstrip("/")
        self._plain, self._host, self._ca_file = address.scheme == "http", address.netloc, ca_file
        self._credentials = credentials or GcpCredentials()
        self._guard = threading.Lock()
        self._clients: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"GcpConnection(project={self.project!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        if not isinstance(self._credentials, GcpCredentials):
            raise InvalidArgumentError("ready credentials cannot go to another process: give GcpCredentials(...)")
        return _connection, (self.project, self._credentials, self.endpoint, self._ca_file)

    def logging(self) -> Any:
        """Return the client of Cloud Logging."""
        host = self._host or LoggingServiceV2Client.DEFAULT_ENDPOINT
        return self._once(
            "logging",
            lambda: LoggingServiceV2Client(transport=self._grpc(LoggingServiceV2GrpcTransport, host, "logging.read")),
        )

    def subscriber(self) -> Any:
        """Return the client of Pub/Sub that receives."""
        host = self._host or SubscriberClient.DEFAULT_ENDPOINT
        return self._once(
            "pubsub", lambda: SubscriberClient(transport=self._grpc(SubscriberGrpcTransport, host, "pubsub"))
        )

    def storage(self) -> Any:
        """Return the client of Cloud Storage."""
        return self._once("storage", self._storage)

    def session(self, scope: str) -> AuthorizedSession:
        """Return an HTTP session with credentials for one scope."""
        session: AuthorizedSession = self._once(f"session {scope}", lambda: self._session(scope))
        return session

    def url(self, public: str) -> str:
        """Return the address of a REST service.

        >>> GcpConnection("shop").url("https://monitoring.googleapis.com")
        'https://monitoring.googleapis.com'
        """
        return self.endpoint or public

    def refresh(self) -> None:
        """Forget the clients; ready credentials get a new token, others are found anew with the next client."""
        with self._guard:
            self._clients.clear()
        if not isinstance(self._credentials, GcpCredentials):
            try:
                self._credentials.refresh(Request())
            except GoogleAuthError:
                return  # the next request says what is wrong

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        with self._guard:
            if name not in self._clients:
                self._clients[name] = make()
            return self._clients[name]

    def _found(self, scope: str) -> Any:
        if self._plain:
            return AnonymousCredentials()
        return (
            self._credentials.found([_AUTH + scope])
            if isinstance(self._credentials, GcpCredentials)
            else self._credentials
        )

    def _grpc(self, transport: Any, host: str, scope: str) -> Any:
        if self._plain:
            options = [*_UNLIMITED, ("grpc.enable_http_proxy", 0)]
            return transport(channel=grpc.insecure_channel(self._host, options=options))
        trusted = grpc.ssl_channel_credentials(Path(self._ca_file).read_bytes()) if self._ca_file else None
        return transport(host=host, credentials=self._found(scope), ssl_channel_credentials=trusted)

    def _session(self, scope: str) -> AuthorizedSession:
        session = AuthorizedSession(self._found(scope), max_refresh_attempts=0)
        session.verify = self._ca_file or True
        session.trust_env = not (self._plain or self._ca_file)  # else the environment's certificates go before ours
        return session

    def _storage(self) -> Any:
        session = self._session("devstorage.read_only")
        options = {"api_endpoint": self.endpoint} if self.endpoint else None
        return storage.Client(self.project, credentials=session.credentials, _http=session, client_options=options)


def _connection(project: str, credentials: GcpCredentials, endpoint: str, ca_file: str) -> GcpConnection:
    return GcpConnection(project, credentials=credentials, endpoint=endpoint, ca_file=ca_file)
