"""Build ARNs from what AWS logs write in their place: short ids, names with a type, queue URLs, load balancer suffixes.

Between parsers (which know account and region) and the `resource` column. Templates follow the service authorization
reference, https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

import re
from typing import Final

from .arn import partition_of

SHORT_ID: Final = re.compile(r"([a-z]{1,12}(?:-[a-z]{1,12})?)-([0-9a-f]{17}|[0-9a-f]{8})")
"""EC2-style id: prefix, then 8 (before 2016) or 17 hex digits."""

EC2_TYPES: Final[dict[str, str]] = {
    "acl": "network-acl",
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
"""Prefix of a short id to its ARN resource type."""

_LOAD_BALANCER: Final = re.compile(r"(?:app|net|gwy)/[^/\s]+/[0-9a-f]{16}")
_TARGET_GROUP: Final = re.compile(r"targetgroup/[^/\s]+/[0-9a-f]{16}")
_QUEUE_URL: Final = re.compile(
    r"https?://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue|queue)\.amazonaws\.com(?:\.cn)?/(\d{12})/([^/?#]+)"
)

_TEMPLATES: Final[dict[str, str]] = {
    "autoscaling:group": "autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{name}",
    "dynamodb:table": "dynamodb:{region}:{account}:table/{name}",
    "ecr:repository": "ecr:{region}:{account}:repository/{name}",
    "ecs:cluster": "ecs:{region}:{account}:cluster/{name}",
    "ecs:service": "ecs:{region}:{account}:service/{name}",
    "eks:cluster": "eks:{region}:{account}:cluster/{name}",
    "iam:role": "iam::{account}:role/{name}",
    "iam:user": "iam::{account}:user/{name}",
    "kinesis:stream": "kinesis:{region}:{account}:stream/{name}",
    "kms:key": "kms:{region}:{account}:key/{name}",
    "lambda:function": "lambda:{region}:{account}:function:{name}",
    "logs:log_group": "logs:{region}:{account}:log-group:{name}",
    "rds:cluster": "rds:{region}:{account}:cluster:{name}",
    "rds:instance": "rds:{region}:{account}:db:{name}",
    "s3:bucket": "s3:::{name}",
    "sfn:state_machine": "states:{region}:{account}:stateMachine:{name}",
    "sns:topic": "sns:{region}:{account}:{name}",
    "sqs:queue": "sqs:{region}:{account}:{name}",
}
"""Our key of a type to the ARN after the partition."""

_TYPE_KEYS: Final[dict[str, str]] = {
    "aws_autoscaling_group": "autoscaling:group",
    "aws::autoscaling::autoscalinggroup": "autoscaling:group",
    "aws_dynamodb_table": "dynamodb:table",
    "aws::dynamodb::table": "dynamodb:table",
    "aws_ecr_repository": "ecr:repository",
    "aws::ecr::repository": "ecr:repository",
    "aws_ecs_cluster": "ecs:cluster",
    "aws::ecs::cluster": "ecs:cluster",
    "aws_ecs_service": "ecs:service",
    "aws::ecs::service": "ecs:service",
    "aws_eks_cluster": "eks:cluster",
    "aws::eks::cluster": "eks:cluster",
    "aws_iam_role": "iam:role",
    "aws::iam::role": "iam:role",
    "aws_iam_user": "iam:user",
    "aws::iam::user": "iam:user",
    "aws_kinesis_stream": "kinesis:stream",
    "aws::kinesis::stream": "kinesis:stream",
    "aws_kms_key": "kms:key",
    "aws::kms::key": "kms:key",
    "aws_lambda_function": "lambda:function",
    "aws::lambda::function": "lambda:function",
    "aws_cloudwatch_log_group": "logs:log_group",
    "aws::logs::loggroup": "logs:log_group",
    "aws_rds_cluster": "rds:cluster",
    "aws::rds::dbcluster": "rds:cluster",
    "aws_db_instance": "rds:instance",
    "aws::rds::dbinstance": "rds:instance",
    "aws_s3_bucket": "s3:bucket",
    "aws::s3::bucket": "s3:bucket",
    "aws_sfn_state_machine": "sfn:state_machine",
    "aws::stepfunctions::statemachine": "sfn:state_machine",
    "aws_sns_topic": "sns:topic",
    "aws::sns::topic": "sns:topic",
    "aws_sqs_queue": "sqs:queue",
    "aws::sqs::queue": "sqs:queue",
}
"""Terraform and CloudFormation type names, lower-cased."""


def arn_text(text: str, *, account: str, region: str, resource_type: str) -> str:
    """Return the ARN of a resource that a log names in another way, or '' when type, account or region are missing.

    >>> arn_text("i-0123456789abcdef0", account="012345678901", region="us-east-1", resource_type="")
    'arn:aws:ec2:us-east-1:012345678901:instance/i-0123456789abcdef0'
    """
    queue = _QUEUE_URL.fullmatch(text)
    if queue:
        account, region, text, resource_type = queue[3], queue[1] or queue[2] or region, queue[4], "sqs:queue"
    tail = _tail(text, account, region, resource_type.lower())
    return f"arn:{partition_of(region)}:{tail}" if tail else ""


def _tail(text: str, account: str, region: str, resource_type: str) -> str:
    key = _TYPE_KEYS.get(resource_type, resource_type)
    if key == "s3:bucket":
        return f"s3:::{text}"
    if not account or not (region or key.startswith("iam:")):
        return ""
    short = SHORT_ID.fullmatch(text)
    if short and short[1] in EC2_TYPES:
        return f"ec2:{region}:{account}:{EC2_TYPES[short[1]]}/{text}"
    if _LOAD_BALANCER.fullmatch(text):
        return f"elasticloadbalancing:{region}:{account}:loadbalancer/{text}"
    if _TARGET_GROUP.fullmatch(text):
        return f"elasticloadbalancing:{region}:{account}:{text}"
    template = _TEMPLATES.get(key)
    return template.format(account=account, region=region, name=text) if template else ""
