"""Write Azure autoscale resource logs of a healthy scale set.

Under the scaling files; see https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-diagnostics.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import utc_text
from .pods import guid
from .scaling_groups import HEALTHY_GROUPS, MINUTE
from .story import Story


def autoscale_evaluations(random: Random, story: Story) -> list[dict[str, Any]]:
    """Return what the engine logs each two minutes: the load, the count, and two actions in the whole story."""
    setting = f"{places.AZURE_ROOT}/Microsoft.Insights/autoscaleSettings/pricing-autoscale".upper()
    target = f"{places.AZURE_ROOT}/Microsoft.Compute/virtualMachineScaleSets/{HEALTHY_GROUPS[1]}"
    records: list[dict[str, Any]] = []
    count, steps = 3, max(int(story.duration // (2 * MINUTE)), 8)
    for step in range(steps):
        load = 76.0 if step == steps // 4 else 24.0 if step == 3 * steps // 4 else 48.0 + step % 9
        new = count + (load > 70) - (load < 30)
        head = {"time": utc_text(story.at(step / steps), 7), "resourceId": setting, "correlationId": guid(random)}
        rule = {
            "metricName": "Percentage CPU",
            "timeGrain": "00:01:00",
            "timeWindow": "00:10:00",
            "operator": "GreaterThan",
            "threshold": 70,
            "observedValue": load,
            "estimateScaleResult": "Triggered" if load > 70 else "NotTriggered",
        }
        counts = {
            "currentInstanceCount": count,
            "minimumInstanceCount": 2,
            "maximumInstanceCount": 8,
            "defaultInstanceCount": 2,
        }
        records.append(_evaluation(head, "ScaleRuleEvaluation", "AutoscaleEvaluations", target, rule))
        records.append(_evaluation(head, "InstanceCountEvaluation", "AutoscaleEvaluations", target, counts))
        if new != count:
            action = {
                "currentInstanceCount": count,
                "newInstanceCount": new,
                "scaleDirection": "Increase" if new > count else "Decrease",
                "createdAsyncScaleActionJob": True,
                "createdAsyncScaleActionJobId": guid(random),
            }
            records.append(
                _evaluation(head, "InstanceScaleAction", "AutoscaleScaleActions", target, action)
                | {"resultType": "Succeeded"}
            )
            count = new
    return records


def _evaluation(
    head: dict[str, Any], operation: str, category: str, target: str, told: dict[str, Any]
) -> dict[str, Any]:
    return {**head, "operationName": operation, "category": category, "property": {"targetResourceId": target, **told}}
