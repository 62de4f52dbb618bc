"""How AWS is reached: keys by reference, profiles, roles that are assumed again before they expire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from cloudledger.adapters.acquisition import Failure
from cloudledger.adapters.aws.sources import AwsConnection, AwsCredentials
from cloudledger.adapters.aws.sources.failures import classify
from tests.wire.http_fake import Answer, HttpFake, Request


class FakeSts(HttpFake):
    """Gives a role's credentials that expire soon."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    def answer(self, request: Request) -> Answer:
        self.given += 1
        expiration = (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)).isoformat()
        body = (
            "<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>ASIA{self.given:016d}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            f"<SessionToken>t</SessionToken><Expiration>{expiration}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )
        return Answer(200, body.encode(), {"Content-Type": "text/xml"})

    def fault(self, kind: str, request: Request) -> Answer:
        """Say that the service is away, whatever the kind."""
        return Answer(503, b"")


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSts]:
    with FakeSts() as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", fake.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        monkeypatch.setenv("KEY", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("SECRET", "not-a-secret-at-all")
        monkeypatch.setenv("EXTERNAL", "an-external-id")
        yield fake


def test_a_role_is_assumed_and_again_before_its_credentials_expire(sts: FakeSts) -> None:
    """Botocore refreshes what expires within ten minutes. Fails where its private name is gone."""
    credentials = AwsCredentials(
        role_arn="arn:aws:iam::123456789012:role/reader",
        external_id="env:EXTERNAL",
        access_key_id="env:KEY",
        secret_access_key="env:SECRET",
    )
    found = credentials.session().get_credentials()

    keys = [found.get_frozen_credentials().access_key for _ in range(2)]

    assert len(set(keys)) == 2
    assert all(key.startswith("ASIA") for key in keys)
    assert b"ExternalId=an-external-id" in sts.requests[0].body


def test_a_role_needs_no_external_id(sts: FakeSts) -> None:
    credentials = AwsCredentials(
        role_arn="arn:aws:iam::1:role/r", access_key_id="env:KEY", secret_access_key="env:SECRET"
    )

    credentials.session().get_credentials().get_frozen_credentials()

    assert b"ExternalId" not in sts.requests[0].body


def test_a_profile_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "credentials").write_text("[prod]\naws_access_key_id = AKIAPROD\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))

    assert AwsCredentials(profile="prod").session().get_credentials().access_key == "AKIAPROD"


def test_a_client_is_made_once_and_anew_after_a_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b")
    connection = AwsConnection("123456789012", "eu-west-1", credentials=session)
    first = connection.client("logs")

    assert connection.client("logs") is first
    connection.refresh()
    assert connection.client("logs") is not first
    assert first.meta.config.retries["total_max_attempts"] == 1


def test_nothing_secret_is_shown() -> None:
    connection = AwsConnection(
        "1", "eu-west-1", credentials=AwsCredentials(access_key_id="env:A", secret_access_key="env:B")
    )

    assert repr(connection) == "AwsConnection(account='1', region='eu-west-1')"


@pytest.mark.parametrize(
    ("code", "status", "message", "failure"),
    [
        ("ThrottlingException", 400, "", Failure.THROTTLED),
        ("AccessDeniedException", 400, "", Failure.DENIED),
        ("InvalidParameterException", 400, "The specified nextToken is invalid.", Failure.INVALID_TOKEN),
        ("InvalidParameterException", 400, "startTime", Failure.FATAL),
        ("WhoKnows", 500, "", Failure.TRANSIENT),
    ],
)
def test_codes_say_what_a_failure_means(code: str, status: int, message: str, failure: Failure) -> None:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}

    assert classify(ClientError(answer, "FilterLogEvents")).failure is failure


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), Failure.TRANSIENT),
        (NoCredentialsError(), Failure.EXPIRED),
        (TimeoutError("slow"), Failure.TRANSIENT),
        (KeyError("events"), Failure.FATAL),
    ],
)
def test_types_say_what_a_failure_means(error: Exception, failure: Failure) -> None:
    assert classify(error).failure is failure
