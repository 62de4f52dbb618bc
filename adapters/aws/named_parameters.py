"""Which parameters of AWS API calls name resources, and what full name each makes.

CloudTrail records name most resources by request parameters (`dBInstanceIdentifier`, `bucketName`) rather than by ARN.
Templates follow https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ...domain.identity import normalise_resource, partition_of

_ANY: Final = ""

_NAMED: Final[Mapping[str, str]] = {
    "bucketName": "s3:::{}",
    "functionName": "lambda:{r}:{a}:function:{}",
    "tableName": "dynamodb:{r}:{a}:table/{}",
    "dBInstanceIdentifier": "rds:{r}:{a}:db:{}",
    "dBClusterIdentifier": "rds:{r}:{a}:cluster:{}",
    "dBParameterGroupName": "rds:{r}:{a}:pg:{}",
    "dBClusterParameterGroupName": "rds:{r}:{a}:cluster-pg:{}",
    "dBSubnetGroupName": "rds:{r}:{a}:subgrp:{}",
    "optionGroupName": "rds:{r}:{a}:og:{}",
    "dBSnapshotIdentifier": "rds:{r}:{a}:snapshot:{}",
    "queueUrl": "{}",
    "topicArn": "{}",
    "streamName": "kinesis:{r}:{a}:stream/{}",
    "autoScalingGroupName": "autoscaling:{r}:{a}:autoScalingGroup:*:autoScalingGroupName/{}",
    "launchConfigurationName": "autoscaling:{r}:{a}:launchConfiguration:*:launchConfigurationName/{}",
    "policyName": "",
    "roleName": "iam::{a}:role/{}",
    "userName": "iam::{a}:user/{}",
    "groupName": "",
    "instanceProfileName": "iam::{a}:instance-profile/{}",
    "keyId": "kms:{r}:{a}:key/{}",
    "logGroupName": "logs:{r}:{a}:log-group:{}",
    "alarmName": "cloudwatch:{r}:{a}:alarm:{}",
    "repositoryName": "ecr:{r}:{a}:repository/{}",
    "secretId": "",
    "stackName": "",
    "stateMachineArn": "{}",
    "hostedZoneId": "route53:::hostedzone/{}",
    "distributionId": "cloudfront::{a}:distribution/{}",
    "cacheClusterId": "elasticache:{r}:{a}:cluster:{}",
    "replicationGroupId": "elasticache:{r}:{a}:replicationgroup:{}",
    "cacheParameterGroupName": "elasticache:{r}:{a}:parametergroup:{}",
    "restApiId": "apigateway:{r}::/restapis/{}",
    "domainName": "",
    "fileSystemId": "elasticfilesystem:{r}:{a}:file-system/{}",
    "trailName": "",
    "loadBalancerName": "",
    "launchTemplateName": "",
    "clusterIdentifier": "redshift:{r}:{a}:cluster:{}",
    "deliveryStreamName": "firehose:{r}:{a}:deliverystream/{}",
    "pipelineName": "codepipeline:{r}:{a}:{}",
    "projectName": "",
    "nodegroupName": "",
    "serviceName": "",
    "clusterName": "",
    "cluster": "",
    "service": "",
    "name": "",
}
"""Parameter to the ARN after the partition ({} the value, {a} account, {r} region); empty where the service decides."""

_BY_SERVICE: Final[Mapping[tuple[str, str], str]] = {
    ("ecs", "cluster"): "ecs:{r}:{a}:cluster/{}",
    ("ecs", "clusterName"): "ecs:{r}:{a}:cluster/{}",
    ("eks", "name"): "eks:{r}:{a}:cluster/{}",
    ("eks", "clusterName"): "eks:{r}:{a}:cluster/{}",
    ("sns", "name"): "sns:{r}:{a}:{}",
    ("events", "name"): "events:{r}:{a}:rule/{}",
    ("ssm", "name"): "ssm:{r}:{a}:parameter/{}",
    ("states", "name"): "states:{r}:{a}:stateMachine:{}",
    ("rds", "resourceName"): "{}",
}


def named_resources(parameters: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Return the parameters that name resources, with their values.

    >>> named_resources({"dBInstanceIdentifier": "orders", "applyImmediately": True})
    (('dBInstanceIdentifier', 'orders'),)
    """
    if not parameters:
        return ()
    return tuple([(k, v) for k, v in parameters.items() if k in _NAMED and type(v) is str and 0 < len(v) <= 512])


@lru_cache(65_536)
def full_names(
    service: str, account: str, region: str, named: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the full names that parameters make, and all their plain values.

    >>> full_names("rds", "012345678901", "eu-west-1", (("dBInstanceIdentifier", "orders"),))
    (('arn:aws:rds:eu-west-1:012345678901:db:orders',), ('orders',))
    """
    full = [name for key, value in named if (name := _full_name(service, account, region, key, value))]
    plain = [value for key, value in named if not value.startswith("arn:") and key != "queueUrl"]
    return tuple(dict.fromkeys(full)), tuple(dict.fromkeys(plain))


def _full_name(service: str, account: str, region: str, key: str, value: str) -> str:
    if value.startswith(("arn:", "https://")):
        name = normalise_resource(value, provider="aws", account=account, region=region)
        return name if name.startswith("arn:") else ""
    template = _BY_SERVICE.get((service, key)) or _NAMED.get(key) or ""
    if not template or template == "{}" or ("{a}" in template and not account) or ("{r}" in template and not region):
        return ""
    # Paths and names with a slash at the start (/aws/lambda/pay, SSM parameters) must not double it.
    value = value.lstrip("/") if template.endswith("parameter/{}") else value
    text = template.replace("{r}", region).replace("{a}", account).replace("{}", value)
    return normalise_resource(f"arn:{partition_of(region)}:{text}", provider="aws")
