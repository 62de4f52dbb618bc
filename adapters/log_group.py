"""What the name of a CloudWatch log group says of the records in it.

See `/aws/apprunner/<service>/<id>/application`, `/ecs/<task family>`, `/aws/codebuild/<project>`; other groups are
named by their users, by custom after the application.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_NAMED: Final = re.compile(
    r"(?:/(?:aws/(?:apprunner|codebuild|elasticbeanstalk|sagemaker/[A-Za-z]+)|ecs|aws/ecs(?!/containerinsights)"
    r"|aws/vendedlogs/states|aws/containerinsights|aws/eks)/|API-Gateway-Execution-Logs_)([^/]+)"
)
_CONTROL_PLANE: Final = re.compile(r"(kube-[a-z-]+?|authenticator|cloud-controller-manager)(?:-audit)?-[0-9a-f]{8,}")
"""Streams of `/aws/eks/<cluster>/cluster` are named after the component that writes them."""


def service_of_group(context: Mapping[str, Any]) -> str:
    """Return the application that a log group is named after.

    >>> service_of_group({"logGroup": "/ecs/cart"}), service_of_group({"logGroup": "prod/pay"}), service_of_group({})
    ('cart', 'pay', '')
    """
    group = context.get("logGroup")
    if not isinstance(group, str) or not group:
        return ""
    component = _CONTROL_PLANE.match(str(context.get("logStream", ""))) if group.startswith("/aws/eks/") else None
    if component:
        return component[1]
    named = _NAMED.match(group)
    return named[1] if named else group.rstrip("/").rpartition("/")[2]
