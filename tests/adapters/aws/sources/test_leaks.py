"""No secret of AWS reaches the ledger, a log line, an object's repr or pickle, or a traceback."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import RedactingFilter
from cloudledger.adapters.aws.sources import AwsCredentials
from cloudledger.store import Ledger
from tests.adapters.acquisition.canary import Canary, found_in, leaking_files, planted, shown, with_locals
from tests.adapters.aws.sources.cloudwatch_world import CloudWatchWorld

SLOTS = ("access_key_id", "secret_access_key", "session_token")
FAULTS = ["", "denied", "expired", "unavailable", "reset", "html200", "throttled", "", "truncated", "denied"]


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> dict[str, Canary]:
    made = {slot: Canary() for slot in SLOTS}
    for slot, canary in made.items():
        monkeypatch.setenv(f"CANARY_{slot}", canary.value)
    return made


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Collect every line of every logger at DEBUG, through the filter."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    names = ("botocore", "boto3", "urllib3")
    before = {name: logging.getLogger(name).level for name in ("root", *names)}
    root.addHandler(handler)
    for name in ("root", *names):
        logging.getLogger(None if name == "root" else name).setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(None if name == "root" else name).setLevel(level)


def test_no_credential_leaks_from_any_run(canaries: dict[str, Canary], lines: io.StringIO, tmp_path: Path) -> None:
    references: dict[str, Any] = {slot: f"env:CANARY_{slot}" for slot in SLOTS}
    world = CloudWatchWorld(entries=60, credentials=AwsCredentials(**references))
    shows: list[object] = [world.credentials]
    with world.fake, Ledger.open(tmp_path / "ledger") as ledger:
        world.faults.plan(FAULTS)
        for _ in range(len(FAULTS)):
            source = world.source(live_tail=True)
            report = world.poll(ledger, source)
            shows += [source, source.reader, source.reader.connection, report, source.check()]  # type: ignore[attr-defined]
        tracebacks = [raised_by(world, "denied"), raised_by(world, "unavailable")]
    known = list(canaries.values())
    logged = lines.getvalue().encode()

    assert leaking_files(tmp_path, known) == []
    assert b"botocore" in logged or b"Making request" in logged
    assert not found_in(logged, known)
    assert [one for one in shows if found_in(shown(one), known)] == []
    assert not any(found_in(text, known) for text in tracebacks)


def raised_by(world: CloudWatchWorld, fault: str) -> bytes:
    """Return the traceback of a request that fails, with the local variables of our frames."""
    source = world.source()
    source.run_in(world.clock.runtime())
    world.faults.plan([fault] * 30)
    try:
        source.requests().call(lambda: source.reader._filter({"logGroupName": "x"}))  # type: ignore[attr-defined]
    except Exception as error:
        return with_locals(error)
    raise AssertionError("nothing was raised")


def test_the_scanner_finds_what_is_planted(tmp_path: Path) -> None:
    """The negative control: a scanner that finds nothing proves nothing."""
    canary = Canary()
    files = planted(tmp_path, canary)

    assert leaking_files(tmp_path, [canary]) == sorted(path.name for path in files)
    assert leaking_files(tmp_path, [Canary()]) == []
    assert found_in(shown({"token": canary.value}), [canary])


def test_without_the_filter_the_sdk_does_leak(canaries: dict[str, Canary], tmp_path: Path) -> None:
    """The other negative control: at DEBUG botocore prints the session token."""
    stream = io.StringIO()
    handler, logger = logging.StreamHandler(stream), logging.getLogger("botocore")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        references: dict[str, Any] = {slot: f"env:CANARY_{slot}" for slot in SLOTS}
        world = CloudWatchWorld(entries=5, credentials=AwsCredentials(**references))
        with world.fake, Ledger.open(tmp_path / "ledger") as ledger:
            world.poll(ledger)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)

    assert found_in(stream.getvalue().encode(), [canaries["session_token"]])
