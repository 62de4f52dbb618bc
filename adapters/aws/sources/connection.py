"""AwsConnection: how to reach AWS: account, region, and where credentials come from, never what they are.

Under every source of AWS. A ready `boto3.Session` is taken as it is: the caller owns its chain. Otherwise a session is
made when first needed; a role is assumed anew before its credentials expire. See
https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.loaders import Loader, create_loader
from botocore.session import Session, get_session

from ....domain.errors import InvalidArgumentError
from ...acquisition.secret_reference import SecretReference, secret

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60
TAIL_READ_TIMEOUT_S = 10
"""Live Tail sends an update each second, even an empty one: silence means a dead connection."""


class AwsCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """Where credentials come from: the default chain, a profile, a role to assume, or keys by reference.

    >>> AwsCredentials(role_arn="arn:aws:iam::123456789012:role/reader", external_id="env:EXTERNAL_ID").duration_s
    3600
    """

    profile: str = ""
    role_arn: str = ""
    external_id: SecretReference | str | None = None
    session_name: str = "cloudledger"
    duration_s: int = 3600
    access_key_id: SecretReference | str | None = None
    secret_access_key: SecretReference | str | None = None
    session_token: SecretReference | str | None = None

    def __post_init__(self) -> None:
        for name in ("external_id", "access_key_id", "secret_access_key", "session_token"):
            secret(getattr(self, name))  # refused here if it is no reference, and never repeated
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise InvalidArgumentError("access_key_id and secret_access_key go together: give both references, or none")

    def session(self) -> boto3.Session:
        """Return a session with these credentials."""
        base = _bare_session()
        if self.profile:
            base.set_config_variable("profile", self.profile)
        if self.access_key_id is not None:
            base.set_credentials(*(_resolved(getattr(self, name)) for name in _KEYS))
        if self.role_arn:
            base = _assuming(base, self)
        return boto3.Session(botocore_session=base)


@cache
def _service_models() -> Loader:
    """Return what reads botocore's descriptions of services: each is some MB, and the same for all sessions."""
    return create_loader()


def _bare_session() -> Session:
    session = get_session()
    session.register_component("data_loader", _service_models())
    return session


_KEYS = ("access_key_id", "secret_access_key", "session_token")


def _resolved(reference: SecretReference | str | None) -> str | None:
    found = secret(reference)
    return None if found is None else found.resolve()


def _assuming(base: Session, credentials: AwsCredentials) -> Session:
    """Return a session that assumes a role, again before its credentials expire."""
    extra: dict[str, Any] = {
        "RoleSessionName": credentials.session_name,
        "DurationSeconds": credentials.duration_s,
    }
    if (external_id := _resolved(credentials.external_id)) is not None:
        extra["ExternalId"] = external_id
    fetcher = AssumeRoleCredentialFetcher(
        base.create_client, base.get_credentials(), credentials.role_arn, extra_args=extra
    )
    assumed = _bare_session()
    # The one private name of botocore that is used; test_connection.py fails where it goes.
    assumed._credentials = DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)
    return assumed


class AwsConnection:
    """A way to one account and region of AWS; makes each client once.

    Args:
        account, region: what is read; they become part of the names of streams and records.
        credentials: where they come from, or a ready `boto3.Session`.
        endpoint_url: another address than the public one: a VPC endpoint, a test server.

    >>> AwsConnection("123456789012", "eu-west-1")
    AwsConnection(account='123456789012', region='eu-west-1')
    """

    def __init__(
        self,
        account: str,
        region: str,
        *,
        credentials: AwsCredentials | boto3.Session | None = None,
        endpoint_url: str | None = None,
    ) -> None:
        if not account or not region:
            raise InvalidArgumentError(f"account={account!r}, region={region!r}: give both")
        self.account, self.region, self.endpoint_url = account, region, endpoint_url
        self._credentials = credentials or AwsCredentials()
        self._guard = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._session: boto3.Session | None = None

    def __repr__(self) -> str:
        return f"AwsConnection(account={self.account!r}, region={self.region!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        if not isinstance(self._credentials, AwsCredentials):
            raise InvalidArgumentError("a ready boto3.Session cannot go to another process: give AwsCredentials(...)")
        return _connection, (self.account, self.region, self._credentials, self.endpoint_url)

    def client(self, service: str, *, read_timeout_s: float = READ_TIMEOUT_S) -> Any:
        """Return the client of a service, without retries of its own."""
        with self._guard:
            key = f"{service}/{read_timeout_s}"
            if key not in self._clients:
                self._clients[key] = self._new_client(service, read_timeout_s)
            return self._clients[key]

    def refresh(self) -> None:
        """Forget clients and session: the next client gets credentials anew."""
        with self._guard:
            self._clients.clear()
            self._session = None

    def _new_client(self, service: str, read_timeout_s: float) -> Any:
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            inject_host_prefix=self.endpoint_url is None,
            tcp_keepalive=True,
        )
        if isinstance(self._credentials, AwsCredentials):
            self._session = self._session or self._credentials.session()
            session = self._session
        else:
            session = self._credentials
        return session.client(service, region_name=self.region, endpoint_url=self.endpoint_url, config=config)


def _connection(account: str, region: str, credentials: AwsCredentials, endpoint_url: str | None) -> AwsConnection:
    return AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
