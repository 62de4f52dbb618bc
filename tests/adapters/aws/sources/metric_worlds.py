"""Worlds of metrics and of costs."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudledger.adapters.acquisition import WindowSettings
from cloudledger.adapters.aws.sources import CloudWatchMetrics, CostExplorer, MetricQuery
from tests.adapters.aws.sources.window_worlds import WindowWorld
from tests.wire.aws_metrics import FakeCosts, FakeMetrics
from tests.wire.aws_windows import NS

GROUP = {"AutoScalingGroupName": "web-asg"}
METRICS = (
    MetricQuery("AWS/AutoScaling", "GroupDesiredCapacity", GROUP),
    MetricQuery("AWS/EC2", "CPUUtilization", GROUP, "Maximum", unit="Percent", account="210987654321"),
)
DAY_S = 86_400.0


class MetricWorld(WindowWorld):
    """Two metrics, each with a sample a minute, for two hours but the last minutes."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeMetrics(self.faults)
        self.since_s = int(self.clock.now_ns() / NS) - 7200
        for number, one in enumerate(METRICS):
            values = {int(self.since_s) + 60 * n: number * 100.0 + n % 7 for n in range(115)}
            self.fake.values[one.metric] = values

    def expected(self) -> Counter[str]:
        settled_s = self.clock.now_ns() / NS - 30 - 180  # the last poll was half a minute ago
        samples = [(name, at) for name, values in self.fake.values.items() for at in values]
        return Counter(f"{name} {at}" for name, at in samples if at <= settled_s)

    def key(self, event: Any) -> str:
        return f"{event.name} {event.occurred_at // NS}"

    def source(self, *metrics: MetricQuery, **settings: Any) -> CloudWatchMetrics:
        windows = WindowSettings(window_s=2400, least_s=60, align_s=60, poll_s=60)
        return CloudWatchMetrics(*(metrics or METRICS), **{**self.told, "windows": windows, **settings})

    def lose(self) -> bool:
        self.fake.states = {"CPUUtilization": "InternalError"}
        return True

    def find_again(self) -> bool:
        self.fake.states = {}
        return True


class CostWorld(WindowWorld):
    """Two months of days, five usage types each."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeCosts(self.faults, self.clock.now_ns)
        self.today = datetime.fromtimestamp(self.clock.now_ns() / NS, UTC).date()
        self.since_s = (self.clock.now_ns() / NS) // DAY_S * DAY_S - 60 * DAY_S
        for number in range(60):
            day = (self.today - timedelta(days=number)).isoformat()
            types = [f"EUC1-{name}" for name in ("DataProcessing-Bytes", "BoxUsage", "Requests", "Hours", "Tax")]
            self.fake.amounts[day] = {("AmazonCloudWatch", name): f"{number}.{at}5" for at, name in enumerate(types)}

    def expected(self) -> Counter[str]:
        return Counter(
            f"{day} {'/'.join(keys)} {round(float(amount) * 1e6)}"
            for day, amounts in self.fake.amounts.items()
            for keys, amount in amounts.items()
        )

    def key(self, event: Any) -> str:
        day = datetime.fromtimestamp(event.occurred_at / NS, UTC).date()
        return f"{day} {event.service_name}/{event.usage_type} {event.billed_cost_micros}"

    def source(self, **settings: Any) -> CostExplorer:
        return CostExplorer(**{**self.told, **settings})
