"""How Azure is reached: each method by reference, one credential for all, what its exceptions mean."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)
from azure.core.rest import HttpRequest
from azure.eventhub.exceptions import ConnectError, ConnectionLostError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cloudledger.adapters.acquisition import Failure, SecretNotFoundError, TruncatedAnswerError
from cloudledger.adapters.azure.sources import AzureConnection, AzureCredentials
from cloudledger.adapters.azure.sources.credentials import shared_credential
from cloudledger.adapters.azure.sources.failures import classify, code_of
from cloudledger.domain import InvalidArgumentError
from tests.wire.azure_fake import REFUSALS, AzureFake, FakeCredential, told
from tests.wire.http_fake import Answer, Request
from tests.wire.tls import ca_file

AUTHORITY = "https://login.microsoftonline.com"
SECRET = AzureCredentials(method="client_secret", tenant_id="t", client_id="c", client_secret="env:TEST_AZURE_SECRET")


class Echo(AzureFake):
    """Answers what it was asked."""

    def served(self, request: Request) -> Answer:
        return told({"path": request.path, "authorization": request.headers["Authorization"]})


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Echo]:
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    with Echo() as fake:
        yield fake


def asked(connection: AzureConnection, fake: Echo) -> dict[str, Any]:
    return connection.ask("GET", f"{fake.url}/x", audience="https://management.azure.com", params={"a": "b"})


def test_a_secret_is_read_where_it_is_referred_to_and_buys_a_token(fake: Echo) -> None:
    connection = AzureConnection(credentials=SECRET, cloud=fake.cloud, ca_file=ca_file())

    assert asked(connection, fake) == {"path": "/x?a=b", "authorization": "Bearer token1"}
    assert any(b"client_secret=not-a-secret-at-all" in request.body for request in fake.requests)


def test_sources_of_equal_configuration_share_one_credential(fake: Echo) -> None:
    first, second = (AzureConnection(credentials=SECRET, cloud=fake.cloud, ca_file=ca_file()) for _ in (1, 2))

    answers = [asked(one, fake)["authorization"] for one in (first, second, first)]

    assert answers == ["Bearer token1"] * 3
    first.refresh()
    second.refresh()
    assert asked(first, fake)["authorization"] == asked(second, fake)["authorization"] == "Bearer token2"


def test_a_refresh_before_the_first_request_does_nothing(fake: Echo) -> None:
    connection = AzureConnection(credentials=SECRET, cloud=fake.cloud, ca_file=ca_file())
    connection.refresh()

    assert asked(connection, fake)["authorization"] == "Bearer token1"


def test_a_certificate_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "app.pem"
    _write_certificate(path, b"a-password")
    monkeypatch.setenv("TEST_PASSWORD", "a-password")
    credentials = AzureCredentials(
        method="certificate",
        tenant_id="t",
        client_id="c",
        certificate_path=str(path),
        certificate_password="env:TEST_PASSWORD",
    )

    assert isinstance(credentials.made(AUTHORITY), CertificateCredential)


def _write_certificate(path: Path, password: bytes) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    authority = trustme.CA()
    issued = x509.load_pem_x509_certificate(authority.issue_cert("app").cert_chain_pems[0].bytes())
    form = serialization.BestAvailableEncryption(password)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, form)
    path.write_bytes(private + issued.public_bytes(serialization.Encoding.PEM))


def test_each_method_makes_its_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    made = {
        method: AzureCredentials(method=method, tenant_id="t", client_id="c").made(AUTHORITY)
        for method in ("managed_identity", "workload_identity", "default")
    }

    assert isinstance(made["managed_identity"], ManagedIdentityCredential)
    assert isinstance(made["workload_identity"], WorkloadIdentityCredential)
    assert isinstance(made["default"], DefaultAzureCredential)
    assert isinstance(AzureCredentials().made(AUTHORITY), ManagedIdentityCredential)
    assert isinstance(SECRET.made(AUTHORITY), ClientSecretCredential)
    assert shared_credential(SECRET, AUTHORITY) is shared_credential(SECRET, AUTHORITY)


@pytest.mark.parametrize(
    "arguments",
    [
        {"method": "password"},
        {"method": "client_secret", "tenant_id": "t", "client_id": "c"},
        {"method": "certificate", "tenant_id": "t", "client_id": "c"},
        {"method": "client_secret", "tenant_id": "t", "client_id": "c", "client_secret": "8Q~literal-value"},
        {"certificate_password": "literal"},
    ],
)
def test_what_says_not_enough_or_too_much_is_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        AzureCredentials(**arguments)
    assert "literal" not in str(raised.value)


def test_a_connection_travels_without_what_it_made(fake: Echo) -> None:
    connection = AzureConnection(credentials=SECRET, cloud=fake.cloud, ca_file=ca_file())
    asked(connection, fake)

    again = pickle.loads(pickle.dumps(connection))

    assert asked(again, fake)["path"] == "/x?a=b"
    assert repr(again) == f"AzureConnection(authority='{fake.url}')"
    assert repr(AzureConnection(credentials=FakeCredential()).credential()) == "RememberingCredential(FakeCredential)"


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        ("throttled", Failure.THROTTLED),
        ("slow_down", Failure.THROTTLED),
        ("bare_429", Failure.THROTTLED),
        ("cost_quota", Failure.THROTTLED),
        ("unavailable", Failure.TRANSIENT),
        ("internal", Failure.TRANSIENT),
        ("bad_gateway", Failure.TRANSIENT),
        ("timeout", Failure.TRANSIENT),
        ("expired", Failure.EXPIRED),
        ("denied", Failure.DENIED),
        ("wrong", Failure.FATAL),
        ("token_refused", Failure.INVALID_TOKEN),
        ("reset", Failure.TRANSIENT),
        ("truncated", Failure.TRUNCATED),
        ("empty200", Failure.TRUNCATED),
        ("html200", Failure.TRUNCATED),
    ],
)
def test_each_answer_means_what_its_status_and_code_say(fake: Echo, kind: str, failure: Failure) -> None:
    connection = AzureConnection(credentials=FakeCredential(), cloud=fake.cloud, ca_file=ca_file())
    fake.faults.plan([kind])

    with pytest.raises(Exception) as raised:  # noqa: PT011 - of many types
        asked(connection, fake)

    if isinstance(raised.value, TruncatedAnswerError):
        assert failure is Failure.TRUNCATED
        return
    verdict = classify(raised.value)
    assert verdict.failure is failure
    delays = {"throttled": 2.0, "slow_down": 1.5, "cost_quota": 4.0}
    assert verdict.retry_after_s == delays.get(kind)
    assert kind not in REFUSALS or str(REFUSALS[kind][0]) in verdict.detail


def test_what_never_got_an_answer_is_told_by_its_type() -> None:
    errors = {
        ServiceRequestError("refused"): Failure.TRANSIENT,
        ServiceResponseTimeoutError("silence"): Failure.TRANSIENT,
        IncompleteReadError("cut"): Failure.TRUNCATED,
        HttpResponseError("Incomplete download"): Failure.TRUNCATED,
        ClientAuthenticationError("no"): Failure.EXPIRED,
        CredentialUnavailableError("none"): Failure.EXPIRED,
        SecretNotFoundError("env:X"): Failure.DENIED,
        ConnectionResetError(): Failure.TRANSIENT,
        KeyError("x"): Failure.FATAL,
        ConnectError("com.microsoft:server-busy"): Failure.THROTTLED,
        ConnectionLostError("amqp:unauthorized-access"): Failure.EXPIRED,
    }

    assert {type(error): classify(error).failure for error in errors} == {type(e): f for e, f in errors.items()}


def test_a_refused_secret_is_a_matter_of_credentials(fake: Echo) -> None:
    error = ClientAuthenticationError("invalid_client", response=_response(fake, "wrong"))

    assert classify(error).failure is Failure.EXPIRED


def test_a_code_may_stand_in_the_model_that_the_sdk_made(fake: Echo) -> None:
    error = HttpResponseError("no")
    error.model = {"error": {"code": "ServerBusy"}}

    assert code_of(error) == "ServerBusy"


def _response(fake: Echo, kind: str) -> Any:
    connection = AzureConnection(credentials=FakeCredential(), cloud=fake.cloud, ca_file=ca_file())
    fake.faults.plan([kind])
    with pytest.raises(HttpResponseError) as raised:
        connection.send(HttpRequest("GET", f"{fake.url}/x"), audience="a")
    return raised.value.response


def test_a_signed_address_goes_without_a_token(fake: Echo) -> None:
    connection = AzureConnection(credentials=SECRET, cloud=fake.cloud, ca_file=ca_file())

    with pytest.raises(HttpResponseError):
        connection.send(HttpRequest("GET", f"{fake.url}/x"), audience="a", signed=True)
    assert "Authorization" not in fake.requests[-1].headers
    assert fake.tokens == 0
