"""Amazon Resource Names: parts, normal form, building from parts.

The normal form drops what names a version or a part of a thing and not the thing: Lambda version or alias, log group
`:*` and log stream, task definition revision, state machine version, table index and stream, and the six random
characters behind a secret's name, which calls may leave out. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and
https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

MEMO_ENTRIES: Final = 65_536
"""Chosen: distinct resources of a large account; one entry is about 300 bytes."""

_INVOKE_PATH: Final = re.compile(r"path/[\d-]+/functions/(arn:[^/]+)/invocations")
_GROUP_UUID: Final = re.compile(r"autoScalingGroup:[^:]*:(?=autoScalingGroupName/)")
"""Logs name a group without the unique id that its ARN carries, so the normal form is without it too."""

_RANDOM: Final = r"-(?![A-Z]?[a-z]*\d*(?:[-:]|$)|[A-Z]*\d*(?:[-:]|$))[A-Za-z0-9]{6}(?![A-Za-z0-9])"
"""The random end of a secret's ARN. Six letters that read as a word (`my-secret`, `db-prod01`) are taken for a part of
the name: 97 % of random ends do not read so, and names mostly do."""

_STRIPPED: Final[dict[str, re.Pattern[str]]] = {
    "lambda": re.compile(r"(function:[^:]+|layer:[^:]+)(?::.*)?"),
    "logs": re.compile(r"(log-group:[^:*]+)(?:\*|:.*)?"),
    "secretsmanager": re.compile(rf"(secret:[^:]+?)(?:{_RANDOM})*(?::.*)?"),
    "ecs": re.compile(r"(task-definition/[^:]+)(?::\d+)?"),
    "states": re.compile(r"(stateMachine:[^:]+)(?::.*)?"),
    "dynamodb": re.compile(r"(table/[^/]+)(?:/(?:index|stream)/.*)?"),
}
"""Per service: what to keep of the resource part; a resource that does not match stays as it is."""


class Arn(msgspec.Struct, frozen=True):
    """The parts of `arn:partition:service:region:account:resource`.

    >>> Arn("aws", "lambda", "us-east-1", "012345678901", "function:pay:live").name
    'pay'
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def resource_type(self) -> str:
        """What stands before the first `/` or `:` of the resource, '' when it is a bare name as in S3, SNS and SQS."""
        kind, separator, _ = _split_kind(self.resource)
        return kind if separator and self.service not in _BARE_NAME_SERVICES else ""

    @property
    def name(self) -> str:
        """The name within its type, without version or alias."""
        kept = strip_qualifier(self.service, self.resource)
        if self.service in _BARE_NAME_SERVICES:
            return kept
        return _split_kind(kept)[2].removeprefix("*:autoScalingGroupName/") or kept

    @property
    def normal(self) -> Arn:
        """The same resource without version, alias or qualifier."""
        return msgspec.structs.replace(self, resource=strip_qualifier(self.service, self.resource))

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


_BARE_NAME_SERVICES: Final = frozenset({"s3", "sns", "sqs"})


def _split_kind(resource: str) -> tuple[str, str, str]:
    separator = min((mark for mark in "/:" if mark in resource), key=resource.index, default="")
    if not separator:
        return resource, "", ""
    kind, _, rest = resource.partition(separator)
    return kind, separator, rest


@lru_cache(MEMO_ENTRIES)
def parse_arn(text: str) -> Arn | None:
    """Return the parts of an ARN, or None; an API Gateway integration path yields the function that it invokes.

    >>> parse_arn("arn:aws-cn:s3:::logs/a").resource
    'logs/a'
    """
    parts = text.strip().split(":", 5)
    if len(parts) != 6 or parts[0].lower() != "arn" or not parts[1].startswith("aws") or not parts[2] or not parts[5]:
        return None
    invoked = _INVOKE_PATH.fullmatch(parts[5])
    if parts[2] == "apigateway" and invoked:
        return parse_arn(invoked[1])
    return Arn(parts[1], parts[2].lower(), parts[3], parts[4], parts[5])


def strip_qualifier(service: str, resource: str) -> str:
    """Return the resource part without version, alias or qualifier.

    >>> strip_qualifier("ecs", "task-definition/web:12"), strip_qualifier("logs", "log-group:/aws/lambda/f:*")
    ('task-definition/web', 'log-group:/aws/lambda/f')
    """
    pattern = _STRIPPED.get(service)
    match = pattern.fullmatch(resource) if pattern else None
    if match:
        return match[1]
    return _GROUP_UUID.sub("autoScalingGroup:*:", resource) if service == "autoscaling" else resource


def partition_of(region: str) -> str:
    """Return the partition that a region belongs to.

    >>> partition_of("cn-north-1"), partition_of("us-gov-west-1"), partition_of("eu-west-1")
    ('aws-cn', 'aws-us-gov', 'aws')
    """
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
