"""Read Envoy's access log written as JSON, as Istio's `accessLogEncoding: JSON` does.

Under the parser of JSON logs. See
https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#format-dictionaries and
https://istio.io/latest/docs/tasks/observability/logs/access-log/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ..domain.columns import StringColumn
from ..domain.events import PeerRole
from .field_paths import Row
from .number_columns import duration_column

_FAILED: Final = 500


def is_envoy(row: Row) -> bool:
    """Say whether an object is a line of Envoy's access log.

    >>> is_envoy({"response_flags": "-", "upstream_cluster": "outbound|80||pay.shop.svc.cluster.local"})
    True
    """
    return "response_flags" in row and ("upstream_cluster" in row or "upstream_host" in row)


def envoy_columns(rows: Sequence[Row], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a chunk in which some objects are Envoy's: duration in ms, callee, and why it failed.

    >>> row = {"response_flags": "UF", "response_code": 503, "duration": 7, "upstream_cluster": "outbound|80||pay.svc"}
    >>> read = envoy_columns([row], {"duration_us": np.array([-1]), "error": [""], "status": np.array([503])})
    >>> read["peer"], read["error"], read["duration_us"].tolist()
    (['pay.svc:80'], ['UF'], [7000])
    """
    own = np.array([is_envoy(row) for row in rows], np.bool_)
    took = duration_column([row.get("duration") if mine else None for row, mine in zip(rows, own, strict=True)], "ms")
    peers = _texts(columns.get("peer"), len(rows))
    errors = _texts(columns["error"], len(rows))
    statuses = columns["status"].tolist()
    for row in np.flatnonzero(own).tolist():
        peers[row] = _callee(rows[row].get("upstream_cluster"))
        flags = rows[row].get("response_flags")
        if isinstance(flags, str) and flags not in ("", "-") and (statuses[row] >= _FAILED or not statuses[row]):
            errors[row] = flags
    roles = np.array([int(PeerRole.CALLEE) if peer else 0 for peer in peers], np.uint8)
    duration = np.where(own & (took >= 0), took, columns["duration_us"])
    return {"duration_us": duration, "peer": peers, "peer_role": roles, "error": errors}


def _callee(cluster: Any) -> str:
    """Return host and port of an outbound cluster; an inbound one is the proxy's own service."""
    parts = cluster.split("|") if isinstance(cluster, str) else []
    return f"{parts[3]}:{parts[1]}" if len(parts) == 4 and parts[0] == "outbound" else ""


def _texts(column: Any, count: int) -> list[str]:
    if column is None:
        return [""] * count
    return column.to_list() if isinstance(column, StringColumn) else list(column)
