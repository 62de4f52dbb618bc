"""GcpCredentials: where the credentials of Google Cloud come from, never what they are.

Under `GcpConnection`. Application Default Credentials unless a file is named; on top of either, the service account to
impersonate, which is what Google recommends over key files. See https://cloud.google.com/docs/authentication,
https://cloud.google.com/iam/docs/workload-identity-federation and
https://cloud.google.com/docs/authentication/use-service-account-impersonation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import google.auth
import msgspec
from google.auth import aws, identity_pool, impersonated_credentials
from google.oauth2 import service_account

from ....domain.errors import InvalidArgumentError
from ...acquisition import KNOWN_SECRETS

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
"""The scope of the caller who impersonates: the token that comes out of it has only the scopes of the source."""


class GcpCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """Where credentials come from.

    Attributes:
        service_account_file: path of a service account's key; the last resort.
        workload_identity_file: path of the configuration of an identity federated from another cloud or issuer.
        impersonate: the service account to act as, with the credentials found before.
        delegates: service accounts in between, where impersonation goes over several.
        lifetime_s: how long a token of an impersonated account is valid.

    >>> GcpCredentials(impersonate="reader@shop.iam.gserviceaccount.com").lifetime_s
    3600
    """

    service_account_file: str = ""
    workload_identity_file: str = ""
    impersonate: str = ""
    delegates: tuple[str, ...] = ()
    lifetime_s: int = 3600

    def __post_init__(self) -> None:
        if self.service_account_file and self.workload_identity_file:
            raise InvalidArgumentError("give service_account_file or workload_identity_file, not both")
        for name in ("service_account_file", "workload_identity_file"):
            if getattr(self, name).lstrip().startswith("{"):
                raise InvalidArgumentError(f"{name} holds a document: give the path of a file that holds it")

    def found(self, scopes: Sequence[str]) -> Any:
        """Return credentials for some scopes, as google-auth makes them."""
        if not self.impersonate:
            return self._source(scopes)
        return impersonated_credentials.Credentials(
            source_credentials=self._source([CLOUD_PLATFORM]),
            target_principal=self.impersonate,
            target_scopes=list(scopes),
            delegates=list(self.delegates),
            lifetime=self.lifetime_s,
        )

    def _source(self, scopes: Sequence[str]) -> Any:
        # What the files hold is in no variable here: a traceback may be printed with the variables of its frames.
        if self.service_account_file:
            KNOWN_SECRETS.add(str(_document(self.service_account_file).get("private_key", "")))
            return service_account.Credentials.from_service_account_file(self.service_account_file, scopes=scopes)
        if self.workload_identity_file:
            kind = _kind_of_federation(self.workload_identity_file)
            return kind.Credentials.from_file(self.workload_identity_file, scopes=list(scopes))
        return google.auth.default(scopes=scopes)[0]


def _kind_of_federation(path: str) -> Any:
    """Return what reads the configuration of a federated identity; one that would run a program is refused.

    See https://google.aip.dev/auth/4117.
    """
    source = _document(path).get("credential_source", {})
    if "executable" in source:
        raise InvalidArgumentError("the workload identity file runs a program: give one that reads a file or a URL")
    return aws if str(source.get("environment_id", "")).startswith("aws") else identity_pool


def _document(path: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise InvalidArgumentError(f"{path}: no credentials can be read there, {type(error).__name__}") from None
