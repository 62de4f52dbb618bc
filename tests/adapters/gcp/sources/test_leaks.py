"""No key and no token of Google Cloud reaches the ledger, a log line, an object's repr or pickle, or a traceback."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import RedactingFilter, Window
from cloudledger.adapters.gcp.sources import GcpCredentials
from cloudledger.store import Ledger
from tests.adapters.acquisition.canary import Canary, found_in, leaking_files, shown, with_locals
from tests.adapters.gcp.sources.keys import FakeTokens, Tls, private_tls, service_account_file
from tests.adapters.gcp.sources.logging_world import LoggingWorld
from tests.adapters.gcp.sources.monitoring_world import MonitoringWorld

FAULTS = ["", "denied", "expired", "unavailable", "reset", "throttled", "", "truncated", "denied"]
LOGGERS = ("root", "google", "grpc", "requests", "urllib3")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Collect every line of every logger at DEBUG, through the filter."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    loggers = [logging.getLogger(None if name == "root" else name) for name in LOGGERS]
    before = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def worlds(folder: Path) -> list[tuple[Any, Tls]]:
    """Return one world over gRPC and one over REST, both with TLS, so that tokens are really sent."""
    tls = private_tls(folder)
    return [
        (LoggingWorld(entries=60, credentials=tls.grpc), tls),
        (MonitoringWorld(containers=1, context=tls.context), tls),
    ]


def test_no_credential_leaks_from_any_run(lines: io.StringIO, tmp_path: Path) -> None:
    token = Canary()
    secrets, shows = tmp_path / "secrets", list[object]()
    secrets.mkdir()
    with FakeTokens() as tokens, Ledger.open(tmp_path / "ledger") as ledger:
        tokens.prefix = token.value
        path = service_account_file(secrets, tokens.url)
        credentials = GcpCredentials(service_account_file=path)
        for world, tls in worlds(secrets):
            world.faults.plan(FAULTS)
            with world.fake:
                for _ in FAULTS:
                    source = world.source(credentials=credentials, ca_file=tls.ca_file)
                    report = world.poll(ledger, source)
                    shows += [source, source.reader, source.reader.connection, report, source.check()]
                assert report.problem == ""
            sent = [dict(one) for one in world.fake.metadata] if hasattr(world.fake, "metadata") else []
            sent += [{k.lower(): v for k, v in dict(one.headers).items()} for one in _http(world.fake.requests)]
            assert any(token.value in one.get("authorization", "") for one in sent)
    private = json.loads(Path(path).read_text())["private_key"].splitlines()[1]
    logged = lines.getvalue().encode()

    assert leaking_files(tmp_path / "ledger", [token]) == []
    assert logged
    assert not found_in(logged, [token])
    assert private not in lines.getvalue()
    assert [one for one in shows if found_in(shown(one), [token]) or private.encode() in shown(one)] == []


def _http(requests: list[Any]) -> list[Any]:
    return [one for one in requests if hasattr(one, "headers")]


def test_a_key_that_is_broken_is_in_no_traceback(tmp_path: Path) -> None:
    canary = Canary()
    path = service_account_file(tmp_path, "https://tokens.example")
    told = json.loads(Path(path).read_text())
    Path(path).write_text(json.dumps(told | {"private_key": f"-----BEGIN PRIVATE KEY-----\n{canary.value}\n"}))

    with pytest.raises(ValueError, match=r".") as raised:
        GcpCredentials(service_account_file=path).found(["scope"])

    assert not found_in(with_locals(raised.value), [canary])


def test_a_token_that_is_refused_is_in_no_traceback(tmp_path: Path) -> None:
    token = Canary()
    with FakeTokens() as tokens:
        tokens.prefix = token.value
        credentials = GcpCredentials(service_account_file=service_account_file(tmp_path, tokens.url))
        for world, tls in worlds(tmp_path):
            with world.fake:
                source = world.source(credentials=credentials, ca_file=tls.ca_file)
                source.run_in(world.clock.runtime())
                hour = Window(world.since_ns, world.clock.now_ns())
                world.faults.plan(["denied"] * 3)
                with pytest.raises(Exception, match="denied") as raised:
                    list(source.reader.pages(hour, source.requests()))

            assert not found_in(with_locals(raised.value), [token])
