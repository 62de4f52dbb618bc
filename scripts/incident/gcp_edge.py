"""Write what Google Cloud logs of requests and of its control plane: load balancer entries, audit entries.

Between the traffic and the story, and the files.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import utc_text
from .containers import compact
from .native_file import FileSet
from .services import Service
from .story import NOISY, Story
from .terraform_run import Run
from .volumes import Volumes

URL_MAP = "shop-url-map"


class LoadBalancerLog:
    """Entries of the HTTP load balancer before the storefront."""

    def __init__(self, files: FileSet, volumes: Volumes, service: Service, seed: int) -> None:
        self._file, self._volumes, self._service = (
            files.open("gcp/requests/http-load-balancer.ndjson.zst"),
            volumes,
            service,
        )
        self._bits = Random(f"load balancer {seed}").getrandbits
        labels = {
            "backend_service_name": service.name,
            "forwarding_rule_name": "shop-https",
            "project_id": places.GCP_PROJECT,
            "target_proxy_name": "shop-https-proxy",
            "url_map_name": URL_MAP,
            "zone": "global",
        }
        payload = {
            "@type": "type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry",
            "backendTargetProjectNumber": f"projects/{places.GCP_PROJECT_NUMBER}",
            "cacheDecision": ["RESPONSE_HAS_CONTENT_TYPE", "CACHE_MODE_USE_ORIGIN_HEADERS"],
            "statusDetails": "response_sent_by_backend",
        }
        entry = {
            "jsonPayload": payload,
            "logName": f"projects/{places.GCP_PROJECT}/logs/requests",
            "resource": {"type": "http_load_balancer", "labels": labels},
        }
        self._middle = compact(entry)[1:-1]

    def __call__(self, start_us: int, end_us: int, status: int, trace: str, span: str) -> None:
        """Write one request, by the clock of its cloud."""
        start_us, end_us = start_us + places.SKEW_US["gcp"], end_us + places.SKEW_US["gcp"]
        bits = self._bits(48)
        client = f"198.51.100.{bits % 250}"
        entry = (
            f'{{"insertId":"{bits:012x}","httpRequest":{{"latency":"{(end_us - start_us) / 1_000_000:.6f}s",'
            f'"remoteIp":"{client}","requestMethod":"{self._service.method}","requestSize":"{300 + bits % 500}",'
            f'"requestUrl":"https://www.shop.example.com{self._service.path}","responseSize":"{700 + bits % 9000}",'
            f'"serverIp":"10.60.0.4","status":{status},"userAgent":"Mozilla/5.0 (Macintosh)"}},{self._middle},'
            f'"timestamp":"{utc_text(start_us)}","receiveTimestamp":"{utc_text(end_us + 800_000, 9)}",'
            f'"severity":"{"WARNING" if status >= 400 else "INFO"}",'
            f'"trace":"projects/{places.GCP_PROJECT}/traces/{trace}","spanId":"{span}"}}'
        )
        self._volumes.add((f"projects/{places.GCP_PROJECT}", URL_MAP), start_us, len(entry))
        self._file.write(entry)


def write_audit_log(files: FileSet, story: Story, runs: list[Run], count: int) -> None:
    """Write audit entries: what Terraform changed in the cluster and the backend, among `count` others."""
    random = Random(f"audit {story.seed}")
    entries = [_lease(random, story.at((number + random.random()) / count)) for number in range(count)]
    for run in runs:
        for change in run.changes:
            if change.type == "kubernetes_config_map":
                entries += _log_level_change(random, run)
            elif change.type.startswith("google_"):
                entries.append(
                    _entry(
                        random,
                        run.end,
                        run.session,
                        "compute.googleapis.com",
                        "v1.compute.backendServices.patch",
                        change.id,
                        "gce_backend_service",
                        {"backend_service_id": "5120374412", "location": "global"},
                    )
                )
    entries.sort(key=lambda entry: str(entry["timestamp"]))
    file = files.open("gcp/audit/activity.ndjson")
    for entry in entries:
        file.write(compact(entry))


def _log_level_change(random: Random, run: Run) -> list[dict[str, Any]]:
    cluster = {"cluster_name": places.GKE_CLUSTER, "location": places.GCP_REGION}
    names = (
        ("io.k8s.core.v1.configmaps.patch", f"core/v1/namespaces/{places.NAMESPACE}/configmaps/{NOISY}-config"),
        ("io.k8s.apps.v1.deployments.patch", f"apps/v1/namespaces/{places.NAMESPACE}/deployments/{NOISY}"),
    )
    return [
        _entry(random, run.end, run.session, "k8s.io", method, resource, "k8s_cluster", cluster)
        for method, resource in names
    ]


def _lease(random: Random, at_us: int) -> dict[str, Any]:
    resource = "coordination.k8s.io/v1/namespaces/kube-system/leases/gcp-controller-manager"
    cluster = {"cluster_name": places.GKE_CLUSTER, "location": places.GCP_REGION}
    method = "io.k8s.coordination.v1.leases.update"
    return _entry(random, at_us, "system:gcp-controller-manager", "k8s.io", method, resource, "k8s_cluster", cluster)


def _entry(
    random: Random, at_us: int, who: str, service: str, method: str, resource: str, kind: str, labels: dict[str, str]
) -> dict[str, Any]:
    return {
        "insertId": f"{random.getrandbits(60):015x}",
        "logName": f"projects/{places.GCP_PROJECT}/logs/cloudaudit.googleapis.com%2Factivity",
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": who},
            "authorizationInfo": [{"granted": True, "permission": method, "resource": resource}],
            "methodName": method,
            "requestMetadata": {
                "callerIp": "198.51.100.77",
                "callerSuppliedUserAgent": "HashiCorp/1.0 Terraform/1.11.4",
            },
            "resourceName": resource,
            "serviceName": service,
            "status": {},
        },
        "resource": {"type": kind, "labels": {"project_id": places.GCP_PROJECT, **labels}},
        "severity": "NOTICE",
        "timestamp": utc_text(at_us),
        "receiveTimestamp": utc_text(at_us + 1_200_000, 9),
    }
