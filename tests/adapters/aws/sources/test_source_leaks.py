"""No secret reaches the ledger, a log line, or what a source shows of itself, whichever source reads."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import RedactingFilter
from cloudledger.adapters.acquisition.redacting_filter import SDK_LOGGERS
from cloudledger.store import Ledger
from tests.adapters.acquisition.canary import Canary, found_in, leaking_files, shown
from tests.adapters.aws.sources.metric_worlds import CostWorld, MetricWorld
from tests.adapters.aws.sources.queue_world import QueueWorld
from tests.adapters.aws.sources.s3_world import S3World
from tests.adapters.aws.sources.test_cloudformation import StackWorld
from tests.adapters.aws.sources.test_kinesis import KinesisWorld
from tests.adapters.aws.sources.window_worlds import GroupWorld, InsightsWorld, ServiceWorld, TrailWorld

WORLDS = (
    *(S3World, QueueWorld, KinesisWorld, TrailWorld, GroupWorld),
    *(ServiceWorld, InsightsWorld, MetricWorld, CostWorld, StackWorld),
)
FAULTS = ("", "denied", "expired", "unavailable", "reset", "html200", "truncated", "throttled")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Collect every line of every logger at DEBUG, through the filter, also of those that were kept silent before."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    root.addHandler(handler)
    before = {logger: logger.level for logger in (root, *map(logging.getLogger, SDK_LOGGERS))}
    for logger in before:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for logger, level in before.items():
        logger.setLevel(level)


@pytest.mark.parametrize("make", WORLDS)
def test_no_credential_leaks_from_a_source(
    make: Callable[[], Any], lines: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canaries = [Canary(), Canary()]
    for name, canary in zip(("TEST_AWS_KEY", "TEST_AWS_SECRET"), canaries, strict=True):
        monkeypatch.setenv(name, canary.value)
    world, shows = make(), []
    with world.fake, Ledger.open(tmp_path / "ledger") as ledger:
        world.faults.plan(FAULTS)
        for _ in range(3):
            source = world.source()
            report = world.poll(ledger, source)
            shows += [shown(one) for one in (source, source.reader, source.reader.connection, report, source.check())]

    assert leaking_files(tmp_path, canaries) == []
    assert lines.getvalue()
    assert not found_in(lines.getvalue().encode(), canaries)
    assert not any(found_in(one, canaries) for one in shows)
