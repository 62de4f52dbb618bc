"""One native record per log format of Google Cloud, written by hand from Google's documentation."""

from typing import Any

from tests.adapters.builders import gke_entry
from tests.adapters.native_records import entry, gcp_audit, gcp_request, run_line

SUBNET = {"subnetwork_name": "main", "location": "us-central1", "subnetwork_id": "7"}
CONNECTION = {"src_ip": "10.0.0.1", "src_port": 40000, "dest_ip": "203.0.113.9", "dest_port": 443, "protocol": 6}
ENDS = {"clientIp": "192.0.2.9", "clientPort": 4000, "serverIp": "10.0.0.1", "serverPort": 80, "protocol": 6}


def text(kind: str, log: str, line: str = "ERROR java.io.IOException: no", **labels: str) -> str:
    return entry(kind, log, labels, textPayload=line)


def flow(**payload: Any) -> str:
    told = {
        "connection": CONNECTION,
        "reporter": "SRC",
        "bytes_sent": "38144",
        "start_time": "2026-11-20T09:59:00Z",
        "end_time": "2026-11-20T09:59:30.5Z",
        "src_instance": {"vm_name": "web-1"},
    }
    return entry("gce_subnetwork", "compute.googleapis.com%2Fvpc_flows", SUBNET, jsonPayload={**told, **payload})


