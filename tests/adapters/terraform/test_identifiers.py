"""Identity rules, one case per kind of name."""

from typing import Any

import pytest

from cloudledger.adapters.terraform.resource_identifiers import (
    Scope,
    identifiers_of_id,
    identifiers_of_resource,
    service_of,
)
from cloudledger.adapters.terraform.type_rules import TYPE_RULES, rule_of

SCOPE = Scope("012345678901", "eu-west-1")
AZURE = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/Shop/providers/Microsoft.KeyVault/vaults/KV"


@pytest.mark.parametrize(
    ("resource_type", "attributes", "expected"),
    [
        (
            "aws_instance",
            {"id": "i-0123456789abcdef0", "private_ip": "10.0.0.7"},
            "aws.id:i-0123456789abcdef0 ip:10.0.0.7",
        ),
        (
            "aws_lambda_function",
            {"function_name": "pay", "arn": "arn:aws:lambda:eu-west-1:012345678901:function:pay:7"},
            "aws.arn:arn:aws:lambda:eu-west-1:012345678901:function:pay aws.name:lambda/pay loggroup:/aws/lambda/pay",
        ),
        ("aws_db_instance", {"id": "db-ABC", "identifier": "pay"}, "aws.unique_id:db-ABC aws.name:rds/pay"),
        ("aws_db_instance", {"id": "pay", "identifier": "pay"}, "aws.name:rds/pay"),
        (
            "aws_rds_cluster",
            {"cluster_identifier": "c", "reader_endpoint": "c.ro.x.rds.amazonaws.com"},
            "dns:c.ro.x.rds.amazonaws.com",
        ),
        (
            "aws_iam_role",
            {"name": "app", "unique_id": "AROAX"},
            "aws.unique_id:AROAX aws.arn:arn:aws:iam::012345678901:role/app",
        ),
        (
            "aws_lb",
            {"arn_suffix": "app/x/50dc6c495c0c9188", "dns_name": "x-1.elb.amazonaws.com"},
            "lb:app/x/50dc6c495c0c9188",
        ),
        (
            "aws_s3_bucket_policy",
            {"bucket": "logs", "id": "logs"},
            "parent:aws.name:s3/logs parent:aws.arn:arn:aws:s3:::logs",
        ),
        (
            "aws_security_group_rule",
            {"security_group_id": "sg-0123456789abcdef0"},
            "parent:aws.id:sg-0123456789abcdef0",
        ),
        ("aws_glue_job", {"name": "etl", "arn": "arn:aws:glue:eu-west-1:012345678901:job/etl"}, "aws.name:glue/etl"),
        (
            "azurerm_key_vault",
            {"id": AZURE, "vault_uri": "https://kv.vault.azure.net/"},
            f"azure.id:{AZURE.lower()} dns:kv.vault.azure.net",
        ),
        (
            "google_compute_instance",
            {"name": "vm", "zone": "europe-west1-b", "project": "p", "instance_id": "123456"},
            "gcp.full_name://compute.googleapis.com/projects/p/zones/europe-west1-b/instances/vm name:vm",
        ),
        ("google_storage_bucket", {"name": "b"}, "gcp.full_name://storage.googleapis.com/b"),
        ("google_storage_bucket_iam_member", {"bucket": "b"}, "parent:gcp.full_name://storage.googleapis.com/b"),
        (
            "google_service_account",
            {"email": "App@p.iam.gserviceaccount.com"},
            "gcp.email:app@p.iam.gserviceaccount.com",
        ),
        (
            "kubernetes_deployment_v1",
            {"metadata": [{"name": "web", "namespace": "shop", "labels": {"app": "web"}}]},
            "k8s.ref:shop/deployment/web tag:app=web",
        ),
        ("helm_release", {"name": "web", "namespace": "shop"}, "k8s.release:shop/web"),
        ("terraform_data", {"input": {"arn": "arn:aws:s3:::logs"}}, "aws.arn:arn:aws:s3:::logs"),
        ("aws_sns_topic", {"tags_all": {"Service": "payments", "CostCentre": "7"}}, "tag:service=payments"),
    ],
)
def test_identifiers_are_drawn_from_attributes(resource_type: str, attributes: dict[str, Any], expected: str) -> None:
    found = identifiers_of_resource(resource_type, attributes, SCOPE)

    assert set(expected.split()) <= set(found)
    assert not any("CostCentre" in one for one in found)


@pytest.mark.parametrize(
    ("resource_type", "attributes"),
    [
        ("random_password", {"id": "none", "result": "s3cr3t-value"}),
        ("aws_iam_access_key", {"id": "AKIAIOSFODNN7EXAMPLE", "secret": "x"}),
        ("vault_generic_secret", {"id": "kv/app", "data_json": "{}", "path": "kv/app"}),
        ("aws_sns_topic_subscription", {"endpoint": "https://hooks.example.com/T0/secret"}),
    ],
)
def test_what_identifies_nothing_or_is_secret_stays_out(resource_type: str, attributes: dict[str, Any]) -> None:
    assert identifiers_of_resource(resource_type, attributes, SCOPE) == ()


def test_a_url_is_cut_down_to_its_host() -> None:
    found = identifiers_of_resource("google_cloud_run_v2_service", {"uri": "https://user:pw@web-x.a.run.app/path?t=1"})

    assert all("pw" not in one for one in found)


def test_an_explicit_identity_comes_first() -> None:
    identity = {"arn": "arn:aws:sqs:eu-west-1:012345678901:jobs"}

    assert identifiers_of_resource("aws_sqs_queue", {}, SCOPE, identity) == (
        "aws.arn:arn:aws:sqs:eu-west-1:012345678901:jobs",
    )


def test_values_known_as_secret_are_no_identifiers() -> None:
    scope = Scope("", "", frozenset({"hunter22"}))

    assert identifiers_of_resource("aws_sqs_queue", {"name": "q-hunter22"}, scope) == ()


def test_the_id_in_an_apply_log_is_classified_by_its_shape() -> None:
    url = "https://sqs.eu-west-1.amazonaws.com/012345678901/jobs"

    assert identifiers_of_id("aws_sqs_queue", url) == (f"aws.url:{url}",)
    assert identifiers_of_id("aws_vpc", "vpc-0123456789abcdef0") == ("aws.id:vpc-0123456789abcdef0",)
    assert identifiers_of_id("azurerm_key_vault", AZURE) == (f"azure.id:{AZURE.lower()}",)


def test_the_service_of_a_resource_is_told_by_its_tags() -> None:
    assert service_of(("tag:app=shop", "tag:service=payments")) == "payments"
    assert service_of(("name:x",)) == ""


def test_every_rule_is_consistent() -> None:
    for resource_type, rule in TYPE_RULES.items():
        assert rule_of(resource_type) is rule
        assert not rule.parent_type or rule_of(rule.parent_type).service == rule.service
        assert not rule.log_group or rule.name
