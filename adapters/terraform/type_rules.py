"""Per Terraform type: what its name is, which service it belongs to, and which names logs derive from it.

Data of `resource_identifiers`. Drawn from the providers' documentation (exported attributes, import ids) and from the
service authorization reference; a type that is not listed is read by the general rules alone.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec


class TypeRule(msgspec.Struct, frozen=True):
    """How resources of one type are named.

    Attributes:
        service: the service as ARNs or Google full names spell it.
        name: attribute that holds the bare name.
        also: further attributes that hold identifiers.
        parent: attribute that names the resource this one belongs to (a satellite's events name its parent).
        parent_type: Terraform type of that parent.
        log_group: log group that the service names after the resource, with `{name}`.
        full_name: Google full resource name, with attributes in braces.
        ignored: attributes that the general rules would take, but that name something else.
    """

    service: str = ""
    name: str = "name"
    also: tuple[str, ...] = ()
    parent: str = ""
    parent_type: str = ""
    log_group: str = ""
    full_name: str = ""
    ignored: tuple[str, ...] = ()


def _aws(service: str, name: str = "name", *also: str, log_group: str = "") -> TypeRule:
    return TypeRule(service, name, also, log_group=log_group)


def _part(service: str, parent: str, parent_type: str) -> TypeRule:
    """A satellite: policies, attachments, rules and settings of another resource."""
    return TypeRule(service, "", parent=parent, parent_type=parent_type)


def _google(full_name: str, name: str = "name") -> TypeRule:
    return TypeRule(full_name.split("/")[2].split(".")[0], name, full_name=full_name)


TYPE_RULES: dict[str, TypeRule] = {
    "aws_instance": _aws("ec2", ""),
    "aws_ebs_volume": _aws("ec2", ""),
    "aws_network_interface": _aws("ec2", ""),
    "aws_eip": _aws("ec2", "", "allocation_id"),
    "aws_vpc": _aws("ec2", ""),
    "aws_subnet": _aws("ec2", ""),
    "aws_security_group": _aws("ec2"),
    "aws_security_group_rule": _part("ec2", "security_group_id", "aws_security_group"),
    "aws_vpc_security_group_ingress_rule": _part("ec2", "security_group_id", "aws_security_group"),
    "aws_vpc_security_group_egress_rule": _part("ec2", "security_group_id", "aws_security_group"),
    "aws_route": _part("ec2", "route_table_id", "aws_route_table"),
    "aws_route_table": _aws("ec2", ""),
    "aws_internet_gateway": _aws("ec2", ""),
    "aws_nat_gateway": _aws("ec2", ""),
    "aws_vpc_endpoint": _aws("ec2", ""),
    "aws_flow_log": _aws("ec2", ""),
    "aws_launch_template": _aws("ec2"),
    "aws_autoscaling_group": _aws("autoscaling"),
    "aws_autoscaling_policy": _part("autoscaling", "autoscaling_group_name", "aws_autoscaling_group"),
    "aws_lb": _aws("elasticloadbalancing", "name", "arn_suffix"),
    "aws_alb": _aws("elasticloadbalancing", "name", "arn_suffix"),
    "aws_lb_target_group": _aws("elasticloadbalancing", "name", "arn_suffix"),
    "aws_lb_listener": _part("elasticloadbalancing", "load_balancer_arn", "aws_lb"),
    "aws_s3_bucket": _aws("s3", "bucket"),
    "aws_s3_bucket_policy": _part("s3", "bucket", "aws_s3_bucket"),
    "aws_s3_bucket_versioning": _part("s3", "bucket", "aws_s3_bucket"),
    "aws_s3_bucket_public_access_block": _part("s3", "bucket", "aws_s3_bucket"),
    "aws_s3_bucket_lifecycle_configuration": _part("s3", "bucket", "aws_s3_bucket"),
    "aws_lambda_function": _aws(
        "lambda", "function_name", "qualified_arn", "invoke_arn", log_group="/aws/lambda/{name}"
    ),
    "aws_lambda_permission": _part("lambda", "function_name", "aws_lambda_function"),
    "aws_lambda_alias": _part("lambda", "function_name", "aws_lambda_function"),
    "aws_lambda_event_source_mapping": _part("lambda", "function_name", "aws_lambda_function"),
    "aws_iam_role": _aws("iam", "name", "unique_id"),
    "aws_iam_user": _aws("iam", "name", "unique_id"),
    "aws_iam_policy": _aws("iam", "name", "policy_id"),
    "aws_iam_instance_profile": _aws("iam", "name", "unique_id"),
    "aws_iam_role_policy": _part("iam", "role", "aws_iam_role"),
    "aws_iam_role_policy_attachment": _part("iam", "role", "aws_iam_role"),
    "aws_iam_user_policy": _part("iam", "user", "aws_iam_user"),
    "aws_iam_access_key": _part("iam", "user", "aws_iam_user"),
    "aws_db_instance": _aws("rds", "identifier", "resource_id", "address", log_group="/aws/rds/instance/{name}"),
    "aws_rds_cluster": _aws(
        "rds", "cluster_identifier", "cluster_resource_id", "reader_endpoint", log_group="/aws/rds/cluster/{name}"
    ),
    "aws_rds_cluster_instance": _aws("rds", "identifier", log_group="/aws/rds/instance/{name}"),
    "aws_db_parameter_group": _aws("rds"),
    "aws_rds_cluster_parameter_group": _aws("rds"),
    "aws_dynamodb_table": _aws("dynamodb", "name", "stream_arn"),
    "aws_elasticache_replication_group": _aws(
        "elasticache", "replication_group_id", "primary_endpoint_address", "reader_endpoint_address"
    ),
    "aws_elasticache_cluster": _aws("elasticache", "cluster_id", "cluster_address"),
    "aws_sqs_queue": _aws("sqs", "name", "url"),
    "aws_sqs_queue_policy": _part("sqs", "queue_url", "aws_sqs_queue"),
    "aws_sns_topic": _aws("sns"),
    "aws_sns_topic_subscription": TypeRule(
        "sns", "", parent="topic_arn", parent_type="aws_sns_topic", ignored=("endpoint",)
    ),
    "aws_kinesis_stream": _aws("kinesis"),
    "aws_cloudwatch_log_group": _aws("logs", log_group="{name}"),
    "aws_cloudwatch_metric_alarm": _aws("cloudwatch", "alarm_name"),
    "aws_cloudwatch_event_rule": _aws("events"),
    "aws_sfn_state_machine": _aws("states", log_group="/aws/vendedlogs/states/{name}"),
    "aws_ecs_cluster": _aws("ecs"),
    "aws_ecs_service": _aws("ecs"),
    "aws_ecs_task_definition": _aws("ecs", "family"),
    "aws_eks_cluster": _aws("eks", log_group="/aws/eks/{name}/cluster"),
    "aws_eks_node_group": _aws("eks", "node_group_name"),
    "aws_ecr_repository": _aws("ecr"),
    "aws_kms_key": _aws("kms", "key_id"),
    "aws_kms_alias": _aws("kms"),
    "aws_secretsmanager_secret": _aws("secretsmanager"),
    "aws_secretsmanager_secret_version": _part("secretsmanager", "secret_id", "aws_secretsmanager_secret"),
    "aws_ssm_parameter": _aws("ssm"),
    "aws_api_gateway_rest_api": _aws("apigateway", "name", "execution_arn"),
    "aws_api_gateway_stage": _part("apigateway", "rest_api_id", "aws_api_gateway_rest_api"),
    "aws_api_gateway_deployment": _part("apigateway", "rest_api_id", "aws_api_gateway_rest_api"),
    "aws_apigatewayv2_api": _aws("apigateway", "name", "execution_arn"),
    "aws_cloudfront_distribution": _aws("cloudfront", ""),
    "aws_route53_zone": _aws("route53", "zone_id"),
    "aws_route53_record": _aws("route53", "fqdn"),
    "aws_acm_certificate": _aws("acm", ""),
    "aws_cognito_user_pool": _aws("cognito-idp"),
    "aws_efs_file_system": _aws("elasticfilesystem", ""),
    "aws_wafv2_web_acl": _aws("wafv2"),
    "aws_codebuild_project": _aws("codebuild", log_group="/aws/codebuild/{name}"),
    "azurerm_mssql_server": TypeRule(also=("fully_qualified_domain_name",)),
    "azurerm_postgresql_flexible_server": TypeRule(also=("fqdn",)),
    "azurerm_kubernetes_cluster": TypeRule(also=("fqdn", "node_resource_group_id")),
    "azurerm_linux_virtual_machine": TypeRule(also=("virtual_machine_id",)),
    "azurerm_user_assigned_identity": TypeRule(also=("principal_id", "client_id")),
    "azurerm_role_assignment": TypeRule(name="", parent="scope"),
    "azurerm_log_analytics_workspace": TypeRule(also=("workspace_id",)),
    "azurerm_subnet": TypeRule(parent="virtual_network_name"),
    "azurerm_network_interface": TypeRule(ignored=("virtual_machine_id",)),
    "google_project": TypeRule("cloudresourcemanager", "project_id", also=("number",)),
    "google_compute_instance": _google("//compute.googleapis.com/projects/{project}/zones/{zone}/instances/{name}"),
    "google_compute_network": _google("//compute.googleapis.com/projects/{project}/global/networks/{name}"),
    "google_compute_subnetwork": _google(
        "//compute.googleapis.com/projects/{project}/regions/{region}/subnetworks/{name}"
    ),
    "google_compute_firewall": _google("//compute.googleapis.com/projects/{project}/global/firewalls/{name}"),
    "google_compute_forwarding_rule": _google(
        "//compute.googleapis.com/projects/{project}/regions/{region}/forwardingRules/{name}"
    ),
    "google_storage_bucket": _google("//storage.googleapis.com/{name}"),
    "google_storage_bucket_iam_member": _part("storage", "bucket", "google_storage_bucket"),
    "google_storage_bucket_iam_binding": _part("storage", "bucket", "google_storage_bucket"),
    "google_sql_database_instance": _google("//cloudsql.googleapis.com/projects/{project}/instances/{name}"),
    "google_sql_database": _part("cloudsql", "instance", "google_sql_database_instance"),
    "google_container_cluster": _google(
        "//container.googleapis.com/projects/{project}/locations/{location}/clusters/{name}"
    ),
    "google_container_node_pool": _google(
        "//container.googleapis.com/projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}"
    ),
    "google_cloud_run_v2_service": _google(
        "//run.googleapis.com/projects/{project}/locations/{location}/services/{name}"
    ),
    "google_cloudfunctions2_function": _google(
        "//cloudfunctions.googleapis.com/projects/{project}/locations/{location}/functions/{name}"
    ),
    "google_pubsub_topic": _google("//pubsub.googleapis.com/projects/{project}/topics/{name}"),
    "google_pubsub_subscription": _google("//pubsub.googleapis.com/projects/{project}/subscriptions/{name}"),
    "google_bigquery_dataset": _google(
        "//bigquery.googleapis.com/projects/{project}/datasets/{dataset_id}", "dataset_id"
    ),
    "google_bigquery_table": _google(
        "//bigquery.googleapis.com/projects/{project}/datasets/{dataset_id}/tables/{table_id}", "table_id"
    ),
    "google_service_account": TypeRule("iam", "account_id", also=("email", "unique_id")),
    "google_kms_crypto_key": _google("//cloudkms.googleapis.com/{key_ring}/cryptoKeys/{name}"),
    "google_secret_manager_secret": _google(
        "//secretmanager.googleapis.com/projects/{project}/secrets/{secret_id}", "secret_id"
    ),
    "google_dns_managed_zone": _google("//dns.googleapis.com/projects/{project}/managedZones/{name}"),
    "google_redis_instance": _google("//redis.googleapis.com/projects/{project}/locations/{region}/instances/{name}"),
    "google_logging_project_sink": _google("//logging.googleapis.com/projects/{project}/sinks/{name}"),
}

STAND_INS: dict[str, tuple[str, ...]] = {"terraform_data": ("input", "output"), "null_resource": ("triggers",)}
"""Types that manage nothing themselves: what their objects name is what they stand for."""

_AWS_SERVICES = {
    "alb": "elasticloadbalancing",
    "apigatewayv2": "apigateway",
    "api": "apigateway",
    "appautoscaling": "application-autoscaling",
    "cloudwatch": "cloudwatch",
    "db": "rds",
    "ebs": "ec2",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "lb": "elasticloadbalancing",
    "network": "ec2",
    "sfn": "states",
}
"""Second word of an AWS type to the service in ARNs, where they differ."""


@lru_cache(4096)
def rule_of(resource_type: str) -> TypeRule:
    """Return the rule of a type; one that is not listed gets the general rule with its service.

    >>> rule_of("aws_db_instance").name, rule_of("aws_glue_job").service
    ('identifier', 'glue')
    """
    rule = TYPE_RULES.get(resource_type)
    if rule is not None:
        return rule
    provider, _, rest = resource_type.partition("_")
    word = rest.split("_")[0]
    return TypeRule(_AWS_SERVICES.get(word, word) if provider == "aws" else "")


def provider_of(resource_type: str) -> str:
    """Return aws, azure, gcp, kubernetes or '' for a Terraform type.

    >>> provider_of("azurerm_key_vault"), provider_of("random_pet")
    ('azure', '')
    """
    return _PROVIDERS.get(resource_type.partition("_")[0], "")


_PROVIDERS = {
    "aws": "aws",
    "awscc": "aws",
    "azuread": "azure",
    "azurerm": "azure",
    "azapi": "azure",
    "google": "gcp",
    "helm": "kubernetes",
    "kubernetes": "kubernetes",
}
