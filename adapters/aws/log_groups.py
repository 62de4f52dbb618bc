"""The log groups that AWS's services name themselves: format, service and ARN of what writes there.

Between CloudWatch Logs and the parser of text in such groups. Groups that users name are not in here. See
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html and each service's page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ...domain.identity.arn import partition_of
from ..described import Description


class LogGroup(NamedTuple):
    """A family of log groups.

    Attributes:
        format: of the lines.
        pattern: of the group's name; its group `name` is the resource's name.
        arn: of the resource, from its service on, with {region}, {account} and the pattern's groups; empty where none
            can be told.
    """

    format: str
    pattern: re.Pattern[str]
    arn: str


def _groups(*families: tuple[str, str, str]) -> tuple[LogGroup, ...]:
    return tuple(LogGroup(f"aws.{log_format}", re.compile(pattern), arn) for log_format, pattern, arn in families)


_NAME: Final = r"(?P<name>[^/]{1,256})"

LOG_GROUPS: Final = _groups(
    (
        "apigateway.execution",
        r"API-Gateway-Execution-Logs_(?P<name>[^/]{1,64})/(?P<stage>.{1,256})",
        "apigateway:{region}::/restapis/{name}/stages/{stage}",
    ),
    ("eks.control_plane", rf"/aws/eks/{_NAME}/cluster", "eks:{region}:{account}:cluster/{name}"),
    ("apprunner", rf"/aws/apprunner/{_NAME}/(?P<id>[^/]+)/", "apprunner:{region}:{account}:service/{name}/{id}"),
    ("codebuild", rf"/aws/codebuild/{_NAME}", "codebuild:{region}:{account}:project/{name}"),
    ("stepfunctions", rf"/aws/vendedlogs/states/{_NAME}", ""),
    ("sns", rf"sns/[a-z0-9-]+/\d{{12}}/{_NAME}", "sns:{region}:{account}:{name}"),
    ("redshift", rf"/aws/redshift/cluster/{_NAME}/", "redshift:{region}:{account}:cluster:{name}"),
    (
        "opensearch",
        rf"/aws/(?:OpenSearchService|aes|opensearch)/domains/{_NAME}/",
        "es:{region}:{account}:domain/{name}",
    ),
    ("documentdb", rf"/aws/docdb/{_NAME}/", "rds:{region}:{account}:cluster:{name}"),
    ("neptune", rf"/aws/neptune/{_NAME}/", "rds:{region}:{account}:cluster:{name}"),
    ("elasticache", rf"/aws/elasticache/{_NAME}", "elasticache:{region}:{account}:replicationgroup:{name}"),
    ("dms", rf"dms-(?:tasks|serverless-replication)-{_NAME}", "dms:{region}:{account}:rep:{name}"),
    ("msk", rf"/aws/(?:msk|kafka|vendedlogs/msk)/{_NAME}", ""),
    ("mskconnect", rf"/aws/(?:msk-connect|mskconnect|vendedlogs/mskconnect)/{_NAME}", ""),
    ("appsync", rf"/aws/appsync/apis/{_NAME}", "appsync:{region}:{account}:apis/{name}"),
    ("iot", r"(?P<name>AWSIotLogs(?:V2)?)", ""),
    ("cloudhsm", rf"/aws/cloudhsm/{_NAME}", "cloudhsm:{region}:{account}:cluster/{name}"),
    ("transfer", rf"/aws/transfer/{_NAME}", "transfer:{region}:{account}:server/{name}"),
    ("mq", rf"/aws/amazonmq/broker/{_NAME}/", "mq:{region}:{account}:broker:{name}"),
    ("batch", rf"/aws/batch/{_NAME}", ""),
    ("glue", rf"/aws-glue/{_NAME}", ""),
    ("sagemaker", rf"/aws/sagemaker/[A-Za-z]+(?:/{_NAME})?", ""),
    ("emr", rf"/(?:aws/)?(?:emr-serverless|emr-containers|emr|elasticmapreduce)(?:/{_NAME})?", ""),
    ("elasticbeanstalk", rf"/aws/elasticbeanstalk/{_NAME}/", "elasticbeanstalk:{region}:{account}:environment/{name}"),
    ("firehose", rf"/aws/kinesisfirehose/{_NAME}", "firehose:{region}:{account}:deliverystream/{name}"),
    ("kinesisanalytics", rf"/aws/kinesis-analytics/{_NAME}", "kinesisanalytics:{region}:{account}:application/{name}"),
    ("mwaa", rf"airflow-{_NAME}-(?:Task|Scheduler|WebS|Worker|DAG)", "airflow:{region}:{account}:environment/{name}"),
    ("datasync", r"/aws/(?P<name>datasync)", ""),
    ("directoryservice", rf"/aws/directoryservice/{_NAME}", "ds:{region}:{account}:directory/{name}"),
    ("events", rf"/aws/events/{_NAME}", "events:{region}:{account}:rule/{name}"),
    ("imagebuilder", rf"/aws/imagebuilder/{_NAME}", "imagebuilder:{region}:{account}:image-recipe/{name}"),
    ("ssm", rf"/aws/ssm/{_NAME}", ""),
    ("xray", rf"/aws/xray/{_NAME}", ""),
    ("route53_public", rf"/aws/route53/{_NAME}", ""),
    ("networkfirewall", rf"/aws/network-firewall/{_NAME}", ""),
    ("containerinsights", rf"/aws/(?:ecs/)?containerinsights/{_NAME}/performance", ""),
    ("ec2", r"(?:/ec2/|/aws/ec2/)?/?var/log/(?P<name>syslog|messages|secure|auth\.log|cloud-init.*|dmesg)", ""),
)  # fmt: skip
"""In the order in which they are tried."""

_CONTROL_PLANE: Final = re.compile(r"(kube-[a-z-]+?|authenticator|cloud-controller-manager)(?:-audit)?-[0-9a-f]{8,}")
"""Streams of `/aws/eks/<cluster>/cluster` are named after the component that writes them."""


@lru_cache(4096)
def log_group_of(name: str) -> tuple[LogGroup, re.Match[str]] | None:
    """Return the family that a log group belongs to, and how it matched.

    >>> found = log_group_of("/aws/eks/prod/cluster")
    >>> found and (found[0].format, found[1]["name"])
    ('aws.eks.control_plane', 'prod')
    """
    tried = ((group, group.pattern.match(name)) for group in LOG_GROUPS)
    return next(((group, match) for group, match in tried if match), None)


def format_of_group(context: Mapping[str, Any]) -> str:
    """Return the format of the text in a context's log group, '' when the group is not a service's own.

    >>> format_of_group({"logGroup": "/aws/codebuild/shop"}), format_of_group({"logGroup": "own"})
    ('aws.codebuild', '')
    """
    name = context.get("logGroup")
    found = log_group_of(name) if isinstance(name, str) else None
    return found[0].format if found else ""


def description_of_group(context: Mapping[str, Any], account: str = "", region: str = "") -> Description:
    """Return who writes into a context's log group.

    >>> context = {"logGroup": "/aws/codebuild/shop", "owner": "1", "region": "eu-west-1"}
    >>> description_of_group(context).resource
    'arn:aws:codebuild:eu-west-1:1:project/shop'
    """
    name = context.get("logGroup")
    account, region = str(context.get("owner") or account), str(context.get("region") or region)
    found = log_group_of(name) if isinstance(name, str) else None
    if found is None:
        return Description(account, region)
    group, match = found
    named = {key: value or "" for key, value in match.groupdict().items()}
    told = f"arn:{partition_of(region)}:{group.arn}" if group.arn and account and region else ""
    resource = told.format(region=region, account=account, **named)
    component = (
        _CONTROL_PLANE.match(str(context.get("logStream", ""))) if group.format == "aws.eks.control_plane" else None
    )
    service = component[1] if component else named["name"] or group.format.removeprefix("aws.")
    mentions = tuple(one for one in (str(name), named["name"]) if one and one != resource)
    return Description(account, region, service, resource, mentions)
