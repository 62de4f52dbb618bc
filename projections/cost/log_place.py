"""Where a log record is billed: its log group or workspace where the envelope names it, else its resource.

AWS bills per log group, Azure per workspace; both stand in the envelope's context, not in the record. Runs over
distinct contexts, never over events.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

LOG_GROUP = "log-group:"
"""Mark of a log group's bare name."""


class _Context(msgspec.Struct):
    logGroup: str = ""  # noqa: N815 - the provider's spelling
    workspace: str = ""
    workspaceResourceId: str = ""  # noqa: N815 - the provider's spelling


_DECODER = msgspec.json.Decoder(_Context)


@lru_cache(maxsize=65_536)
def place_of_context(context: str) -> str:
    """Return the log group or workspace that a context names, else an empty string.

    >>> place_of_context('{"envelope":"aws.cloudwatch_logs","logGroup":"/ecs/cart","logStream":"a"}')
    'log-group:/ecs/cart'
    """
    if not context:
        return ""
    try:
        fields = _DECODER.decode(context)
    except msgspec.MsgspecError:
        return ""
    if fields.logGroup:
        return LOG_GROUP + fields.logGroup
    return (fields.workspaceResourceId or fields.workspace).lower()


@lru_cache(maxsize=65_536)
def place_of_resource(resource: str) -> str:
    """Return a resource as a place: a log group's ARN by the group's name, a Lambda function by its log group.

    >>> place_of_resource("arn:aws:logs:us-east-1:123456789012:log-group:/ecs/cart:*")
    'log-group:/ecs/cart'
    >>> place_of_resource("arn:aws:lambda:us-east-1:123456789012:function:pay")
    'log-group:/aws/lambda/pay'
    """
    if resource.startswith("arn:"):
        before, found, group = resource.partition(":log-group:")
        if found:
            return LOG_GROUP + group.partition(":")[0]
        if before.split(":")[2:3] == ["lambda"] and ":function:" in resource:
            return LOG_GROUP + "/aws/lambda/" + resource.partition(":function:")[2].partition(":")[0]
    return resource


def resource_of_place(place: str, account: str, region: str) -> str:
    """Return a place as a resource: a log group by its ARN where account and region are known.

    >>> resource_of_place("log-group:/ecs/cart", "123456789012", "us-east-1")
    'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/cart'
    """
    if not place.startswith(LOG_GROUP) or not account or not region:
        return place
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:logs:{region}:{account}:{place}"
