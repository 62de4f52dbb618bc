"""Log Analytics keeps the contract of sources, through the real client and a fake that breaks."""

from collections.abc import Iterator

import pytest

from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.azure.sources.log_analytics_world import LogAnalyticsWorld, opened


class TestLogAnalytics(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogAnalyticsWorld]:
        monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
        yield from opened()


class TestSeveralTables(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogAnalyticsWorld]:
        monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
        for world in opened(tables=("AppTraces", "AppRequests"), by="TimeGenerated"):
            world.shares = {**world.shares, "item_throttled": 0.05, "no_items": 0.03, "texts": 0.03}
            world.fake.rows = [
                row._replace(table=("AppTraces", "AppRequests")[number % 2])
                for number, row in enumerate(world.fake.rows)
            ]
            yield world
