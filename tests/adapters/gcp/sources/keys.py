"""Credentials for tests: keys made anew, tokens from a server of their own, none of them worth anything."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import exceptions
from google.auth.credentials import Credentials

from tests.wire.http_fake import Answer, HttpFake, Request


class FakeTokens(HttpFake):
    """Gives tokens as Google's token endpoints do: `token-1`, `token-2`, ..."""

    given, prefix = 0, "token-"

    def answer(self, request: Request) -> Answer:
        self.given += 1
        fields = {"access_token": f"{self.prefix}{self.given}", "expires_in": 3600, "token_type": "Bearer"}
        return Answer(200, json.dumps(fields).encode(), {"Content-Type": "application/json"})

    def fault(self, kind: str, request: Request) -> Answer:
        """Say that the service is away, whatever the kind."""
        return Answer(503, b"")


class Tokens(Credentials):  # type: ignore[misc]
    """Ready credentials: a new token with each refresh, as many as they have."""

    def __init__(self, *tokens: str) -> None:
        super().__init__()
        self._tokens = iter(tokens)

    def refresh(self, request: Any) -> None:
        self.token = next(self._tokens, "")
        if not self.token:
            raise exceptions.RefreshError("no more tokens")


def service_account_file(folder: Path, token_url: str) -> str:
    """Write the key file of a service account; return its path."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    told = {
        "type": "service_account",
        "client_email": "reader@shop-prod.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": pem,
        "token_uri": token_url,
    }
    path = folder / "key.json"
    path.write_text(json.dumps(told))
    return str(path)


def workload_identity_file(folder: Path, source: dict[str, Any], token_url: str = "https://sts.example/token") -> str:
    """Write the configuration of a federated identity; return its path."""
    told = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": token_url,
        "credential_source": source,
    }
    path = folder / "federation.json"
    path.write_text(json.dumps(told))
    return str(path)


class Tls(NamedTuple):
    """A private authority: whom to trust, and what servers on loopback show."""

    ca_file: str
    context: ssl.SSLContext
    grpc: grpc.ServerCredentials


def private_tls(folder: Path) -> Tls:
    """Make an authority and a certificate of it for 127.0.0.1."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    chain = b"".join(one.bytes() for one in issued.cert_chain_pems)
    shown = grpc.ssl_server_credentials([(issued.private_key_pem.bytes(), chain)])
    return Tls(str(folder / "ca.pem"), context, shown)
