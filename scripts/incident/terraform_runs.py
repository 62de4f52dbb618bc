"""The Terraform runs of the story: the culprit, and decoys before and beside it.

`terraform_files` writes them down.
"""

from __future__ import annotations

from . import places
from .clock import MICROSECONDS
from .culprit_run import culprit_run
from .story import NOISY, Story
from .terraform_run import Change, Run

DEBUG_RUN = "terraform/search-config/612_log-level"


def make_runs(story: Story) -> list[Run]:
    """Return the runs, in the order of their start."""
    return sorted(
        [
            _network(story),
            _azure_scaling(story),
            _gcp_backend(story),
            _debug_level(story),
            culprit_run(story),
            _reports(story),
        ],
        key=lambda run: run.start,
    )


def _network(story: Story) -> Run:
    start = story.start - 5 * 3600 * MICROSECONDS
    group = {
        "arn": f"arn:aws:ec2:{places.AWS_REGION}:{places.AWS_ACCOUNT}:security-group/sg-04c1d9b7e2a835f60",
        "id": "sg-04c1d9b7e2a835f60",
        "name": "accounts-nodes",
        "vpc_id": "vpc-0d3e5f7a9b1c2d4e6",
    }
    return Run(
        "terraform/network/41_accounts-sg",
        "gha-2171-ajansen",
        start,
        start + 9 * MICROSECONDS,
        [
            Change(
                "",
                "aws_security_group",
                "accounts",
                "sg-04c1d9b7e2a835f60",
                "registry.terraform.io/hashicorp/aws",
                group | {"description": "nodes", "tags": {"team": "web"}},
                group | {"description": "nodes", "tags": {"team": "accounts"}},
            )
        ],
        api_calls=[
            (
                start + 4 * MICROSECONDS,
                "ec2.amazonaws.com",
                "CreateTags",
                {
                    "resourcesSet": {"items": [{"resourceId": "sg-04c1d9b7e2a835f60"}]},
                    "tagSet": {"items": [{"key": "team", "value": "accounts"}]},
                },
                {"_return": True},
            )
        ],
        lineage="c1d7a9e3-0b4f-4a86-b2e5-7d9f3c6a1e08",
        serial=88,
    )


def _azure_scaling(story: Story) -> Run:
    start = story.start - 150 * 60 * MICROSECONDS
    identity = f"{places.AZURE_ROOT}/Microsoft.Insights/autoScaleSettings/pricing-autoscale"
    setting = {"id": identity, "name": "pricing-autoscale", "resource_group_name": places.AZURE_GROUP, "enabled": True}
    return Run(
        "terraform/azure-scaling/307_pricing",
        "bob.ferreira@example.com",
        start,
        start + 14 * MICROSECONDS,
        [
            Change(
                "",
                "azurerm_monitor_autoscale_setting",
                "pricing",
                identity,
                "registry.terraform.io/hashicorp/azurerm",
                setting | {"profile": [{"name": "default", "capacity": [{"default": 2, "maximum": 6, "minimum": 2}]}]},
                setting | {"profile": [{"name": "default", "capacity": [{"default": 2, "maximum": 8, "minimum": 2}]}]},
            )
        ],
        lineage="9e2b6d14-3c7a-4f05-a8d1-1b5e7c9f2d40",
        serial=31,
    )


def _gcp_backend(story: Story) -> Run:
    start = story.start - 70 * 60 * MICROSECONDS
    identity = f"projects/{places.GCP_PROJECT}/global/backendServices/catalogue"
    backend = {
        "id": identity,
        "name": "catalogue",
        "project": places.GCP_PROJECT,
        "protocol": "HTTP",
        "self_link": f"https://www.googleapis.com/compute/v1/{identity}",
    }
    return Run(
        "terraform/gcp-edge/95_catalogue-timeout",
        "terraform@shop-prod-417203.iam.gserviceaccount.com",
        start,
        start + 31 * MICROSECONDS,
        [
            Change(
                "",
                "google_compute_backend_service",
                "catalogue",
                identity,
                "registry.terraform.io/hashicorp/google",
                backend | {"timeout_sec": 30},
                backend | {"timeout_sec": 20},
            )
        ],
        lineage="2a8f5c71-d6e0-4b93-8c47-f0b1a3d5e972",
        serial=143,
    )


def _debug_level(story: Story) -> Run:
    start = story.debug_at - 6 * MICROSECONDS
    name = f"{NOISY}-config"
    metadata = [{"name": name, "namespace": places.NAMESPACE, "uid": "e0a6b3c8-71d2-4f95-8b0e-4c9d6a2f7135"}]
    data = {"id": f"{places.NAMESPACE}/{name}", "metadata": metadata}
    return Run(
        DEBUG_RUN,
        "dana.oyelaran@example.com",
        start,
        story.debug_at - 2 * MICROSECONDS,
        [
            Change(
                "",
                "kubernetes_config_map",
                NOISY,
                f"{places.NAMESPACE}/{name}",
                "registry.terraform.io/hashicorp/kubernetes",
                data | {"data": {"LOG_LEVEL": "info", "SHARDS": "64"}},
                data | {"data": {"LOG_LEVEL": "debug", "SHARDS": "64"}},
            )
        ],
        lineage="7f3d9b26-5e18-4c0a-9f74-3a6c8e1b0d52",
        serial=57,
    )


def _reports(story: Story) -> Run:
    """Return the decoy nearest to the incident: it ends between the culprit and the first failure."""
    start = story.apply_end - (story.apply_end - story.apply_start) // 5
    bucket = {"arn": "arn:aws:s3:::shop-reports-prod", "bucket": "shop-reports-prod", "id": "shop-reports-prod"}
    queue = f"arn:aws:sqs:{places.AWS_REGION}:{places.AWS_ACCOUNT}:report-exports"
    aws = "registry.terraform.io/hashicorp/aws"
    return Run(
        "terraform/reports/run-778",
        "gha-778-lnguyen",
        start,
        story.apply_end,
        [
            Change(
                "",
                "aws_s3_bucket",
                "reports",
                "shop-reports-prod",
                aws,
                bucket | {"tags": {"ttl": "90"}},
                bucket | {"tags": {"ttl": "30"}},
            ),
            Change(
                "",
                "aws_sqs_queue",
                "exports",
                f"https://sqs.{places.AWS_REGION}.amazonaws.com/{places.AWS_ACCOUNT}/report-exports",
                aws,
                None,
                {"arn": queue, "name": "report-exports", "visibility_timeout_seconds": 60},
            ),
        ],
        api_calls=[
            (
                start + MICROSECONDS,
                "s3.amazonaws.com",
                "PutBucketTagging",
                {"bucketName": "shop-reports-prod", "tagging": ""},
                None,
            ),
            (
                start + 2 * MICROSECONDS,
                "sqs.amazonaws.com",
                "CreateQueue",
                {"queueName": "report-exports"},
                {"queueUrl": f"https://sqs.{places.AWS_REGION}.amazonaws.com/{places.AWS_ACCOUNT}/report-exports"},
            ),
        ],
        lineage="d4c0e8a5-2f91-4763-b6a8-5e7d1c3f9b04",
        serial=19,
    )
