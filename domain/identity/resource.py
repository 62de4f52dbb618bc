"""One name for one resource: the front of the identity package.

Parsers write `normalise_resource(..)` into the `resource` column; linking compares with `same_resource` and joins over
`identifiers_of`. All of it runs over the distinct values of a dictionary, never over events, and is memoised.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from .arn import MEMO_ENTRIES, Arn, parse_arn
from .aws_names import SHORT_ID, arn_text
from .azure_resource_id import AzureResourceId, parse_azure_resource_id
from .gcp_resource_name import GcpResourceName, parse_gcp_resource_name
from .kubernetes import KubernetesObject, parse_kubernetes

_AZURE_START: Final = re.compile(r"/*(?:subscriptions|tenants|providers)/|https?://management\.", re.IGNORECASE)
_GCP_START: Final = re.compile(
    r"//[a-z0-9.-]+\.(?:googleapis\.com|k8s\.io)/|gs://|https?://[a-z]+\.googleapis\.com/|projects/"
)
_WILD_PROJECT: Final = re.compile(r"/projects/[_-](?=/)")
_SECRET_SUFFIX: Final = re.compile(r"(.+)-[A-Za-z0-9]{6}")

Identity = Arn | AzureResourceId | GcpResourceName | KubernetesObject
"""The parts of a resource name, whichever system it belongs to."""


@lru_cache(MEMO_ENTRIES)
def normalise_resource(
    text: str, *, provider: str = "", account: str = "", region: str = "", resource_type: str = ""
) -> str:
    """Return the normal form of a resource's name; a name that cannot be completed stays as it is.

    Args:
        text: ARN, Azure id, Google name, `k8s://` form, short id, load balancer suffix, queue URL or bare name.
        provider: `aws`, `azure` or `gcp`, where the record tells it.
        account: account, subscription or project of the record.
        region: region of the record.
        resource_type: Terraform or CloudFormation type of a bare name; for Google the service name.

    >>> normalise_resource("arn:aws:lambda:us-east-1:012345678901:function:pay:live")
    'arn:aws:lambda:us-east-1:012345678901:function:pay'
    >>> normalise_resource("app/shop/0123456789abcdef", provider="aws", account="012345678901", region="us-east-1")
    'arn:aws:elasticloadbalancing:us-east-1:012345678901:loadbalancer/app/shop/0123456789abcdef'
    """
    text = text.strip()
    if not text:
        return ""
    service = resource_type if provider == "gcp" and "." in resource_type else ""
    if service.endswith("k8s.io"):
        found = parse_kubernetes(text)
        return str(found) if found else text
    identity = _gcp(text, service, account) if service else parse_resource(text)
    if isinstance(identity, GcpResourceName) and account:
        identity = _gcp(str(identity), "", account)
    if identity is not None:
        return _normal(identity)
    if provider in ("aws", ""):
        arn = parse_arn(arn_text(text, account=account, region=region, resource_type=resource_type))
        return str(arn.normal) if arn else text
    return text


@lru_cache(MEMO_ENTRIES)
def parse_resource(text: str) -> Identity | None:
    """Return the parts of a name that tells by its shape which system it belongs to, or None.

    >>> parse_resource("//pubsub.googleapis.com/projects/p/topics/t").name
    't'
    """
    if text[:4].lower() == "arn:":
        return parse_arn(text)
    if _AZURE_START.match(text):
        return parse_azure_resource_id(text)
    if text.startswith("k8s://"):
        return parse_kubernetes(text)
    return parse_gcp_resource_name(text) if _GCP_START.match(text) else None


def same_resource(left: str, right: str) -> bool:
    """Say whether two names mean one resource; Google's `_` and `-` stand for any project.

    >>> same_resource("/SUBSCRIPTIONS/0/RESOURCEGROUPS/G", "/subscriptions/0/resourceGroups/g/")
    True
    """
    left, right = normalise_resource(left), normalise_resource(right)
    if left == right:
        return bool(left)
    if _WILD_PROJECT.search(left) or _WILD_PROJECT.search(right):
        pattern = re.compile(r"/projects/[^/]+(?=/)")
        return pattern.sub("/projects/-", left, count=1) == pattern.sub("/projects/-", right, count=1)
    return False


@lru_cache(MEMO_ENTRIES)
def identifiers_of(text: str) -> tuple[str, ...]:
    """Return every name under which a log may mention the resource, the normal form first.

    Bare names are in the list: join them only within one account, region and type, since 9 % of them are shared.

    >>> identifiers_of("arn:aws:lambda:us-east-1:012345678901:function:pay:live")[1:]
    ('arn:aws:lambda:us-east-1:012345678901:function:pay:live', 'function:pay', 'pay', '/aws/lambda/pay')
    """
    identity = parse_resource(text.strip())
    if identity is None:
        return (text,)
    if isinstance(identity, Arn):
        names = _names_of_arn(identity.normal, is_stripped=identity.normal != identity)
    elif isinstance(identity, AzureResourceId):
        names = [identity.name]
    elif isinstance(identity, GcpResourceName):
        names = _names_of_gcp(identity)
    else:
        names = [f"{identity.namespace}/{identity.name}", identity.name]
    return tuple(dict.fromkeys(name for name in (_normal(identity), text.strip(), *names) if name))


def _gcp(text: str, service: str, project: str) -> GcpResourceName | None:
    return parse_gcp_resource_name(text, service=service, project=project)


def _normal(identity: Identity) -> str:
    if isinstance(identity, AzureResourceId):
        return identity.key
    return str(identity.normal if isinstance(identity, Arn) else identity)


_LOG_GROUPS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("codebuild", "project"): ("/aws/codebuild/{name}",),
    ("eks", "cluster"): ("/aws/eks/{name}/cluster", "/aws/containerinsights/{name}/application"),
    ("lambda", "function"): ("/aws/lambda/{name}",),
    ("rds", "cluster"): ("/aws/rds/cluster/{name}",),
    ("rds", "db"): ("/aws/rds/instance/{name}",),
    ("states", "stateMachine"): ("/aws/vendedlogs/states/{name}",),
}
"""Log groups that AWS names after the resource; a database's group continues with the kind of log."""


