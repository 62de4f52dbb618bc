"""What the name of a CloudWatch log group says of the records in it.

See `/aws/apprunner/<service>/<id>/application`, `/ecs/<task family>`, `/aws/codebuild/<project>`; other groups are
named by their users, by custom after the application.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_NAMED: Final = re.compile(
    r"/(?:aws/(?:apprunner|codebuild|elasticbeanstalk|sagemaker/[A-Za-z]+)|ecs|aws/ecs(?!/containerinsights))/([^/]+)"
)


def service_of_group(context: Mapping[str, Any]) -> str:
    """Return the application that a log group is named after.

    >>> service_of_group({"logGroup": "/ecs/cart"}), service_of_group({"logGroup": "prod/pay"}), service_of_group({})
    ('cart', 'pay', '')
    """
    group = context.get("logGroup")
    if not isinstance(group, str) or not group:
        return ""
    named = _NAMED.match(group)
    return named[1] if named else group.rstrip("/").rpartition("/")[2]
