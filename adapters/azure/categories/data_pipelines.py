"""Logs of Data Factory, Synapse pipelines and Databricks.

See https://learn.microsoft.com/azure/data-factory/monitor-data-factory-reference and
https://learn.microsoft.com/azure/databricks/admin/account-settings/audit-logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ...attribute_readers import as_json, decoded
from ...attribute_table import Names
from ...field_map import known_or, times_of
from ...field_paths import Row, as_text, values_of
from ...number_columns import status_column
from ..common_schema import category_of, nested
from .family import family, own

_RUNS: Final = """
ActivityRuns PipelineRuns TriggerRuns SandboxActivityRuns SandboxPipelineRuns ADFActivityRun ADFPipelineRun
ADFTriggerRun SynapseIntegrationActivityRuns SynapseIntegrationPipelineRuns SynapseIntegrationTriggerRuns
IntegrationActivityRuns IntegrationPipelineRuns IntegrationTriggerRuns
"""

_RUN_NAMES: Final[Names] = {
    "activityrunid": "azure.datafactory.activity.run_id",
    "activityname": "azure.datafactory.activity.name",
    "activitytype": "azure.datafactory.activity.type",
    "pipelinerunid": "azure.datafactory.pipeline.run_id",
    "runid": "azure.datafactory.pipeline.run_id",
    "pipelinename": "azure.datafactory.pipeline.name",
    "triggerid": "azure.datafactory.trigger.run_id",
    "triggername": "azure.datafactory.trigger.name",
    "triggertype": "azure.datafactory.trigger.type",
    "triggerevent": "azure.datafactory.trigger.event_payload",
    "status": "azure.datafactory.pipeline.state",
    "userproperties": as_json("azure.datafactory.user_properties"),
    "annotations": as_json("azure.datafactory.annotations"),
    "input": as_json("azure.datafactory.input"),
    "output": as_json("azure.datafactory.output"),
    "predecessors": as_json("azure.datafactory.predecessors"),
    "parameters": as_json("azure.datafactory.parameters"),
    "systemparameters": as_json("azure.datafactory.system_parameters"),
    "tags": as_json("azure.datafactory.tags"),
    "error.errorCode": "error.code",
    "error.message": "error.message",
    "error.failureType": "error.type",
    "error.target": "error.target",
}

_DATABRICKS_NAMES: Final[Names] = {
    "sourceipaddress": "client.address",
    "useragent": "user_agent.original",
    "sessionid": "session.id",
    "actionname": "azure.databricks.action.name",
    "servicename": "azure.databricks.service.name",
    "requestid": "azure.service.request.id",
    "logid": "log.record.uid",
    "requestparams": decoded("azure.databricks.request"),
    "response": decoded("azure.databricks.response"),
    "identity": decoded("azure.identity"),
}


def _run_times(row: Row) -> dict[str, Any]:
    """Name begin and end by what ran: an activity, a pipeline or a trigger."""
    category = category_of(row)
    kind = next((one for one in ("activity", "trigger") if one in category), "pipeline")
    names = {"start": "start_time", "end": "end_time"}
    return {f"azure.datafactory.{kind}.{name}": row[key] for key, name in names.items() if row.get(key)}


def _ran(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """A run lasts from `start` to `end`; one that goes on ends in year 1."""
    (starts, begun), (ends, ended) = times_of(rows, ("start",)), times_of(rows, ("end",))
    took = np.where(begun & ended & (ends >= starts), (ends - starts) // 1000, -1)
    columns["duration_us"] = np.where(columns["duration_us"] >= 0, columns["duration_us"], took)


def _answered(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Databricks writes its answer as JSON in a text: `{"statusCode":403,"errorMessage":"..."}`."""
    answers = [nested(value) for value in values_of(rows, own("response"))]
    held = [one if isinstance(one, dict) else {} for one in answers]
    statuses = status_column([one.get("statusCode") for one in held])
    columns["status"] = known_or(statuses, columns["status"])
    texts = [as_text(one.get("errorMessage")).partition("\n")[0][:128] for one in held]
    columns["error"] = [
        error or (text or str(status) if status >= 400 else "")
        for error, text, status in zip(columns["error"], texts, statuses.tolist(), strict=True)
    ]


PARSERS: Final = (
    family(
        "azure.datafactory",
        _RUNS,
        name=("activityname", "pipelinename", "triggername", "operationname", "category", "type"),
        error=own("error.errorCode", "error.failureType", "errorcode"),
        names=_RUN_NAMES,
        refine=_ran,
        derive=_run_times,
    ),
    family(
        "azure.databricks",
        resource_types=("/microsoft.databricks/",),
        name=(*own("actionname"), "operationname", "category", "type"),
        names=_DATABRICKS_NAMES,
        refine=_answered,
    ),
)
