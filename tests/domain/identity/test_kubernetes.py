"""Kubernetes objects and the workloads behind pod names."""

import pytest

from cloudledger.domain.identity import (
    KubernetesObject,
    identifiers_of,
    kubernetes_resource,
    normalise_resource,
    parse_kubernetes,
    workload_of_pod,
)


def test_an_object_reads_back_from_its_normal_form() -> None:
    for parts in (("prod", "shop", "deployment", "cart"), ("prod", "", "node", "n1"), ("", "shop", "pod", "p")):
        assert parse_kubernetes(kubernetes_resource(*parts)) == KubernetesObject(*parts)


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("core/v1/namespaces/default/pods/web", "k8s://prod/default/pod/web"),
        ("/api/v1/namespaces/default/services/web?watch=1", "k8s://prod/default/service/web"),
        ("/apis/apps/v1/namespaces/a/deployments/web/scale", "k8s://prod/a/deployment/web"),
        ("/apis/networking.k8s.io/v1/namespaces/a/ingresses/web", "k8s://prod/a/ingress/web"),
        ("rbac.authorization.k8s.io/v1/clusterrolebindings/admin", "k8s://prod/-/clusterrolebinding/admin"),
        ("core/v1/namespaces/default/pods", "k8s://prod/-/namespace/default"),
        ("/apis/autoscaling/v2/namespaces/a/horizontalpodautoscalers/h", "k8s://prod/a/horizontalpodautoscaler/h"),
    ],
)
def test_api_paths_name_objects(path: str, normal: str) -> None:
    assert str(parse_kubernetes(path, cluster="prod")) == normal


@pytest.mark.parametrize("text", ["", "k8s://", "k8s://a/b", "k8s://a//pod/x", "core/v1/pods", "/healthz"])
def test_what_names_no_object_is_none(text: str) -> None:
    assert parse_kubernetes(text) is None


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("ts-order-service-7d9f8b6c5-x2bcd", "ts-order-service"),
        ("ts-order-service-7d9f8b6c54-x2bcd", "ts-order-service"),
        ("fluentd-x2bcd", "fluentd"),
        ("kafka-0", "kafka"),
        ("kafka-12", "kafka"),
        ("order-mongo", "order-mongo"),
        ("web", "web"),
        ("", ""),
    ],
)
def test_the_workload_is_the_pod_without_its_random_end(pod: str, workload: str) -> None:
    assert workload_of_pod(pod) == workload


def test_objects_are_known_by_namespace_and_name() -> None:
    assert identifiers_of("k8s://prod/shop/pod/cart-0") == ("k8s://prod/shop/pod/cart-0", "shop/cart-0", "cart-0")
    assert normalise_resource("k8s://prod/shop/pod/cart-0") == "k8s://prod/shop/pod/cart-0"
