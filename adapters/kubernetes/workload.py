"""The workload behind a pod's name, and the service name that Kubernetes metadata gives.

Pure functions over the few distinct pods of a chunk. Pod names follow
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label.
"""

from __future__ import annotations

import re

_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""Alphabet of generated name suffixes (k8s.io/apimachinery rand.String)."""

_DEPLOYMENT_POD = re.compile(rf"(.+)-(?:[{_SAFE}]{{6,10}}|[0-9a-f]{{8,10}})-[{_SAFE}]{{5}}")
_GENERATED_POD = re.compile(rf"(.+)-[{_SAFE}]{{5}}")
_ORDINAL_POD = re.compile(r"(.+)-\d{1,4}")


def workload_of_pod(pod: str) -> str:
    """Return the name of the deployment, stateful set, daemon set or job that made a pod.

    >>> workload_of_pod("cart-5fcd447d84-wxwjd"), workload_of_pod("db-0"), workload_of_pod("web")
    ('cart', 'db', 'web')
    """
    for pattern in (_DEPLOYMENT_POD, _ORDINAL_POD, _GENERATED_POD):
        if found := pattern.fullmatch(pod):
            return found[1]
    return pod


def service_of_pod(pod: str, container: str, labels: tuple[str, ...]) -> str:
    """Return the service name: the first label given, else the workload, else the container.

    >>> service_of_pod("cart-5fcd447d84-wxwjd", "server", ("", "cart-api"))
    'cart-api'
    """
    return next(filter(None, labels), "") or workload_of_pod(pod) or container


def pod_resource(cluster: str, namespace: str, pod: str) -> str:
    """Return the normal form of a pod.

    >>> pod_resource("prod", "default", "cart-0")
    'k8s://prod/default/pod/cart-0'
    """
    return f"k8s://{cluster}/{namespace}/pod/{pod}" if pod else ""


def workload_resource(cluster: str, namespace: str, pod: str) -> str:
    """Return the normal form of the deployment that a pod most likely belongs to."""
    return f"k8s://{cluster}/{namespace}/deployment/{workload_of_pod(pod)}" if pod else ""
