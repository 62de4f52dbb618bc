"""No credential of Azure leaks: canaries in every slot, all loggers at DEBUG, through success and every failure."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import RedactingFilter
from cloudledger.adapters.azure.sources import AzureConnection, AzureCredentials
from cloudledger.store import Ledger
from tests.adapters.acquisition.canary import Canary, found_in, leaking_files, planted, shown, with_locals
from tests.adapters.azure.sources.blob_world import BlobWorld
from tests.adapters.azure.sources.log_analytics_world import LogAnalyticsWorld
from tests.wire.tls import ca_file

FAULTS = ["", "expired", "denied", "", "unavailable", "throttled", "", "truncated", "reset", "wrong"]
LOGGERS = ("azure", "msal", "urllib3", "requests")


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> dict[str, Canary]:
    made = {slot: Canary() for slot in ("secret", "token", "sas")}
    monkeypatch.setenv("CANARY_SECRET", made["secret"].value)
    monkeypatch.setenv("CANARY_SAS", f"sv=2023-11-03&sp=rl&sig={made['sas'].value}")
    return made


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Collect every line of every logger at DEBUG, through the filter."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    loggers = [root, *map(logging.getLogger, LOGGERS)]
    before = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def test_no_credential_leaks_from_any_run(canaries: dict[str, Canary], lines: io.StringIO, tmp_path: Path) -> None:
    credentials = AzureCredentials(
        method="client_secret", tenant_id="t", client_id="c", client_secret="env:CANARY_SECRET"
    )
    queries, blobs = LogAnalyticsWorld(rows=60, credentials=credentials), BlobWorld(credentials)
    shows: list[object] = [credentials]
    worlds: tuple[tuple[Any, dict[str, str]], ...] = ((queries, {}), (blobs, {}), (blobs, {"sas": "env:CANARY_SAS"}))
    with queries.fake, blobs.fake, Ledger.open(tmp_path / "ledger") as ledger:
        for world, settings in worlds:
            world.fake.token = canaries["token"].value
            world.faults.plan(FAULTS)
            for _ in FAULTS:
                source = world.source(**settings)
                report = world.poll(ledger, source)
                connection = source.reader.connection
                shows += [source, source.reader, connection, connection.credential(), report, source.check()]
        tracebacks = [raised_by(world, kind, settings) for world, settings in worlds for kind in ("denied", "reset")]
    known = list(canaries.values())

    assert leaking_files(tmp_path, known) == []
    assert "127.0.0.1" in lines.getvalue()
    assert not found_in(lines.getvalue().encode(), known)
    assert [one for one in shows if found_in(shown(one), known)] == []
    assert not any(found_in(text, known) for text in tracebacks)


def raised_by(world: Any, fault: str, settings: dict[str, str]) -> bytes:
    """Return the traceback of a request that fails, with the local variables of our frames."""
    source = world.source(**settings)
    source.run_in(world.clock.runtime())
    world.faults.plan([fault] * 30)
    try:
        if isinstance(world, BlobWorld):
            list(source.reader.listing(source.requests()))
        else:
            source.requests().call(lambda: source.reader._asked("AppTraces | take 0"))
    except Exception as error:
        return with_locals(error)
    finally:
        world.faults.restart(0, {})
    raise AssertionError("nothing was raised")


def test_the_scanner_finds_what_is_planted(tmp_path: Path) -> None:
    """The negative control: a scanner that finds nothing proves nothing."""
    canary = Canary()
    files = planted(tmp_path, canary)

    assert leaking_files(tmp_path, [canary]) == sorted(path.name for path in files)
    assert found_in(shown({"token": canary.value}), [canary])


def test_without_the_filter_a_signature_does_leak(canaries: dict[str, Canary], tmp_path: Path) -> None:
    """The other negative control: at DEBUG urllib3 prints addresses with their signatures."""
    stream, logger = io.StringIO(), logging.getLogger("urllib3")
    handler, before = logging.StreamHandler(stream), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        world = BlobWorld()
        with world.fake, Ledger.open(tmp_path / "ledger") as ledger:
            world.poll(ledger, world.source(sas="env:CANARY_SAS"))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)

    assert found_in(stream.getvalue().encode(), [canaries["sas"]])


def test_a_connection_shows_nothing_of_a_ready_credential() -> None:
    class Secretive:
        def get_token(self, *scopes: str, **options: Any) -> Any:
            raise AssertionError("not asked")

        def __repr__(self) -> str:
            return "a-secret-in-a-repr"

    connection = AzureConnection(credentials=Secretive(), ca_file=ca_file())

    assert b"a-secret-in-a-repr" not in repr(connection).encode()
    assert "a-secret-in-a-repr" not in repr(connection.credential())
