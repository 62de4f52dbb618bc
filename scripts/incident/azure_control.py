"""Write what Azure logs of its control plane: the activity log, and diagnostic records of a key vault and the cluster.

Between the story and the files; of few rows, as `{"records": [...]}` documents of Event Hubs.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import utc_text
from .containers import compact
from .native_file import FileSet
from .pods import guid
from .story import Story
from .terraform_run import Run

_OPERATIONS = (
    ("MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION", "Microsoft.Storage/storageAccounts/shopreports"),
    ("MICROSOFT.COMPUTE/VIRTUALMACHINESCALESETS/READ", "Microsoft.Compute/virtualMachineScaleSets/pricing-vmss"),
    ("MICROSOFT.KEYVAULT/VAULTS/READ", "Microsoft.KeyVault/vaults/kv-shop-prod"),
)


def write_activity_log(files: FileSet, story: Story, runs: list[Run], count: int) -> None:
    """Write the activity log: what Terraform wrote in Azure, among `count` other operations."""
    random = Random(f"activity {story.seed}")
    records = []
    for _ in range(count):
        operation, resource = random.choice(_OPERATIONS)
        at_us = story.start + int(story.duration * random.random())
        records.append(
            _activity(random, at_us, operation, f"{places.AZURE_ROOT}/{resource}", "platform-agent", "Success")
        )
    for run in runs:
        for change in run.changes:
            if change.type.startswith("azurerm_"):
                operation = "MICROSOFT.INSIGHTS/AUTOSCALESETTINGS/WRITE"
                records.append(_activity(random, run.start, operation, change.id, run.session, "Start"))
                records.append(_activity(random, run.end, operation, change.id, run.session, "Success"))
    records.sort(key=lambda record: str(record["time"]))
    files.write_document("azure/activity/insights-activity-logs.json", compact({"records": records}), len(records))


def write_diagnostics(files: FileSet, story: Story, count: int) -> None:
    """Write diagnostic records: reads of secrets, and lines of the cluster autoscaler."""
    random = Random(f"diagnostics {story.seed}")
    records = []
    for number in range(count):
        at_us = story.at((number + random.random()) / count)
        records.append(_vault_read(random, at_us) if number % 2 else _autoscaler_line(at_us))
    files.write_document("azure/diagnostics/records.json", compact({"records": records}), len(records))


def _activity(random: Random, at_us: int, operation: str, resource: str, caller: str, result: str) -> dict[str, Any]:
    return {
        "RoleLocation": "West Europe",
        "time": utc_text(at_us, 7),
        "resourceId": resource.upper(),
        "operationName": operation,
        "category": "Administrative",
        "resultType": result,
        "resultSignature": "Started." if result == "Start" else "Succeeded.OK",
        "durationMs": str(random.randrange(20, 900)),
        "callerIpAddress": f"198.51.100.{random.randrange(2, 250)}",
        "correlationId": guid(random),
        "identity": {
            "authorization": {
                "scope": resource,
                "action": operation.lower(),
                "evidence": {"role": "Contributor", "principalType": "User"},
            },
            "claims": {"name": caller, "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"},
        },
        "level": "Information",
        "properties": {"eventCategory": "Administrative", "entity": resource, "message": operation, "statusCode": "OK"},
        "tenantId": places.AZURE_TENANT,
    }


def _vault_read(random: Random, at_us: int) -> dict[str, Any]:
    return {
        "time": utc_text(at_us, 7),
        "category": "AuditEvent",
        "operationName": "SecretGet",
        "resultType": "Success",
        "resultSignature": "OK",
        "correlationId": guid(random),
        "durationMs": str(random.randrange(5, 60)),
        "callerIpAddress": f"10.40.0.{random.randrange(4, 250)}",
        "resourceId": f"{places.AZURE_ROOT}/Microsoft.KeyVault/vaults/kv-shop-prod".upper(),
        "properties": {
            "id": "https://kv-shop-prod.vault.azure.net/secrets/pricing-api",
            "httpStatusCode": 200,
            "clientInfo": "AKS",
        },
    }


def _autoscaler_line(at_us: int) -> dict[str, Any]:
    time = utc_text(at_us)
    said = "1 static_autoscaler.go:598] No unschedulable pods"
    klog = f"I{time[5:10].replace('-', '')} {time[11:26]}       {said}"
    return {
        "time": utc_text(at_us, 7),
        "category": "cluster-autoscaler",
        "operationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
        "resourceId": places.AKS_ID.upper(),
        "properties": {
            "log": klog + "\n",
            "stream": "stderr",
            "pod": "cluster-autoscaler-7d9c5f8b6d-x2k4p",
            "containerID": "8f3a",
        },
    }
