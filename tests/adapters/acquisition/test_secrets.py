"""Secrets are given by reference, registered when they are read, and appear nowhere."""

from __future__ import annotations

import base64
import io
import logging
import pickle
from pathlib import Path
from urllib.parse import quote

import pytest

from cloudledger.adapters.acquisition import (
    KNOWN_SECRETS,
    KnownSecrets,
    RedactingFilter,
    SecretNotFoundError,
    SecretReference,
    keep_secrets_out_of_logs,
    secret,
    without_secrets,
)
from cloudledger.domain import InvalidArgumentError

CANARY = "cnry/8f2e+91b7=a5"


def test_a_reference_is_resolved_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(f"{CANARY}\n")
    monkeypatch.setenv("CANARY", CANARY)

    assert SecretReference("env:CANARY").resolve() == CANARY
    assert SecretReference(f"file:{tmp_path}/secret").resolve() == CANARY
    assert CANARY not in without_secrets(f"failed with {CANARY}")


@pytest.mark.parametrize("value", [CANARY, "AKIAIOSFODNN7EXAMPLE", "", "env:", "env:NOT A NAME", "https://x", 5])
def test_a_literal_secret_is_refused_and_never_repeated(value: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        secret(value)

    assert CANARY not in str(raised.value)
    assert "env:NAME" in str(raised.value)


def test_what_is_no_secret_stays() -> None:
    reference = SecretReference("env:HOME")

    assert secret(None) is None
    assert secret(reference) is reference


@pytest.mark.parametrize("place", ["env:CLOUDLEDGER_NO_SUCH_VARIABLE", "file:no/such/file"])
def test_a_reference_to_nothing_says_where_it_looked(place: str) -> None:
    with pytest.raises(SecretNotFoundError, match=place) as raised:
        SecretReference(place).resolve()

    assert raised.value.reference == place


def test_a_known_value_is_blanked_in_every_form() -> None:
    known = KnownSecrets()
    known.add(CANARY)
    known.add("short")
    forms = [CANARY, quote(CANARY, safe="")]
    forms += [base64.b64encode(b"x" * shift + CANARY.encode() + b"tail").decode() for shift in range(3)]

    blanked = known.blanked(" ".join([*forms, "short"]))

    assert all(form[6:-10] not in blanked for form in forms[2:])
    assert CANARY not in blanked
    assert quote(CANARY, safe="") not in blanked
    assert "short" in blanked


def test_known_values_do_not_travel() -> None:
    known = KnownSecrets()
    known.add(CANARY)

    assert CANARY not in repr(known)
    assert CANARY.encode() not in pickle.dumps(known)


def logged(write: object, known: KnownSecrets = KNOWN_SECRETS) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(known))
    logger = logging.getLogger("cloudledger-test-secrets")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        write(logger)  # type: ignore[operator]
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


def test_a_log_line_its_traceback_and_its_stack_hold_no_secret() -> None:
    known = KnownSecrets()
    known.add(CANARY)

    def write(logger: logging.Logger) -> None:
        logger.debug("token %s", CANARY)
        try:
            raise ValueError(f"refused {CANARY}")
        except ValueError:
            logger.exception("broken", stack_info=True)

    text = logged(write, known)

    assert CANARY not in text
    assert text.count("[REDACTED]") >= 2
    assert "ValueError" in text
    assert "Stack (most recent call last)" in text


def test_a_plain_line_stays_as_it_is() -> None:
    assert logged(lambda logger: logger.info("read %d entries", 7)) == "read 7 entries\n"


def test_handlers_get_one_filter_and_the_sdks_say_less() -> None:
    handler = logging.NullHandler()
    logging.getLogger("botocore").setLevel(logging.DEBUG)

    keep_secrets_out_of_logs([handler])
    keep_secrets_out_of_logs([handler])
    keep_secrets_out_of_logs()

    assert len(handler.filters) == 1
    assert logging.getLogger("botocore").level == logging.WARNING
