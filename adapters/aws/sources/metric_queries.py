"""MetricQuery: one metric of one resource, as GetMetricData is asked for it."""

from __future__ import annotations

from typing import Any

import msgspec

from ....domain.errors import InvalidArgumentError


class MetricQuery(msgspec.Struct, frozen=True):
    """A metric and how it is summed up.

    Args:
        namespace, metric: as CloudWatch names them.
        dimensions: the resource.
        statistic: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, `p99`, ...
        unit: only samples in this unit.
        account: of a source account, where the asking one monitors several.

    >>> MetricQuery("AWS/ECS", "CPUUtilization", {"ServiceName": "web", "ClusterName": "default"}).statistic
    'Average'
    """

    namespace: str
    metric: str
    dimensions: dict[str, str] = {}
    statistic: str = "Average"
    unit: str = ""
    account: str = ""

    def __post_init__(self) -> None:
        if not self.namespace or not self.metric:
            raise InvalidArgumentError(f"namespace={self.namespace!r}, metric={self.metric!r}: give both")

    def asked(self, number: int, period_s: int) -> dict[str, Any]:
        """Return the query as the API takes it.

        >>> MetricQuery("AWS/SQS", "NumberOfMessagesSent").asked(3, 60)["Id"]
        'm3'
        """
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions.items()]
        metric = {"Namespace": self.namespace, "MetricName": self.metric, "Dimensions": dimensions}
        stat: dict[str, Any] = {"Metric": metric, "Period": period_s, "Stat": self.statistic}
        query = {"Id": f"m{number}", "MetricStat": stat | ({"Unit": self.unit} if self.unit else {})}
        return {**query, "AccountId": self.account} if self.account else query
