"""What all scaling parsers need to know of a group: its service's name, and which way a change of size goes."""

from __future__ import annotations

import re
from typing import Final

_SUFFIX: Final = re.compile(
    r"(?:[-_.](?:asg|autoscaling-?group|auto-scaling-group|autoscaler|hpa|keda-hpa|vmss|scale-?set|mig|igm|grp|group|nodes?|plan))+$",
    re.IGNORECASE,
)
"""Endings by which people mark a scaling group of a service. Chosen from naming guides of the clouds."""


def service_of_group(name: str) -> str:
    """Return the best guess of a service's name from its group's name: without ending such as -asg, -hpa or -vmss.

    >>> service_of_group("payments-asg"), service_of_group("keda-hpa-cart"), service_of_group("nodes")
    ('payments', 'cart', 'nodes')
    """
    plain = name.removeprefix("keda-hpa-")
    return _SUFFIX.sub("", plain) or plain


def direction_of(old_size: int | None, new_size: int | None) -> str:
    """Return out, in or none.

    >>> direction_of(2, 5), direction_of(None, 5)
    ('out', 'none')
    """
    if old_size is None or new_size is None or old_size == new_size:
        return "none"
    return "out" if new_size > old_size else "in"
