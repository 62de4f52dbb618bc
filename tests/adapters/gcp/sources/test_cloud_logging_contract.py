"""Cloud Logging keeps the contract of sources, through the real gRPC client and a fake that breaks."""

from collections.abc import Iterator

import pytest

from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.gcp.sources.logging_world import LoggingWorld, opened


class TestCloudLogging(SourceContract):
    @pytest.fixture
    def world(self) -> Iterator[LoggingWorld]:
        yield from opened()
