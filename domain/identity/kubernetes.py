"""Kubernetes objects as `k8s://cluster/namespace/kind/name`.

The three clouds log the same objects under their own labels; this is the form in which they meet. `-` stands for a
cluster that is not known and for the namespace of objects that have none; neither can be a Kubernetes name.
See https://kubernetes.io/docs/reference/using-api/api-concepts/ for API paths.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

_SCHEME: Final = "k8s://"
_NONE: Final = "-"
_API_PATH: Final = re.compile(
    r"/?(?:apis?/)?(?:[a-z0-9.-]+/)?v\d[a-z0-9]*/(?:namespaces/(?P<namespace>[^/]+)/)?(?P<kind>[a-z]+)/(?P<name>[^/?]+)(?:/[^?]*)?(?:\?.*)?"
)

_SAFE: Final = "[bcdfghjklmnpqrstvwxz2456789]"
"""Kubernetes draws the random parts of names from these letters only, k8s.io/apimachinery/pkg/util/rand."""

_POD_SUFFIX: Final = re.compile(rf"-(?:{_SAFE}{{8,10}}-{_SAFE}{{5}}|{_SAFE}{{5}}|\d{{1,5}})")
_IRREGULAR: Final = {"ingresses": "ingress", "networkpolicies": "networkpolicy", "endpoints": "endpoints"}


class KubernetesObject(msgspec.Struct, frozen=True):
    """One object of one cluster.

    >>> str(KubernetesObject("prod", "shop", "pod", "cart-0"))
    'k8s://prod/shop/pod/cart-0'
    """

    cluster: str
    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{_SCHEME}{self.cluster or _NONE}/{self.namespace or _NONE}/{self.kind}/{self.name}"


def kubernetes_resource(cluster: str, namespace: str, kind: str, name: str) -> str:
    """Return the normal form of an object; the kind may be singular or plural, in any case.

    >>> kubernetes_resource("prod", "", "Nodes", "node-1")
    'k8s://prod/-/node/node-1'
    """
    return str(KubernetesObject(cluster, namespace, _singular(kind), name))


def parse_kubernetes(text: str, *, cluster: str = "") -> KubernetesObject | None:
    """Return the object of a normal form or of an API path (`core/v1/namespaces/..`, `/apis/apps/v1/..`), or None.

    >>> parse_kubernetes("core/v1/namespaces/default/pods/web/exec", cluster="prod").name
    'web'
    """
    if text.startswith(_SCHEME):
        parts = text.removeprefix(_SCHEME).split("/", 3)
        known = [part.removeprefix(_NONE) if part == _NONE else part for part in parts]
        return KubernetesObject(*known) if len(parts) == 4 and all(parts) else None
    path = _API_PATH.fullmatch(text)
    return KubernetesObject(cluster, path["namespace"] or "", _singular(path["kind"]), path["name"]) if path else None


def workload_of_pod(pod: str) -> str:
    """Return the name of the deployment, daemon set or stateful set that a pod's name was made from.

    >>> workload_of_pod("ts-order-service-7d9f8b6c5-x2bcd"), workload_of_pod("kafka-0"), workload_of_pod("web")
    ('ts-order-service', 'kafka', 'web')
    """
    for cut in (17, 16, 15, 6, 2, 3, 4, 5):
        if len(pod) > cut and _POD_SUFFIX.fullmatch(pod, len(pod) - cut):
            return pod[:-cut]
    return pod


def _singular(kind: str) -> str:
    kind = kind.lower()
    return _IRREGULAR.get(kind) or (kind.removesuffix("s") if not kind.endswith("ss") else kind)
