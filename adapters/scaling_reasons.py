"""Classify why scaling failed, from the texts that the clouds write.

Used by all scaling parsers. Texts: AWS "Troubleshoot Amazon EC2 Auto Scaling: EC2 instance launch failures", Azure
allocation errors, message ids of GKE's cluster-autoscaler-visibility log, Cluster Autoscaler's and Karpenter's errors.
"""

from __future__ import annotations

import re
from typing import Final

_CLASSES: Final = (
    ("ip_space", r"ip.space.exhausted|InsufficientFreeAddresses|not enough free addresses|SubnetIsFull|no free IP"),
    (
        "quota",
        r"quota|LimitExceeded|limit exceeded|instance\(s\) are already running|OperationNotAllowed|CountExceeded"
        r"|throttl|RequestLimit",
    ),
    ("price", r"Spot request price|SpotMaxPriceTooLow"),
    (
        "capacity",
        r"InsufficientInstanceCapacity|InsufficientCapacity|sufficient \S+ capacity|no Spot capacity|out.of.resources"
        r"|OutOfResource|RESOURCE_POOL_EXHAUSTED|resource pool exhausted|AllocationFailed|Allocation failed"
        r"|Overconstrained|SkuNotAvailable|placeholder-cannot-be-fulfilled|cannot provision any more instances"
        r"|RESOURCE:(?:FARGATE|CPU|MEMORY|ENI|GPU)|insufficient capacity|stockout",
    ),
    ("hook", r"Lifecycle Action|lifecycle hook|was abandoned"),
    (
        "permission",
        r"AccessDenied|UnauthorizedOperation|not authorized|forbidden|AuthorizationFailed|PERMISSION_DENIED"
        r"|service.account.deleted",
    ),
    (
        "metric",
        r"FailedGet\w*Metric|FailedComputeMetrics|INSUFFICIENT_DATA|unable to (?:get|fetch) metrics"
        r"|not received any utilization data|no metrics",
    ),
    ("timeout", r"timed? ?out|waiting.for.instances|deadline exceeded"),
    (
        "config",
        r"does not exist|not supported|no longer supported|invalid|virtualName|block device|EBS|placement group"
        r"|Client error on launch|InternalError|not found|NodeClassNotReady|NoCompatibleInstanceTypes|misconfigur",
    ),
)
"""In order of precedence: a quota text may also say "not supported", an allocation text may name a placement group."""

_PATTERNS: Final = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _CLASSES)


def reason_class_of(text: str) -> str:
    """Return the class of a failure text: capacity, quota, config, price, hook, timeout, ip_space, permission, metric.

    >>> reason_class_of("We currently do not have sufficient m5.large capacity in the Availability Zone you requested")
    'capacity'
    >>> reason_class_of("something new")
    'unknown'
    """
    return next((name for name, pattern in _PATTERNS if pattern.search(text)), "unknown")