GCP: dict[str, str] = {
    "gcp.audit": gcp_audit(status={"code": 7, "message": "denied"}),
    "gcp.loadbalancer": gcp_request(),
    "gcp.vpcflow": flow(),
    "gcp.firewall": entry(
        "gce_subnetwork",
        "compute.googleapis.com%2Ffirewall",
        SUBNET,
        jsonPayload={"connection": CONNECTION, "disposition": "DENIED", "instance": {"vm_name": "web-1"}},
    ),
    "gcp.firewall.threat": entry(
        "ids.googleapis.com/Endpoint",
        "ids.googleapis.com%2Fthreat",
        {"id": "ids-1", "location": "us-central1-a"},
        jsonPayload={"action": "alert", "connection": ENDS, "threatDetails": {"id": "9", "severity": "HIGH"}},
    ),
    "gcp.nat": entry(
        "nat_gateway",
        "compute.googleapis.com%2Fnat_flows",
        {"gateway_name": "out", "router_id": "r", "region": "us-central1"},
        jsonPayload={"connection": CONNECTION, "allocation_status": "DROPPED", "endpoint": {"vm_name": "web-1"}},
    ),
    "gcp.nlb": entry(
        "loadbalancing.googleapis.com/ExternalNetworkLoadBalancerRule",
        "loadbalancing.googleapis.com%2Fflows",
        {"backend_service_name": "cart", "region": "us-central1"},
        jsonPayload={"connection": ENDS, "startTime": "2026-11-20T09:59:00Z", "endTime": "2026-11-20T09:59:01Z"},
    ),
    "gcp.nlb.proxy": entry(
        "l4_proxy_rule",
        "loadbalancing.googleapis.com%2Fconnections",
        {"backend_service_name": "cart", "region": "us-central1"},
        jsonPayload={"connection": ENDS, "serverBytesSent": "12"},
    ),
    "gcp.dns": entry(
        "dns_query",
        "dns.googleapis.com%2Fdns_queries",
        {"location": "us-central1", "source_type": "gce-vm"},
        jsonPayload={"queryName": "pay.", "queryType": "A", "responseCode": "NXDOMAIN", "serverLatency": 4},
    ),
    "gcp.cloudrun": run_line(),
    "gcp.functions": text(
        "cloud_function", "cloudfunctions.googleapis.com%2Fcloud-functions", function_name="pay", region="us-central1"
    ),
    "gcp.appengine": entry(
        "gae_app",
        "appengine.googleapis.com%2Frequest_log",
        {"module_id": "shop", "version_id": "v1"},
        protoPayload={
            "@type": "type.googleapis.com/google.appengine.logging.v1.RequestLog",
            "method": "GET",
            "resource": "/cart",
            "status": 500,
            "latency": "0.25s",
            "ip": "192.0.2.9",
        },
    ),
    "gcp.gke.container": gke_entry("ERROR no stock"),
    "gcp.gke": entry(
        "k8s_pod",
        "events",
        {"cluster_name": "gke", "location": "us-central1", "namespace_name": "shop", "pod_name": "pay-1"},
        severity="WARNING",
        jsonPayload={"reason": "BackOff", "type": "Warning", "message": "x", "source": {"component": "kubelet"}},
    ),
    "gcp.gce": text("gce_instance", "serialconsole.googleapis.com%2Fserial_port_1_output", instance_id="7"),
    "gcp.cloudsql": text("cloudsql_database", "cloudsql.googleapis.com%2Fpostgres.log", database_id="p:orders"),
    "gcp.healthcheck": entry(
        "gce_instance_group",
        "compute.googleapis.com%2Fhealthchecks",
        {"instance_group_name": "web"},
        jsonPayload={"healthCheckProbeResult": {"healthState": "UNHEALTHY", "targetIp": "10.0.0.1"}},
    ),
    "gcp.router": text("gce_router", "compute.googleapis.com%2Frouter_events", router_id="r"),
    "gcp.vpn": text("vpn_gateway", "cloud.googleapis.com%2Fipsec_events", gateway_id="g"),
    "gcp.access_transparency": entry(
        "project", "cloudaudit.googleapis.com%2Faccess_transparency", jsonPayload={"eventId": "e"}, severity="NOTICE"
    ),
    "gcp.alert": entry(
        "global", "monitoring.googleapis.com%2FViolationOpenEventv1", jsonPayload={"terse_message": "high"}
    ),
    "gcp.error_reporting": entry(
        "global", "clouderrorreporting.googleapis.com%2Finsights", jsonPayload={"serviceContext": {"service": "pay"}}
    ),
    "gcp.cloudbuild": text("build", "cloudbuild", build_id="b"),
    "gcp.scheduler": entry(
        "cloud_scheduler_job",
        "cloudscheduler.googleapis.com%2Fexecutions",
        {"job_id": "nightly", "location": "us-central1"},
        jsonPayload={"url": "https://pay.example.com/run", "status": "PERMISSION_DENIED"},
    ),
    "gcp.pubsub": entry(
        "pubsub_topic", "pubsub.googleapis.com%2Fpublish", {"topic_id": "orders"}, jsonPayload={"messageId": "1"}
    ),
    "gcp.dataflow": text("dataflow_step", "dataflow.googleapis.com%2Fworker", job_id="j", region="us-central1"),
    "gcp.dataproc": text("cloud_dataproc_cluster", "hadoop-yarn", cluster_name="c", region="us-central1"),
    "gcp.composer": text("cloud_composer_environment", "airflow-worker", environment_name="e"),
    "gcp.bigquery": text("bigquery_dataset", "bigquery.googleapis.com%2Fjobs", dataset_id="d"),
    "gcp.workflows": text(
        "workflows.googleapis.com/Workflow", "workflows.googleapis.com%2Fexecutions", workflow_id="w"
    ),
    "gcp.redis": text("redis_instance", "redis.googleapis.com%2Fslow", instance_id="i", region="us-central1"),
    "gcp.spanner": text("spanner_instance", "spanner.googleapis.com%2Flog", instance_id="i"),
    "gcp.storage": text("gcs_bucket", "storage.googleapis.com%2Ftransfer", bucket_name="b"),
    "gcp.apigateway": text("apigateway.googleapis.com/Gateway", "apigateway.googleapis.com%2Frequests"),
    "gcp.aiplatform": text("aiplatform.googleapis.com/Endpoint", "aiplatform.googleapis.com%2Fprediction"),
    "gcp.generic": entry("global", "own", jsonPayload={"message": "hello", "severity": "INFO"}),
}
"""Format to a record of it."""