def _names_of_arn(arn: Arn, *, is_stripped: bool) -> list[str]:
    names = [arn.resource, arn.name]
    names += [group.format(name=arn.name) for group in _LOG_GROUPS.get((arn.service, arn.resource_type), ())]
    last = arn.resource.rsplit("/", 1)[-1]
    if arn.service == "elasticloadbalancing" and arn.name.count("/") == 2:
        names.append(arn.name.split("/")[1])
    elif arn.service == "s3":
        bucket = arn.resource.split("/", 1)[0]
        names += [bucket, f"arn:{arn.partition}:s3:::{bucket}"]
    elif arn.service == "secretsmanager" and not is_stripped and (suffixed := _SECRET_SUFFIX.fullmatch(arn.name)):
        names.append(suffixed[1])
    elif arn.service == "sqs":
        names.append(f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}")
    elif arn.resource_type == "assumed-role":
        names.append(f"arn:{arn.partition}:iam::{arn.account}:role/{arn.name.split('/')[0]}")
    elif SHORT_ID.fullmatch(last) or arn.service == "ecs":
        names.append(last)
    return names


def _names_of_gcp(name: GcpResourceName) -> list[str]:
    names = [name.path, name.name]
    if name.service == "compute":
        names.append(f"https://www.googleapis.com/compute/v1/{name.path}")
    elif name.service == "storage":
        bucket = name.path.split("/", 1)[0]
        names += [bucket, f"projects/_/buckets/{bucket}", f"gs://{bucket}"]
    elif name.service == "cloudsql":
        names.append(f"{name.project}:{name.name}")
    return names
