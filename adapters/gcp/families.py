"""The families of Cloud Logging's logs, as tables.

Which service writes which log for which resource: https://cloud.google.com/logging/docs/api/v2/resource-list and
https://cloud.google.com/logging/docs/view/logs-index.
"""

from __future__ import annotations

from typing import Any, Final

from ..attribute_readers import boolean, http_protocol, number, seconds, url
from ..attribute_table import Names
from .family import Family
from .network_names import DNS_NAMES

_TEXT: Final[Names] = {
    "@type": "gcp.payload.type",
    "message": "log.record.body",
    "MESSAGE": "log.record.body",
    "SYSLOG_IDENTIFIER": "process.executable.name",
    "_PID": number("process.pid"),
    "PRIORITY": number("gcp.payload.priority"),
    "logger": "log.record.logger",
    "exception": "exception.stacktrace",
    "stack_trace": "exception.stacktrace",
}


def _target(value: Any) -> dict[str, Any]:
    """Read what a request asked for: path and query."""
    if not (isinstance(value, str) and value.startswith("/")):
        return url(value)
    path, _, query = value.partition("?")
    return {"url.original": value, "url.path": path, **({"url.query": query} if query else {})}


_REQUEST_LOG: Final[Names] = {
    "@type": "gcp.payload.type",
    "method": "http.request.method",
    "resource": _target,
    "status": number("http.response.status_code"),
    "responseSize": number("http.response.size"),
    "latency": seconds("http.request.server.duration"),
    "ip": "client.address",
    "host": "http.request.header.host",
    "userAgent": "user_agent.original",
    "referrer": "http.request.header.referer",
    "httpVersion": http_protocol,
    "moduleId": "gcp.app_engine.service",
    "versionId": "service.version",
    "instanceId": "service.instance.id",
    "requestId": "http.request.id",
    "traceId": "gcp.app_engine.trace",
    "cost": number("gcp.app_engine.cost"),
    "megaCycles": number("gcp.app_engine.mega_cycles"),
    "pendingTime": seconds("gcp.app_engine.pending_time"),
    "wasLoadingRequest": boolean("faas.coldstart"),
    "urlMapEntry": "http.route",
    "line": "gcp.app_engine.lines",
}

_PROBE: Final[Names] = {
    "@type": "gcp.payload.type",
    "healthCheckProbeResult.healthState": "gcp.health_check.state",
    "healthCheckProbeResult.previousHealthState": "gcp.health_check.previous_state",
    "healthCheckProbeResult.detailedHealthState": "gcp.health_check.detailed_state",
    "healthCheckProbeResult.probeResultText": "gcp.health_check.result",
    "healthCheckProbeResult.probeSourceRegion": "gcp.health_check.source_region",
    "healthCheckProbeResult.targetIp": "server.address",
    "healthCheckProbeResult.ipAddress": "server.address",
    "healthCheckProbeResult.targetPort": number("server.port"),
    "healthCheckProbeResult.responseLatency": seconds("gcp.health_check.latency"),
}

_KUBERNETES: Final[Names] = {
    **_TEXT,
    "reason": "k8s.event.reason",
    "type": "k8s.event.type",
    "count": number("k8s.event.count"),
    "metadata.uid": "k8s.event.uid",
    "involvedObject.kind": "k8s.object.kind",
    "involvedObject.name": "k8s.object.name",
    "involvedObject.namespace": "k8s.namespace.name",
    "source.component": "k8s.event.reporting_controller",
    "reportingComponent": "k8s.event.reporting_controller",
    "source.host": "k8s.node.name",
}

_ALERT: Final[Names] = {
    "@type": "gcp.payload.type",
    "incident.incident_id": "gcp.alert.id",
    "incident.policy_name": "gcp.alert.policy.name",
    "incident.condition_name": "gcp.alert.condition.name",
    "incident.state": "gcp.alert.state",
    "incident.summary": "log.record.body",
    "incident.url": url,
    "verbose_message": "log.record.body",
    "terse_message": "gcp.alert.summary",
}

_BUILD: Final[Names] = {**_TEXT, "status": "cicd.pipeline.result", "build_step": "cicd.pipeline.task.name"}

_MESSAGING: Final[Names] = {
    **_TEXT,
    "messageId": "messaging.message.id",
    "subscription": "messaging.destination.subscription.name",
    "topic": "messaging.destination.name",
    "ackId": "gcp.pubsub.ack.id",
}


def _service(format: str, *resource_types: str, **fields: Any) -> Family:
    return Family(format=format, resource_types=resource_types, **{"names": _TEXT, **fields})


