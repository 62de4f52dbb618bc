"""FakeMetrics and FakeCosts: GetMetricData and GetCostAndUsage, in pages that hold a part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.wire.aws_windows import NS, PagedApi
from tests.wire.faults import Faults


class FakeMetrics(PagedApi):
    """Metrics of one sample a period; an answer holds a few, and says that each metric is a part until the last.

    Attributes:
        values: of a metric by its name, at seconds.
        states: what is said of a metric in place of Complete.
    """

    page_samples = 25

    def __init__(self, faults: Faults | None) -> None:
        super().__init__(faults)
        self.lists["GetMetricData"] = ("MetricDataResults", "NextToken")
        self.values: dict[str, dict[int, float]] = {}
        self.states: dict[str, str] = {}
        self.operations["GetMetricData"] = self._data

    def _data(self, asked: dict[str, Any]) -> dict[str, Any]:
        start = int(asked.get("NextToken", "0").rstrip("'"))
        results, more = [], False
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]["MetricName"]
            span = range(int(asked["StartTime"]), int(asked["EndTime"]))
            found = sorted((at, value) for at, value in self.values.get(metric, {}).items() if at in span)
            part = found[start : start + self.page_samples]
            is_part = start + self.page_samples < len(found)
            more = more or is_part
            results.append(
                {
                    "Id": query["Id"],
                    "Label": metric,
                    "Timestamps": [at for at, _ in part],
                    "Values": [value for _, value in part],
                    "StatusCode": self.states.get(metric, "PartialData" if is_part else "Complete"),
                }
            )
        return {"MetricDataResults": results, **({"NextToken": str(start + self.page_samples)} if more else {})}


class FakeCosts(PagedApi):
    """Costs by day and group; open days are estimates that change with the clock."""

    page_entries = 4

    def __init__(self, faults: Faults | None, clock_ns: Callable[[], int]) -> None:
        super().__init__(faults)
        self.clock_ns = clock_ns
        self.lists["GetCostAndUsage"] = ("ResultsByTime", "NextPageToken")
        self.amounts: dict[str, dict[tuple[str, str], str]] = {}
        self.operations["GetCostAndUsage"] = self._costs

    def _costs(self, asked: dict[str, Any]) -> dict[str, Any]:
        start, end = (date.fromisoformat(asked["TimePeriod"][name][:10]) for name in ("Start", "End"))
        today = datetime.fromtimestamp(self.clock_ns() / NS, UTC).date()
        days = [start + timedelta(days=number) for number in range((end - start).days)]
        results = [self._day(day, estimated=(today - day).days < 2) for day in days]
        return {**self.paged("GetCostAndUsage", asked, results), "GroupDefinitions": asked.get("GroupBy", [])}

    def _day(self, day: date, *, estimated: bool) -> dict[str, Any]:
        amounts = self.amounts.get(day.isoformat(), {})
        return {
            "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
            "Total": {},
            "Groups": [
                {"Keys": list(keys), "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
                for keys, amount in amounts.items()
            ],
            "Estimated": estimated,
        }
