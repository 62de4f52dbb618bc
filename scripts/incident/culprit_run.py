"""The run that did it: it lowers a database's connection limit, and its size.

One of the Terraform runs.
"""

from __future__ import annotations

from . import places
from .story import Story
from .terraform_run import Change, Run

PLANTED_SECRET = "pl4nted-Pa55phrase-93c1"
"""Stands in plans and states as Terraform writes secrets; it must surface nowhere."""

CULPRIT = "terraform/payments-data/run-2187"


def culprit_run(story: Story) -> Run:
    """Return the run: its changes as plan and state tell them, and its API calls as CloudTrail does."""
    span = story.apply_end - story.apply_start
    group = {
        "arn": places.PARAMETER_GROUP_ARN,
        "family": "postgres15",
        "id": places.PARAMETER_GROUP,
        "name": places.PARAMETER_GROUP,
        "description": "Payments database",
        "skip_destroy": False,
        "tags": {"team": "payments"},
    }
    instance = {
        "address": places.DATABASE_HOST,
        "allocated_storage": 400,
        "apply_immediately": True,
        "arn": places.DATABASE_ARN,
        "db_name": "payments",
        "endpoint": f"{places.DATABASE_HOST}:5432",
        "engine": "postgres",
        "engine_version": "15.8",
        "id": places.DATABASE_RESOURCE_ID,
        "identifier": places.DATABASE,
        "multi_az": False,
        "parameter_group_name": places.PARAMETER_GROUP,
        "password": PLANTED_SECRET,
        "port": 5432,
        "resource_id": places.DATABASE_RESOURCE_ID,
        "storage_type": "gp3",
        "tags": {"team": "payments"},
        "username": "payments",
    }
    secret = {
        "arn": f"arn:aws:ssm:{places.AWS_REGION}:{places.AWS_ACCOUNT}:parameter/payments/dsn",
        "id": "/payments/dsn",
        "name": "/payments/dsn",
        "type": "SecureString",
        "value": f"postgres://payments:{PLANTED_SECRET}@{places.DATABASE_HOST}/payments",
    }
    subnets = {
        "id": "payments-db",
        "name": "payments-db",
        "subnet_ids": ["subnet-0a5d1c9e7b3f24680", "subnet-0b6e2d8f4a1c35791"],
    }
    aws, module = "registry.terraform.io/hashicorp/aws", "module.payments_db"
    return Run(
        CULPRIT,
        "gha-2187-mkovacs",
        story.apply_start,
        story.apply_end,
        [
            Change(
                module,
                "aws_db_parameter_group",
                "this",
                places.PARAMETER_GROUP,
                aws,
                group
                | {
                    "parameter": [_parameter("max_connections", "800"), _parameter("log_min_duration_statement", "500")]
                },
                group
                | {"parameter": [_parameter("max_connections", "60"), _parameter("log_min_duration_statement", "500")]},
            ),
            Change(
                module,
                "aws_db_instance",
                "this",
                places.DATABASE_RESOURCE_ID,
                aws,
                instance | {"instance_class": "db.r6g.2xlarge"},
                instance | {"instance_class": "db.t4g.medium"},
                ("password",),
            ),
            Change(module, "aws_db_subnet_group", "this", "payments-db", aws, subnets, dict(subnets)),
            Change("", "aws_ssm_parameter", "payments_dsn", "/payments/dsn", aws, secret, dict(secret), ("value",)),
        ],
        {"db_password": {"value": PLANTED_SECRET}, "max_connections": {"value": 60}},
        [
            (
                story.apply_start + 3 * span // 100,
                "rds.amazonaws.com",
                "ModifyDBParameterGroup",
                {
                    "dBParameterGroupName": places.PARAMETER_GROUP,
                    "parameters": [
                        {"parameterName": "max_connections", "parameterValue": "60", "applyMethod": "pending-reboot"}
                    ],
                },
                {"dBParameterGroupName": places.PARAMETER_GROUP},
            ),
            (
                story.apply_start + 6 * span // 100,
                "rds.amazonaws.com",
                "ModifyDBInstance",
                {
                    "dBInstanceIdentifier": places.DATABASE,
                    "dBInstanceClass": "db.t4g.medium",
                    "applyImmediately": True,
                    "allowMajorVersionUpgrade": False,
                },
                {
                    "dBInstanceIdentifier": places.DATABASE,
                    "dBInstanceArn": places.DATABASE_ARN,
                    "dBInstanceStatus": "available",
                    "dbiResourceId": places.DATABASE_RESOURCE_ID,
                    "pendingModifiedValues": {"dBInstanceClass": "db.t4g.medium"},
                },
            ),
            (
                story.apply_start + 70 * span // 100,
                "rds.amazonaws.com",
                "RebootDBInstance",
                {"dBInstanceIdentifier": places.DATABASE},
                {"dBInstanceIdentifier": places.DATABASE, "dBInstanceStatus": "rebooting"},
            ),
        ],
        "5b7c2f0e-6a3d-4e19-9d52-8f1c0b7a4e36",
        214,
    )


def _parameter(name: str, value: str) -> dict[str, str]:
    return {"apply_method": "pending-reboot", "name": name, "value": value}
