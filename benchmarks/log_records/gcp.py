"""Entries of Cloud Logging, whose times, ids, addresses and sizes vary.

Used by the benchmark of the parsers.
"""

from __future__ import annotations

import json
from random import Random

from .application import container_text
from .chance import address, hex_of, time_of


def gcp_entry(random: Random, kind: str, labels: dict[str, str], log: str, **fields: object) -> str:
    """Return an entry of Cloud Logging."""
    entry = {
        "insertId": hex_of(random, 12),
        "logName": f"projects/shop/logs/{log}",
        "resource": {"type": kind, "labels": {"project_id": "shop", **labels}},
        "timestamp": time_of(random),
        "receiveTimestamp": time_of(random),
        "severity": "INFO",
        **fields,
    }
    return json.dumps(entry, separators=(",", ":"))


def gcp_audit(random: Random) -> str:
    """Return an audit log entry."""
    instance = f"projects/shop/zones/europe-west4-a/instances/vm-{random.randrange(200)}"
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "authenticationInfo": {"principalEmail": f"user{random.randrange(40)}@example.com"},
        "authorizationInfo": [{"granted": True, "permission": "compute.instances.get", "resource": instance}],
        "methodName": "v1.compute.instances.get",
        "requestMetadata": {"callerIp": address(random), "callerSuppliedUserAgent": "google-cloud-sdk gcloud/450.0.0"},
        "resourceName": instance,
        "serviceName": "compute.googleapis.com",
        "status": {},
    }
    labels = {"instance_id": str(random.randrange(200)), "zone": "europe-west4-a"}
    return gcp_entry(random, "gce_instance", labels, "cloudaudit.googleapis.com%2Factivity", protoPayload=payload)


def gcp_load_balancer(random: Random) -> str:
    """Return a request of a Google Cloud load balancer."""
    request = {
        "requestMethod": "GET",
        "requestUrl": f"https://shop.example.com/cart/{random.randrange(500)}",
        "requestSize": str(random.randrange(999)),
        "responseSize": str(random.randrange(9999)),
        "status": 200,
        "latency": f"0.{random.randrange(10**6):06d}s",
        "remoteIp": address(random),
        "serverIp": address(random),
    }
    labels = {"url_map_name": "shop", "backend_service_name": f"cart-{random.randrange(8)}", "zone": "global"}
    return gcp_entry(
        random,
        "http_load_balancer",
        labels,
        "requests",
        httpRequest=request,
        jsonPayload={"statusDetails": "response_sent_by_backend"},
        trace=f"projects/shop/traces/{hex_of(random, 32)}",
        spanId=hex_of(random, 16),
    )


def cloud_run(random: Random) -> str:
    """Return a line of a Cloud Run service."""
    labels = {"service_name": f"cart-{random.randrange(8)}", "location": "europe-west4"}
    text = f"INFO order {random.randrange(9999)} took {random.randrange(99)} ms"
    return gcp_entry(random, "cloud_run_revision", labels, "run.googleapis.com%2Fstdout", textPayload=text)


def container_line(random: Random) -> str:
    """Return a line of a container in GKE."""
    labels = {
        "location": "europe-west4-a",
        "cluster_name": "gke",
        "namespace_name": "shop",
        "pod_name": f"cart-86f5f97bc9-{random.randrange(64):05d}",
        "container_name": "server",
    }
    text = container_text(random)
    return gcp_entry(random, "k8s_container", labels, "stdout", textPayload=text)


SUBNET = {"location": "us-central1", "subnetwork_name": "main", "subnetwork_id": "1"}


def connection(random: Random) -> dict[str, object]:
    """Return the ends of a flow."""
    ports = {"src_port": random.randrange(1024, 65535), "dest_port": 443}
    return {"src_ip": address(random), "dest_ip": address(random), "protocol": 6, **ports}


def machine(random: Random) -> dict[str, object]:
    """Return a machine at the end of a flow."""
    name = f"vm-{random.randrange(99)}"
    return {"project_id": "shop", "region": "us-central1", "vm_name": name, "zone": "us-central1-f"}


def vpc_flow(random: Random) -> str:
    """Return a flow of a subnetwork."""
    payload = {
        "bytes_sent": str(random.randrange(99999)),
        "packets_sent": str(random.randrange(999)),
        "connection": connection(random),
        "start_time": time_of(random),
        "end_time": time_of(random),
        "reporter": "SRC",
        "src_instance": machine(random),
        "src_vpc": {"project_id": "shop", "subnetwork_name": "main", "vpc_name": "main"},
    }
    return gcp_entry(random, "gce_subnetwork", SUBNET, "compute.googleapis.com%2Fvpc_flows", jsonPayload=payload)


def firewall(random: Random) -> str:
    """Return the verdict of a firewall rule."""
    payload = {
        "connection": connection(random),
        "disposition": "ALLOWED",
        "rule_details": {"reference": "network:main/firewall:web", "priority": 1000, "action": "ALLOW"},
        "instance": machine(random),
        "vpc": {"project_id": "shop", "subnetwork_name": "main", "vpc_name": "main"},
    }
    return gcp_entry(random, "gce_subnetwork", SUBNET, "compute.googleapis.com%2Ffirewall", jsonPayload=payload)
