"""Who is who: resources of three clouds and Kubernetes, their parts, normal forms and other names."""

from .arn import Arn, parse_arn, partition_of
from .azure_resource_id import AzureResourceId, azure_key, parse_azure_resource_id
from .gcp_monitored_resource import gcp_resource_of_labels
from .gcp_resource_name import GcpResourceName, parse_gcp_resource_name
from .kubernetes import KubernetesObject, kubernetes_resource, parse_kubernetes, workload_of_pod
from .mentions import find_identifiers
from .resource import Identity, identifiers_of, normalise_resource, parse_resource, same_resource

__all__ = [
    "Arn",
    "AzureResourceId",
    "GcpResourceName",
    "Identity",
    "KubernetesObject",
    "azure_key",
    "find_identifiers",
    "gcp_resource_of_labels",
    "identifiers_of",
    "kubernetes_resource",
    "normalise_resource",
    "parse_arn",
    "parse_azure_resource_id",
    "parse_gcp_resource_name",
    "parse_kubernetes",
    "parse_resource",
    "partition_of",
    "same_resource",
    "workload_of_pod",
]
