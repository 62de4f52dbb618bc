"""What must never be proposed for removal, and what a proposal was checked against.

Audit and security records prove what happened; errors are what logs are for. Services of payment and sign-in may be
told to stop debugging, but their own messages are never sampled.
"""

from __future__ import annotations

import re

ERROR = 17
"""OpenTelemetry severity number from which nothing is proposed."""

DEBUG_END = 9
"""Severity numbers below are TRACE and DEBUG."""

_PROVES = re.compile(r"audit|security|compliance|cloudtrail|guardduty|activitylog|iam|waf", re.IGNORECASE)
_PROVING_FORMATS = frozenset(
    ("aws.cloudtrail", "azure.activity", "gcp.audit", "k8s.audit", "aws.eks.audit", "azure.aks.audit", "aws.waf")
)
_SENSITIVE = re.compile(r"pay|billing|auth|login|identity", re.IGNORECASE)


def is_protected(log_format: str, service: str, place: str = "") -> bool:
    """Say whether a stream proves what happened, by its format or its names.

    >>> is_protected("gcp.audit", "cart"), is_protected("k8s.container", "cart")
    (True, False)
    """
    return log_format in _PROVING_FORMATS or any(_PROVES.search(name) for name in (log_format, service, place))


def is_sensitive(service: str) -> bool:
    """Say whether a service handles money or sign-in.

    >>> is_sensitive("payment"), is_sensitive("catalog")
    (True, False)
    """
    return bool(_SENSITIVE.search(service))


def guards_of_level() -> tuple[str, ...]:
    """Return what a proposal to stop a level has passed.

    >>> len(guards_of_level())
    2
    """
    return ("not an audit or security stream", "level below INFO")


def guards_of_template() -> tuple[str, ...]:
    """Return what a proposal to sample a message has passed.

    >>> len(guards_of_template())
    4
    """
    return (
        "not an audit or security stream",
        "level below ERROR",
        "not a service of payment or sign-in",
        "one in ten kept",
    )
