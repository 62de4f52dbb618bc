"""The law of redaction: a planted secret is in no stored byte, all else is byte-identical, JSON keeps its types."""

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.domain.redaction import REDACTED, RedactionRule, Redactor
from cloudledger.store import Ledger
from tests.adapters.builders import lambda_trigger, records, subscription

SECRETS = st.from_regex(r"Zq[A-Z0-9][A-Za-z0-9]{28}[0-9]", fullmatch=True)
"""Texts that stand nowhere else."""

PLAIN = st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), max_size=12).filter(
    lambda text: not re.search(r"(?i)key|tok|pass|pwd|sec|sig|auth|cook|bear|eyj|akia|asia|sql|gh|glp|xox|sk|aiz", text)
)

MARKED = (
    "Authorization: Bearer <{}>",
    "authorization: Basic <{}>",
    "X-Api-Key: <{}>",
    'h="Set-Cookie: <sid={}; Path=/>"',
    "password=<{}>",
    "DB_PASSWORD='<{}>'",
    "postgres://bob:<{}>@db/shop",
    "https://acc.blob.core.windows.net/c/b?sv=2020&sig=<{}>&se=2021",
    "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE&X-Amz-Signature=<{}>",
    "https://b.s3.amazonaws.com/k?X-Amz-Security-Token=<{}>&x=1",
    "https://storage.googleapis.com/b/o?X-Goog-Signature=<{}>",
    "AccountName=a;AccountKey=<{}==>;EndpointSuffix=core.windows.net",
    "SharedAccessKeyName=Root;SharedAccessKey=<{}=>",
    "aws_session_token = <{}>",
    "client_secret=<{}>&grant_type=x",
    "sent <ghp_{}>",
    "sent <sk_live_{}> on",
    "x-functions-key: <{}>",
)
"""Where secrets stand in text; what goes is between angle brackets."""

TEXTS = tuple(re.sub("[<>]", "", form) for form in MARKED)

KEYS = (
    "password",
    "clientSecret",
    "sessionToken",
    "secretAccessKey",
    "x-api-key",
    "Authorization",
    "Set-Cookie",
    "pwd",
)


@settings(max_examples=60)
@given(st.lists(st.tuples(PLAIN, st.sampled_from(MARKED), SECRETS, PLAIN), min_size=1, max_size=5))
def test_in_text_the_secret_goes_and_all_else_stays(parts: list[tuple[str, str, str, str]]) -> None:
    planted = "\n".join(
        f"{before}\t{re.sub('[<>]', '', form).format(secret)}\t{after}" for before, form, secret, after in parts
    )
    wanted = "\n".join(f"{before}\t{re.sub('<.*>', '[REDACTED]', form)}\t{after}" for before, form, _, after in parts)

    clean, counts = Redactor().redact(planted.encode())

    assert clean.decode() == wanted
    assert sum(counts.values()) == len(parts)


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    DOCUMENTS,
    st.lists(st.tuples(st.sampled_from(KEYS), SECRETS | st.integers(1, 10**9)), max_size=4),
    st.integers(0, 2),
)
def test_json_keeps_its_shape_its_types_and_all_other_bytes(
    beside: Any, planted: list[tuple[str, str | int]], depth: int
) -> None:
    document: Any = {"beside": beside, "planted": [{key: secret} for key, secret in planted]}
    wanted: Any = {
        "beside": beside,
        "planted": [{key: 0 if isinstance(secret, int) else REDACTED.decode()} for key, secret in planted],
    }
    for _ in range(depth):
        document, wanted = {"log": json.dumps(document)}, {"log": json.dumps(wanted)}

    clean, counts = Redactor().redact(json.dumps(document).encode())

    assert clean == json.dumps(wanted).encode()
    assert sum(counts.values()) == len(planted)


@pytest.mark.parametrize(
    "carrier",
    [
        lambda text: text,
        lambda text: json.dumps({"level": "info", "msg": text}),
        lambda text: subscription(text),
        lambda text: lambda_trigger(subscription(json.dumps({"log": text}))),
        lambda text: json.dumps(
            {
                "subscription": "projects/p/subscriptions/s",
                "message": {
                    "data": base64.b64encode(json.dumps({"textPayload": text}).encode()).decode(),
                    "messageId": "1",
                },
            }
        ),
        lambda text: json.dumps({"records": [{"data": base64.b64encode(gzip.compress(text.encode())).decode()}]}),
    ],
)
@pytest.mark.parametrize("form", TEXTS)
def test_no_event_holds_a_secret_whatever_carried_it(carrier: Any, form: str) -> None:
    secret = "Zq7xK9vB2mN4pL8w6tR3yH5jD1fG0sA2"
    pipeline = Pipeline()

    batches = pipeline.parse(records(carrier(form.format(secret))))

    assert sum(map(len, batches)) == 1
    assert sum(pipeline.redacted.values()) >= 1
    for batch in batches:
        assert all(secret.encode() not in repr(event).encode() for event in batch)


def test_no_file_of_a_ledger_holds_a_secret_and_the_report_counts_by_rule(tmp_path: Path) -> None:
    secret = "Zq7xK9vB2mN4pL8w6tR3yH5jD1fG0sA2"
    (tmp_path / "logs").mkdir()
    lines = [form.format(secret) for form in TEXTS]
    (tmp_path / "logs" / "a.log").write_text("\n".join(lines))
    (tmp_path / "logs" / "b.json").write_text(json.dumps({"password": secret, "n": 1}) + '\n{"token":"' + secret)

    with Ledger.open(str(tmp_path / "ledger")) as ledger:
        report = ingest(ledger, [FileSource(str(tmp_path / "logs"))])
        stored = [repr(event) for batch in ledger.read() for event in batch]

    assert len(stored) == len(lines) + 2
    assert not [event for event in stored if secret in event]
    assert report.redacted["password"] == 3
    assert report.redacted["signature"] == 3
    assert sum(report.redacted.values()) == len(lines) + 2
    for file in (tmp_path / "ledger").rglob("*"):
        assert file.is_dir() or secret.encode() not in file.read_bytes()


def test_rules_are_chosen_for_an_ingest(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("password=hunter2 card 1234567812345678\n")
    card = RedactionRule("card", (b"card ",), re.compile(rb"(?i:card )(?P<secret>\d{16})"))

    with Ledger.open(str(tmp_path / "ledger")) as ledger:
        report = ingest(
            ledger, [FileSource(str(tmp_path / "a.log"))], redaction=Redactor(add=[card], without=["password"])
        )
        [event] = ledger.search()

    assert report.redacted == {"card": 1}
    assert event.payload == b"password=hunter2 card [REDACTED]"  # type: ignore[attr-defined]
