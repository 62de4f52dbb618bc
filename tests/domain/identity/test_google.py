"""Google Cloud resources meet under their full resource name."""

import pytest

from cloudledger.domain.identity import (
    gcp_resource_of_labels,
    identifiers_of,
    normalise_resource,
    parse_gcp_resource_name,
    same_resource,
)

INSTANCE = "//compute.googleapis.com/projects/shop/zones/us-central1-a/instances/web-1"


@pytest.mark.parametrize(
    "written",
    [
        INSTANCE,
        "projects/shop/zones/us-central1-a/instances/web-1",
        "https://www.googleapis.com/compute/v1/projects/shop/zones/us-central1-a/instances/web-1",
        "https://compute.googleapis.com/compute/v1/projects/shop/zones/us-central1-a/instances/web-1",
    ],
)
def test_full_relative_and_self_link_are_one_name(written: str) -> None:
    assert normalise_resource(written) == INSTANCE


@pytest.mark.parametrize(
    ("service", "written", "normal"),
    [
        ("storage", "projects/_/buckets/logs", "//storage.googleapis.com/logs"),
        ("storage", "projects/_/buckets/logs/objects/a/b.txt", "//storage.googleapis.com/logs/a/b.txt"),
        (
            "compute",
            "projects/123456789012/zones/z/instances/i",
            "//compute.googleapis.com/projects/shop/zones/z/instances/i",
        ),
        ("iam", "projects/-/serviceAccounts/11488", "//iam.googleapis.com/projects/shop/serviceAccounts/11488"),
        ("dns", "managedZones/zone", "//dns.googleapis.com/projects/shop/managedZones/zone"),
        ("cloudsql", "instances/main", "//cloudsql.googleapis.com/projects/shop/instances/main"),
        ("sqladmin", "projects/shop/instances/main", "//cloudsql.googleapis.com/projects/shop/instances/main"),
        (
            "container",
            "projects/shop/zones/z/clusters/prod",
            "//container.googleapis.com/projects/shop/locations/z/clusters/prod",
        ),
        ("compute", "projects/shop", "//cloudresourcemanager.googleapis.com/projects/shop"),
        ("k8s", "core/v1/namespaces/default/pods/web/exec", "k8s://-/default/pod/web"),
        ("k8s", "rbac.authorization.k8s.io/v1/clusterroles/admin", "k8s://-/-/clusterrole/admin"),
    ],
)
def test_audit_names_are_completed_by_service_and_project(service: str, written: str, normal: str) -> None:
    resource_type = "k8s.io" if service == "k8s" else f"{service}.googleapis.com"

    assert normalise_resource(written, provider="gcp", account="shop", resource_type=resource_type) == normal


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("topics/t", "pubsub"),
        ("serviceAccounts/a@b", "iam"),
        ("datasets/d/tables/t", "bigquery"),
        ("locations/l/functions/f", "cloudfunctions"),
        ("locations/l/services/s", "run"),
        ("locations/l/clusters/c", "container"),
        ("locations/l/keyRings/k/cryptoKeys/c", "cloudkms"),
        ("sinks/s", "logging"),
        ("global/firewalls/f", "compute"),
    ],
)
def test_a_relative_name_tells_its_service_by_its_collections(path: str, service: str) -> None:
    assert normalise_resource(f"projects/p/{path}") == f"//{service}.googleapis.com/projects/p/{path}"


@pytest.mark.parametrize(
    ("resource_type", "labels", "normal"),
    [
        (
            "k8s_container",
            {"cluster_name": "prod", "namespace_name": "shop", "pod_name": "cart-0", "container_name": "app"},
            "k8s://prod/shop/pod/cart-0",
        ),
        (
            "gce_instance",
            {"project_id": "p", "zone": "z", "instance_id": "2838092002611613780"},
            "//compute.googleapis.com/projects/p/zones/z/instances/2838092002611613780",
        ),
        (
            "cloud_run_revision",
            {"project_id": "p", "location": "l", "service_name": "s", "revision_name": "s-1"},
            "//run.googleapis.com/projects/p/locations/l/services/s",
        ),
        (
            "cloud_function",
            {"project_id": "p", "region": "r", "function_name": "f"},
            "//cloudfunctions.googleapis.com/projects/p/locations/r/functions/f",
        ),
        (
            "http_load_balancer",
            {"project_id": "p", "url_map_name": "u"},
            "//compute.googleapis.com/projects/p/global/urlMaps/u",
        ),
        ("cloudsql_database", {"database_id": "p:main"}, "//cloudsql.googleapis.com/projects/p/instances/main"),
        ("bigquery_dataset", {"project_id": "p", "dataset_id": "d"}, "//bigquery.googleapis.com/projects/p/datasets/d"),
        ("gcs_bucket", {"project_id": "p", "bucket_name": "b"}, "//storage.googleapis.com/b"),
        ("gce_instance", {"project_id": "p"}, ""),
        ("pubsub_topic", {"project_id": "p", "topic_id": ""}, ""),
        ("cloudsql_database", {"database_id": "no-colon"}, ""),
        ("never heard of", {}, ""),
    ],
)
def test_a_monitored_resource_has_a_full_name(resource_type: str, labels: dict[str, str], normal: str) -> None:
    assert gcp_resource_of_labels(resource_type, labels) == normal


def test_a_wild_project_is_any_project() -> None:
    assert same_resource(
        "//iam.googleapis.com/projects/-/serviceAccounts/a", "//iam.googleapis.com/projects/p/serviceAccounts/a"
    )
    assert not same_resource("//iam.googleapis.com/projects/q/roles/a", "//iam.googleapis.com/projects/p/roles/a")
    assert not same_resource("", "")


def test_a_bucket_is_known_by_all_its_names() -> None:
    assert {"logs", "gs://logs", "projects/_/buckets/logs"} <= set(identifiers_of("gs://logs/a.txt"))
    assert {"shop:main"} <= set(identifiers_of("//cloudsql.googleapis.com/projects/shop/instances/main"))


def test_project_and_name_are_told() -> None:
    name = parse_gcp_resource_name(INSTANCE)

    assert name is not None
    assert (name.project, name.name, name.service) == ("shop", "web-1", "compute")
