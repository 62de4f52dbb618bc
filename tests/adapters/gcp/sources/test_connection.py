"""Connections and credentials: how they are found, what they refuse, and that a refused token is replaced."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import google.auth
import grpc
import pytest
from google.auth import aws, identity_pool, impersonated_credentials
from google.auth.credentials import AnonymousCredentials

from cloudledger.adapters.acquisition import KNOWN_SECRETS, Runtime
from cloudledger.adapters.gcp.sources import (
    BillingTable,
    CloudLogging,
    CloudMonitoring,
    GcpConnection,
    GcpCredentials,
    PubSubSubscription,
    StorageObjects,
)
from cloudledger.domain import InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.gcp.sources.keys import (
    FakeTokens,
    Tokens,
    private_tls,
    service_account_file,
    workload_identity_file,
)
from tests.adapters.gcp.sources.logging_world import LoggingWorld
from tests.wire.google_logging import FakeLogging
from tests.wire.grpc_fake import abort

SCOPES = ["https://www.googleapis.com/auth/logging.read"]


def test_a_key_file_gives_tokens_and_its_key_is_known_as_a_secret(tmp_path: Path) -> None:
    with FakeTokens() as tokens:
        path = service_account_file(tmp_path, tokens.url)
        found = GcpCredentials(service_account_file=path).found(SCOPES)
        found.refresh(google.auth.transport.requests.Request())

    assert found.token == "token-1"
    assert "PRIVATE KEY" not in KNOWN_SECRETS.blanked(json.loads(Path(path).read_text())["private_key"])
    assert found.scopes == SCOPES


def test_an_impersonated_account_is_asked_for_the_scope_of_the_source(tmp_path: Path) -> None:
    path = service_account_file(tmp_path, "https://tokens.example")
    found = GcpCredentials(
        service_account_file=path, impersonate="reader@shop.iam.gserviceaccount.com", delegates=("d@x",), lifetime_s=900
    ).found(SCOPES)

    assert isinstance(found, impersonated_credentials.Credentials)
    assert (found.service_account_email, found._lifetime, found._delegates) == (
        "reader@shop.iam.gserviceaccount.com",
        900,
        ["d@x"],
    )


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"file": "/var/run/token"}, identity_pool.Credentials),
        (
            {"environment_id": "aws1", "regional_cred_verification_url": "https://sts.{region}.amazonaws.com"},
            aws.Credentials,
        ),
    ],
)
def test_a_federated_identity_is_read_from_its_configuration(
    tmp_path: Path, source: dict[str, str], kind: type
) -> None:
    path = workload_identity_file(tmp_path, source)

    assert type(GcpCredentials(workload_identity_file=path).found(SCOPES)) is kind


def test_a_federated_identity_that_runs_a_program_is_refused(tmp_path: Path) -> None:
    path = workload_identity_file(tmp_path, {"executable": {"command": "/bin/true"}})

    with pytest.raises(InvalidArgumentError, match="runs a program"):
        GcpCredentials(workload_identity_file=path).found(SCOPES)


def test_application_default_credentials_are_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", service_account_file(tmp_path, "https://tokens.example"))

    assert GcpCredentials().found(SCOPES).scopes == SCOPES


@pytest.mark.parametrize("content", [None, "no JSON"])
def test_a_file_that_is_none_is_named_without_its_content(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "key.json"
    if content:
        path.write_text(content)

    with pytest.raises(InvalidArgumentError, match="no credentials can be read there") as error:
        GcpCredentials(service_account_file=str(path)).found(SCOPES)
    assert "no JSON" not in str(error.value)


def test_credentials_are_given_by_place_and_only_once() -> None:
    with pytest.raises(InvalidArgumentError, match="not both"):
        GcpCredentials(service_account_file="a", workload_identity_file="b")
    with pytest.raises(InvalidArgumentError, match="path") as error:
        GcpCredentials(service_account_file='{"private_key":"hunter2"}')
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("project", "endpoint"),
    [("", ""), ("p", "logging.googleapis.com"), ("p", "ftp://127.0.0.1"), ("p", "http://logging.example")],
)
def test_a_connection_refuses_what_cannot_be_reached_safely(project: str, endpoint: str) -> None:
    with pytest.raises(InvalidArgumentError):
        GcpConnection(project, endpoint=endpoint)


def test_a_connection_goes_to_another_process_with_its_configuration_only() -> None:
    connection = GcpConnection("shop", endpoint="http://127.0.0.1:9", ca_file="ca.pem")
    assert repr(connection) == "GcpConnection(project='shop')"
    connection.logging()

    again = pickle.loads(pickle.dumps(connection))

    assert (again.project, again.endpoint, again._clients) == ("shop", "http://127.0.0.1:9", {})
    with pytest.raises(InvalidArgumentError, match="another process"):
        pickle.dumps(GcpConnection("shop", credentials=AnonymousCredentials()))


def test_public_addresses_are_the_default() -> None:
    connection = GcpConnection("shop", credentials=Tokens("t"))

    assert connection.logging().transport.host == "logging.googleapis.com:443"
    assert connection.subscriber().transport.host == "pubsub.googleapis.com:443"
    assert connection.storage().api_endpoint == "https://storage.googleapis.com"
    assert connection.url("https://x.googleapis.com") == "https://x.googleapis.com"
    assert connection.session("pubsub") is connection.session("pubsub")
    assert connection.session("pubsub").verify is True


class Guarded(FakeLogging):
    """Answers only who shows the token that is valid now."""

    valid = "good"

    def _list(self, request: object, context: grpc.ServicerContext) -> object:
        if self.metadata[-1].get("authorization") != f"Bearer {self.valid}":
            abort(context, "expired")
        return super()._list(request, context)


def test_a_token_that_the_service_refuses_is_replaced(tmp_path: Path) -> None:
    """Over real TLS with a private authority, so that tokens are really sent."""
    tls = private_tls(tmp_path)
    world = LoggingWorld(entries=30)
    world.fake = Guarded(
        world.fake.entries,
        clock_ns=world.clock.now_ns,
        credentials=tls.grpc,
    )
    ready = Tokens("stale", "good")
    with world.fake, Ledger.open(tmp_path / "ledger") as ledger:
        source: CloudLogging = world.source(credentials=ready, ca_file=tls.ca_file)
        report = world.poll(ledger, source)

    assert (report.appended, report.problem) == (30, "")
    assert source.tally["expired credentials"] == 1


def test_tokens_that_cannot_be_replaced_are_a_problem_of_the_source(tmp_path: Path) -> None:
    connection = GcpConnection("shop", credentials=Tokens())

    connection.refresh()

    assert not connection._clients


SOURCES = {
    "logs": CloudLogging("shop", tail=True),
    "messages": PubSubSubscription("logs", project="shop"),
    "objects": StorageObjects("logs", project="shop"),
    "metrics": CloudMonitoring("shop", ["run.googleapis.com/request_count"]),
    "billing": BillingTable("shop.billing.rows", project="shop"),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_source_goes_to_another_process_and_names_what_it_reads(source: Any) -> None:
    source.run_in(Runtime())

    again = pickle.loads(pickle.dumps(source))

    assert again.stream == source.stream
    assert again.identity == source.identity
    assert (again.identity.provider, again.identity.account) == ("gcp", "shop")
    assert again.identity.api
    assert again.identity.cursor
    assert again.identity.dedupe
