"""CloudWatch Logs keeps the contract of sources, through real boto3 and a fake that breaks."""

from collections.abc import Iterator

import pytest

from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.aws.sources.cloudwatch_world import CloudWatchWorld, opened


class TestCloudWatchLogs(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatchWorld]:
        monkeypatch.setenv("TEST_AWS_KEY", "AKIAIOSFODNN7EXAMPLE")
        monkeypatch.setenv("TEST_AWS_SECRET", "not-a-secret-at-all")
        yield from opened()
