"""Native records for tests, written by hand in the providers' forms."""

import base64
import gzip
import json

from cloudledger.adapters.records import Origin, Records

ORIGIN = Origin("exports/app.log", observed_at=1_700_000_000_000_000_000)


def records(*bodies: bytes | str, origin: Origin = ORIGIN) -> Records:
    return Records.of([body.encode() if isinstance(body, str) else body for body in bodies], origin)


def fluent_bit(log: str, *, pod: str = "cart-5fcd447d84-wxwjd", time: str = "2026-11-20T10:00:00.5Z") -> str:
    kubernetes = {
        "pod_name": pod,
        "namespace_name": "shop",
        "container_name": "server",
        "host": "ip-10-0-0-1",
        "labels": {"app": "cart"},
    }
    return json.dumps({"log": log, "stream": "stdout", "time": time, "kubernetes": kubernetes})


def subscription(
    *messages: str, group: str = "/aws/containerinsights/prod/application", kind: str = "DATA_MESSAGE"
) -> str:
    events = [
        {"id": f"{index:056d}", "timestamp": 1_795_168_800_000 + index, "message": message}
        for index, message in enumerate(messages)
    ]
    return json.dumps(
        {
            "messageType": kind,
            "owner": "123456789012",
            "logGroup": group,
            "logStream": "node-application.var.log.containers.cart",
            "subscriptionFilters": ["ledger"],
            "logEvents": events,
        }
    )


def lambda_trigger(message: str) -> str:
    return json.dumps({"awslogs": {"data": base64.b64encode(gzip.compress(message.encode())).decode()}})


def container_log_v2(message: str, **columns: object) -> str:
    row = {
        "TimeGenerated": "2026-11-20T10:00:00.1234567Z",
        "PodName": "pay-7c9d8b6f5d-xk2lp",
        "PodNamespace": "shop",
        "ContainerName": "server",
        "LogMessage": message,
        "LogSource": "stdout",
        "LogLevel": "info",
        "KubernetesMetadata": {"podLabels": {"app": "pay"}},
        "Type": "ContainerLogV2",
        "_ResourceId": "/subscriptions/0b1f/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks",
        "_ItemId": "item-1",
    }
    return json.dumps({**row, **columns})


def gke_entry(text: str, **fields: object) -> str:
    labels = {
        "project_id": "shop-prod",
        "location": "europe-west4-a",
        "cluster_name": "gke",
        "namespace_name": "shop",
        "pod_name": "mail-86f5f97bc9-dkqmf",
        "container_name": "server",
    }
    entry = {
        "insertId": "b0a1c812",
        "logName": "projects/shop-prod/logs/stdout",
        "resource": {"type": "k8s_container", "labels": labels},
        "timestamp": "2026-11-20T10:00:00.123456789Z",
        "severity": "INFO",
        "textPayload": text,
        "labels": {"k8s-pod/app": "mail"},
    }
    return json.dumps({**entry, **fields})
