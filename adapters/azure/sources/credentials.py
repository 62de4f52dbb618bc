"""AzureCredentials: where the credentials of Azure come from, never what they are.

Under `AzureConnection`. One method is named, so that it is always the same identity that asks; `default` tries many in
turn and is meant for a developer's machine. One instance serves all sources of a process with equal configuration: it
holds the tokens, and Entra ID throttles who asks anew each time. See
https://learn.microsoft.com/azure/developer/python/sdk/authentication/best-practices.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from ....domain.errors import InvalidArgumentError
from ...acquisition import KNOWN_SECRETS, SecretReference, secret


class AzureCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """Where credentials come from.

    Attributes:
        method: managed_identity, workload_identity, client_secret, certificate or default.
        tenant_id, client_id: of the application; of a managed identity, only `client_id` where there are several.
        client_secret: reference to the application's secret.
        certificate_path: file (PEM or PKCS 12) with the application's certificate and key.
        certificate_password: reference to the password of that file.

    >>> AzureCredentials(method="client_secret", tenant_id="t", client_id="c", client_secret="env:SECRET").method
    'client_secret'
    """

    method: str = "managed_identity"
    tenant_id: str = ""
    client_id: str = ""
    client_secret: SecretReference | str | None = None
    certificate_path: str = ""
    certificate_password: SecretReference | str | None = None

    def __post_init__(self) -> None:
        for name in ("client_secret", "certificate_password"):
            secret(getattr(self, name))  # refused here if it is no reference, and never repeated
        if self.method not in _NEEDS:
            raise InvalidArgumentError(f"method is none of {', '.join(_NEEDS)}")
        lacking = [name for name in _NEEDS[self.method] if not getattr(self, name)]
        if lacking:
            raise InvalidArgumentError(f"method {self.method!r} needs {', '.join(lacking)}")

    def made(self, authority: str, ca_file: str = "") -> Any:
        """Return a credential of azure-identity.

        Args:
            authority: who gives tokens.
            ca_file: certificates (PEM) to trust instead of the public ones.
        """
        extra: dict[str, Any] = {"connection_verify": ca_file} if ca_file else {}
        return _MAKERS[self.method](self, {"authority": authority, **_NO_RETRIES, **extra})


_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "managed_identity": (),
    "workload_identity": (),
    "client_secret": ("tenant_id", "client_id", "client_secret"),
    "certificate": ("tenant_id", "client_id", "certificate_path"),
    "default": (),
}

_NO_RETRIES: Final = {"retry_total": 0}
"""`Requests` repeats, as for any other request."""

_UNPROVEN: Final = {"disable_instance_discovery": True}
"""The authority is taken from the configuration: no request to the public one to ask whether it exists."""

Options = dict[str, Any]


def _managed_identity(told: AzureCredentials, options: Options) -> Any:
    del options["authority"], options["retry_total"]  # it asks a service of the machine, which takes some time to start
    return ManagedIdentityCredential(**({"client_id": told.client_id} if told.client_id else {}), **options)


def _workload_identity(told: AzureCredentials, options: Options) -> Any:
    given = {name: value for name in ("tenant_id", "client_id") if (value := getattr(told, name))}
    return WorkloadIdentityCredential(**given, **_UNPROVEN, **options)


def _client_secret(told: AzureCredentials, options: Options) -> Any:
    value = _resolved(told.client_secret)
    return ClientSecretCredential(told.tenant_id, told.client_id, value, **_UNPROVEN, **options)


def _certificate(told: AzureCredentials, options: Options) -> Any:
    password = _resolved(told.certificate_password)
    return CertificateCredential(
        told.tenant_id, told.client_id, told.certificate_path, password=password, **_UNPROVEN, **options
    )


def _default(told: AzureCredentials, options: Options) -> Any:
    return DefaultAzureCredential(**options)


_MAKERS: Final[Mapping[str, Callable[[AzureCredentials, Options], Any]]] = {
    "managed_identity": _managed_identity,
    "workload_identity": _workload_identity,
    "client_secret": _client_secret,
    "certificate": _certificate,
    "default": _default,
}


def _resolved(reference: SecretReference | str | None) -> str | None:
    found = secret(reference)
    return None if found is None else found.resolve()


_guard = threading.Lock()
_shared: dict[tuple[AzureCredentials, str, str], Any] = {}


def shared_credential(told: AzureCredentials, authority: str, ca_file: str = "") -> Any:
    """Return the credential that all sources of this process with equal configuration share."""
    key = (told, authority, ca_file)
    with _guard:
        if key not in _shared:
            _shared[key] = told.made(authority, ca_file)
        return _shared[key]


def forget_credential(used: Any) -> None:
    """Let the next source make a new credential instead of this one, unless another source already did."""
    with _guard:
        for key in [key for key, known in _shared.items() if known is used]:
            del _shared[key]


class RememberingCredential:
    """A credential whose tokens are known as secrets, so that nothing prints them; it stays in its process."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __repr__(self) -> str:
        return f"RememberingCredential({type(self._inner).__name__})"

    def __reduce__(self) -> Any:
        raise InvalidArgumentError("a ready credential cannot go to another process: give AzureCredentials(...)")

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """Return a token of the inner credential."""
        found = self._inner.get_token(*scopes, **options)
        KNOWN_SECRETS.add(found.token)
        return found
