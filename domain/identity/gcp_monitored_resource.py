"""From Cloud Logging's `resource.type` and `resource.labels` to a full resource name.

Every LogEntry has these two; only audit records have a resource name. See
https://cloud.google.com/logging/docs/api/v2/resource-list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .gcp_resource_name import GcpResourceName
from .kubernetes import kubernetes_resource

_NAMES: Final[dict[str, tuple[str, str]]] = {
    "api": ("serviceusage", "projects/{project_id}/services/{service}"),
    "bigquery_dataset": ("bigquery", "projects/{project_id}/datasets/{dataset_id}"),
    "bigquery_project": ("cloudresourcemanager", "projects/{project_id}"),
    "bigquery_resource": ("cloudresourcemanager", "projects/{project_id}"),
    "build": ("cloudbuild", "projects/{project_id}/builds/{build_id}"),
    "cloud_composer_environment": (
        "composer",
        "projects/{project_id}/locations/{location}/environments/{environment_name}",
    ),
    "cloud_dataproc_cluster": ("dataproc", "projects/{project_id}/regions/{region}/clusters/{cluster_name}"),
    "cloud_function": ("cloudfunctions", "projects/{project_id}/locations/{region}/functions/{function_name}"),
    "cloud_run_job": ("run", "projects/{project_id}/locations/{location}/jobs/{job_name}"),
    "cloud_run_revision": ("run", "projects/{project_id}/locations/{location}/services/{service_name}"),
    "cloud_scheduler_job": ("cloudscheduler", "projects/{project_id}/locations/{location}/jobs/{job_id}"),
    "cloud_tasks_queue": ("cloudtasks", "projects/{project_id}/locations/{location}/queues/{queue_id}"),
    "cloudkms_cryptokey": (
        "cloudkms",
        "projects/{project_id}/locations/{location}/keyRings/{key_ring_id}/cryptoKeys/{crypto_key_id}",
    ),
    "dataflow_step": ("dataflow", "projects/{project_id}/locations/{region}/jobs/{job_id}"),
    "dns_managed_zone": ("dns", "projects/{project_id}/managedZones/{zone_name}"),
    "gae_app": ("appengine", "apps/{project_id}/services/{module_id}"),
    "gce_autoscaler": ("compute", "projects/{project_id}/zones/{location}/autoscalers/{autoscaler_name}"),
    "gce_disk": ("compute", "projects/{project_id}/zones/{zone}/disks/{disk_id}"),
    "gce_firewall_rule": ("compute", "projects/{project_id}/global/firewalls/{firewall_rule_id}"),
    "gce_instance": ("compute", "projects/{project_id}/zones/{zone}/instances/{instance_id}"),
    "gce_instance_group_manager": (
        "compute",
        "projects/{project_id}/zones/{location}/instanceGroupManagers/{instance_group_manager_name}",
    ),
    "gce_network": ("compute", "projects/{project_id}/global/networks/{network_id}"),
    "gce_router": ("compute", "projects/{project_id}/regions/{region}/routers/{router_id}"),
    "gce_subnetwork": ("compute", "projects/{project_id}/regions/{location}/subnetworks/{subnetwork_name}"),
    "gcs_bucket": ("storage", "{bucket_name}"),
    "gke_cluster": ("container", "projects/{project_id}/locations/{location}/clusters/{cluster_name}"),
    "gke_nodepool": (
        "container",
        "projects/{project_id}/locations/{location}/clusters/{cluster_name}/nodePools/{nodepool_name}",
    ),
    "http_external_regional_lb_rule": ("compute", "projects/{project_id}/regions/{region}/urlMaps/{url_map_name}"),
    "http_load_balancer": ("compute", "projects/{project_id}/global/urlMaps/{url_map_name}"),
    "ids.googleapis.com/Endpoint": ("ids", "projects/{project_id}/locations/{location}/endpoints/{id}"),
    "internal_http_lb_rule": ("compute", "projects/{project_id}/regions/{region}/urlMaps/{url_map_name}"),
    "k8s_cluster": ("container", "projects/{project_id}/locations/{location}/clusters/{cluster_name}"),
    "loadbalancing.googleapis.com/ExternalNetworkLoadBalancerRule": (
        "compute",
        "projects/{project_id}/regions/{region}/forwardingRules/{forwarding_rule_name}",
    ),
    "loadbalancing.googleapis.com/InternalNetworkLoadBalancerRule": (
        "compute",
        "projects/{project_id}/regions/{region}/forwardingRules/{forwarding_rule_name}",
    ),
    "logging_sink": ("logging", "projects/{project_id}/sinks/{name}"),
    "nat_gateway": ("compute", "projects/{project_id}/regions/{region}/routers/{router_id}"),
    "project": ("cloudresourcemanager", "projects/{project_id}"),
    "pubsub_subscription": ("pubsub", "projects/{project_id}/subscriptions/{subscription_id}"),
    "pubsub_topic": ("pubsub", "projects/{project_id}/topics/{topic_id}"),
    "redis_instance": ("redis", "projects/{project_id}/locations/{region}/instances/{instance_id}"),
    "service_account": ("iam", "projects/{project_id}/serviceAccounts/{email_id}"),
    "spanner_instance": ("spanner", "projects/{project_id}/instances/{instance_id}"),
    "vpn_gateway": ("compute", "projects/{project_id}/regions/{region}/vpnGateways/{gateway_id}"),
    "workflows.googleapis.com/Workflow": (
        "workflows",
        "projects/{project_id}/locations/{location}/workflows/{workflow_id}",
    ),
}
"""resource.type to service and path; the labels are in braces."""


def gcp_resource_of_labels(resource_type: str, labels: Mapping[str, str]) -> str:
    """Return the full name (or `k8s://` form) that a monitored resource stands for, '' when labels are missing.

    >>> gcp_resource_of_labels("pubsub_topic", {"project_id": "p", "topic_id": "projects/p/topics/t"})
    '//pubsub.googleapis.com/projects/p/topics/t'
    """
    if resource_type in _KUBERNETES_KINDS:
        return _kubernetes(resource_type, labels)
    if resource_type == "cloudsql_database":
        project, _, instance = labels.get("database_id", "").rpartition(":")
        return str(GcpResourceName("cloudsql", f"projects/{project}/instances/{instance}")) if project else ""
    template = _NAMES.get(resource_type)
    if template is None:
        return ""
    # Pub/Sub and others write the relative name where the list of resources promises the bare id.
    bare = {name: str(value).rsplit("/", 1)[-1] for name, value in labels.items() if value}
    try:
        return str(GcpResourceName(template[0], template[1].format_map(bare)))
    except KeyError:
        return ""


_KUBERNETES_KINDS: Final = {
    "k8s_container": "pod",
    "k8s_pod": "pod",
    "k8s_node": "node",
    "k8s_control_plane_component": "",
}


def _kubernetes(resource_type: str, labels: Mapping[str, str]) -> str:
    kind = _KUBERNETES_KINDS[resource_type]
    name = labels.get(f"{kind}_name", "") if kind else ""
    if not name:
        return gcp_resource_of_labels("k8s_cluster", labels)
    return kubernetes_resource(labels.get("cluster_name", ""), labels.get("namespace_name", ""), kind, name)
