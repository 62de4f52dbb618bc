"""Where records of unknown origin come from, as far as their carrier says: provider, service, log group.

Used by the generic parsers. The record's own word comes first, then what the user told, then the carrier's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domain.columns import StringColumn
from .described import Description, described
from .log_batch import completed
from .log_group import service_of_group
from .records import Records

_PROVIDERS = ("aws", "azure", "gcp")


def generic_place(records: Records, columns: dict[str, Any]) -> dict[str, Any]:
    """Return the columns with provider, service and the log group as mention filled in from the carrier.

    >>> from .records import Origin
    >>> context = StringColumn.constant('{"envelope":"aws.cloudwatch_logs","logGroup":"/ecs/cart"}', 1)
    >>> place = generic_place(Records([b"x"], [b"x"], Origin("a"), np.zeros(1), np.zeros(1), context), {})
    >>> place["service"].to_list(), place["provider"]
    (['cart'], 'aws')
    """
    contexts, codes = records.contexts(), records.context.codes
    providers = {str(contexts[code].get("envelope", "")).partition(".")[0] for code in np.unique(codes).tolist()}
    provider = providers.pop() if len(providers) == 1 else ""
    place = {"provider": provider if provider in _PROVIDERS else "", **columns}
    service = completed(columns.get("service", ""), records, "service", "service")
    if any("logGroup" in context for context in contexts):
        groups = [(service_of_group(context), str(context.get("logGroup") or "")) for context in contexts]
        carrier = described([groups[code] for code in codes.tolist()], _describe)
        if (service.codes == 0).any():
            pairs = zip(service.to_list(), carrier["service"].to_list(), strict=True)
            service = StringColumn.of([own or other for own, other in pairs])
        place.setdefault("mentions", carrier["mentions"])
    return {**place, "service": service}


def _describe(key: tuple[str, str]) -> Description:
    service, group = key
    return Description(service=service, mentions=(group,) if group else ())