FAMILIES: Final = (
    Family(
        format="gcp.dns",
        log_ids=("dns.googleapis.com/dns_queries",),
        name=("queryType",),
        error=("responseCode",),
        duration=("serverLatency",),
        duration_unit="ms",
        mentions=("vmInstanceIdString", "vmInstanceName"),
        names=DNS_NAMES,
        prefix="gcp.dns",
    ),
    _service("gcp.cloudrun", "cloud_run_revision", "cloud_run_job", "cloud_run_worker_pool"),
    _service("gcp.functions", "cloud_function"),
    Family(
        format="gcp.appengine",
        resource_types=("gae_app",),
        name=("method",),
        status=("status",),
        duration=("latency",),
        names={**_TEXT, **_REQUEST_LOG},
        prefix="gcp.app_engine",
    ),
    _service("gcp.cloudsql", "cloudsql_database", "alloydb.googleapis.com/"),
    Family(
        format="gcp.healthcheck",
        log_ids=("compute.googleapis.com/healthchecks",),
        name=("healthCheckProbeResult.healthState",),
        duration=("healthCheckProbeResult.responseLatency",),
        peer=("healthCheckProbeResult.targetIp", "healthCheckProbeResult.ipAddress"),
        peer_is_address=True,
        names=_PROBE,
        prefix="gcp.health_check",
    ),
    Family(format="gcp.router", log_ids=("compute.googleapis.com/router_events",), resource_types=("gce_router",)),
    _service("gcp.vpn", "vpn_gateway", "interconnect", "interconnect_attachment"),
    Family(
        format="gcp.access_transparency",
        log_ids=("cloudaudit.googleapis.com/access_transparency",),
        name=("accesses.methodName", "eventId"),
        names={"@type": "gcp.payload.type", "location.principalOfficeCountry": "geo.country.iso_code"},
        prefix="gcp.access_transparency",
    ),
    Family(
        format="gcp.alert",
        log_ids=("monitoring.googleapis.com/",),
        name=("incident.state", "event_type"),
        names=_ALERT,
        prefix="gcp.alert",
    ),
    Family(
        format="gcp.error_reporting",
        log_ids=("clouderrorreporting.googleapis.com/", "clouderrorreporting.googleapis.com/insights"),
        service=("serviceContext.service", "errorEvent.serviceContext.service"),
        error=("errorGroup.fullErrorMessage", "errorEvent.message"),
        names={
            **_TEXT,
            "serviceContext.service": "service.name",
            "serviceContext.version": "service.version",
            "context.httpRequest.method": "http.request.method",
            "context.httpRequest.responseStatusCode": number("http.response.status_code"),
        },
    ),
    Family(
        format="gcp.cloudbuild",
        resource_types=("build", "clouddeploy.googleapis.com/"),
        name=("status",),
        names=_BUILD,
    ),
    Family(
        format="gcp.scheduler",
        resource_types=("cloud_scheduler_job", "cloud_tasks_queue"),
        error=("status",),
        peer=("url", "target.url"),
        names={**_TEXT, "url": url, "jobName": "gcp.scheduler.job.name", "targetType": "gcp.scheduler.target.type"},
    ),
    Family(
        format="gcp.pubsub",
        resource_types=("pubsub_topic", "pubsub_subscription", "pubsub_snapshot"),
        error=("error", "status"),
        names=_MESSAGING,
    ),
    _service("gcp.dataflow", "dataflow_step", name=("step",)),
    _service("gcp.dataproc", "cloud_dataproc_cluster", "cloud_dataproc_job", "cloud_dataproc_batch"),
    _service("gcp.composer", "cloud_composer_environment", "cloud_composer_workflow"),
    _service("gcp.bigquery", "bigquery_project", "bigquery_resource", "bigquery_dataset", "bigquery_dts_config"),
    _service("gcp.workflows", "workflows.googleapis.com/", name=("state", "callType")),
    _service("gcp.redis", "redis_instance", "memcache_node", "redis.googleapis.com/"),
    _service("gcp.spanner", "spanner_instance"),
    _service("gcp.storage", "gcs_bucket", "storagetransfer.googleapis.com/", "storage_transfer_job"),
    _service(
        "gcp.apigateway", "apigateway.googleapis.com/", "api", "producer_service", "apigee.googleapis.com/",
        error=("error_cause", "responseDetails"), name=("api_method", "http_method"),
    ),
    _service("gcp.aiplatform", "ml_job", "aiplatform.googleapis.com/", "cloudml_job"),
    _service("gcp.gce", "gce_instance", "gce_instance_group", "gce_instance_group_manager", "gce_instance_template"),
    Family(
        format="gcp.gke",
        resource_types=(
            *("k8s_cluster", "k8s_node", "k8s_pod", "k8s_container", "gke_cluster", "gke_nodepool"),
            *("k8s_control_plane_component", "k8s_scale", "k8s_service", "container"),
        ),
        name=("reason",),
        service=("source.component", "reportingComponent", "SYSLOG_IDENTIFIER"),
        names=_KUBERNETES,
    ),
    Family(format="gcp.generic", names=_TEXT),
)  # fmt: skip
"""In the order in which they are tried; the last takes every entry that no other knows."""
