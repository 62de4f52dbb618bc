"""Which names in logs mean which objects, cloud by cloud."""

import pytest

from cloudledger.projections.timeline.identity_index import IdentityIndex
from cloudledger.projections.timeline.resource_history import ManagedObject

GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/shop"
VAULT = f"{GROUP}/providers/microsoft.keyvault/vaults/kv-shop"
MACHINE = "//compute.googleapis.com/projects/p/zones/z/instances/vm-main"


def managed(resource_type: str, *identifiers: str, **fields: str) -> ManagedObject:
    made = ManagedObject("s", f"{resource_type}.x", resource_type, **fields)  # type: ignore[arg-type]
    made.identifiers = dict.fromkeys(identifiers)
    return made


@pytest.mark.parametrize(
    ("one", "text", "score"),
    [
        (managed("azurerm_key_vault", f"azure.id:{VAULT}"), VAULT.upper(), 0.95),
        (managed("azurerm_key_vault", f"azure.id:{VAULT}"), f"{VAULT}/secrets/pw", 0.7),
        (managed("azurerm_key_vault", f"azure.id:{VAULT}", provider="azure"), "kv-shop.vault.azure.net", 0.75),
        (managed("google_compute_instance", f"gcp.full_name:{MACHINE}"), "projects/p/zones/z/instances/vm-main", 0.95),
        (
            managed("google_compute_instance", f"gcp.full_name:{MACHINE}"),
            f"https://www.googleapis.com/compute/v1{MACHINE[24:]}",
            0.95,
        ),
        (managed("google_storage_bucket", "gcp.full_name://storage.googleapis.com/logs"), "gs://logs/a/b", 0.7),
        (managed("google_compute_instance", "gcp.numeric_id:123456789"), "123456789", 0.95),
        (managed("kubernetes_deployment", "k8s.ref:shop/deployment/web"), "k8s://prod/shop/deployment/web", 0.8),
        (
            managed("kubernetes_deployment", "k8s.ref:shop/deployment/web"),
            "k8s://prod/shop/pod/web-7d9f8b6c5-x2x4z",
            0.75,
        ),
        (managed("aws_s3_bucket", "aws.arn:arn:aws:s3:::logs"), "arn:aws:s3:::logs/2026/a.gz", 0.95),
        (managed("aws_s3_bucket", "aws.name:s3/logs"), "logs.s3.eu-west-1.amazonaws.com", 0.75),
        (managed("aws_db_instance", "aws.name:rds/pay"), "arn:aws:rds:eu-west-1:012345678901:db:pay", 0.8),
        (managed("aws_db_instance", "aws.name:rds/pay"), "pay.c1x.eu-west-1.rds.amazonaws.com:5432", 0.75),
        (managed("aws_lambda_function", "loggroup:/aws/lambda/pay"), "/aws/lambda/pay", 0.75),
        (
            managed("aws_lambda_function", "aws.arn:arn:aws:lambda:r:1:function:pay"),
            "arn:aws:lambda:r:1:function:pay:live",
            0.95,
        ),
        (
            managed("aws_lambda_function", "aws.arn:arn:aws:lambda:r:1:function:pay"),
            "arn:aws:logs:r:1:log-group:/aws/lambda/pay:*",
            0.75,
        ),
        (managed("aws_instance", "aws.id:i-0123456789abcdef0"), "i-0123456789abcdef0", 0.95),
        (managed("aws_instance", "ip:10.0.0.7"), "10.0.0.7:443", 0.6),
        (managed("aws_iam_role", "aws.arn:arn:aws:iam::1:role/app"), "arn:aws:sts::1:assumed-role/app/session", 0.5),
        (managed("aws_sqs_queue", "name:orders"), "orders", 0.3),
    ],
)
def test_a_name_finds_its_object_with_its_strength(one: ManagedObject, text: str, score: float) -> None:
    [match] = IdentityIndex([one]).matches(text)

    assert (match.object, match.score) == (one, score)
    assert match.reason


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (managed("azurerm_key_vault", f"azure.id:{VAULT}"), VAULT + "2"),
        (managed("google_compute_instance", f"gcp.full_name:{MACHINE}"), "projects/q/zones/z/instances/vm-main"),
        (managed("kubernetes_deployment", "k8s.ref:shop/deployment/web"), "k8s://prod/other/deployment/web"),
        (managed("aws_s3_bucket", "aws.arn:arn:aws:s3:::logs"), "arn:aws:s3:::logs-2/a"),
        (managed("aws_lambda_function", "aws.arn:arn:aws:lambda:r:1:function:pay"), "arn:aws:lambda:r:2:function:pay"),
        (managed("aws_instance", "ip:10.0.0.7"), "10.0.0.70"),
        (managed("aws_sqs_queue", "name:jobs-eu"), "jobs"),
        (managed("aws_sqs_queue", "name:api"), "api"),
    ],
)
def test_a_name_that_is_only_alike_finds_nothing(one: ManagedObject, text: str) -> None:
    assert IdentityIndex([one]).matches(text) == ()


def test_a_bare_name_of_several_resources_finds_none() -> None:
    first, second = managed("aws_iam_policy", "name:orders"), managed("aws_sqs_queue", "name:orders")
    second.serial = 1

    assert IdentityIndex([first, second]).matches("orders") == ()


def test_a_name_in_a_call_to_its_service_is_scoped_by_it() -> None:
    index = IdentityIndex([managed("aws_db_instance", "aws.name:rds/payments", account="1")])

    assert [m.score for m in index.matches("payments", service="rds.amazonaws.com", account="1")] == [0.8]
    assert [m.score for m in index.matches("payments", service="checkout", account="1")] == [0.6]
    assert index.matches("payments", service="rds", account="2") == ()
