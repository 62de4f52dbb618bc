"""The questions in SQL, for the peers that speak it."""

from __future__ import annotations

from collections.abc import Mapping

from .contender import ERROR, NEWEST

FOLDS = {
    "minutes": "SELECT service, occurred_at {integer} 60000000000 AS minute, count(*) AS events,"
    f" sum(CASE WHEN severity >= {ERROR} THEN 1 ELSE 0 END) AS errors FROM {{source}} GROUP BY service, minute",
    "severities": "SELECT service, severity, count(*) AS events FROM {source} GROUP BY service, severity",
    "traced": "SELECT service, sum(CASE WHEN trace_high <> 0 OR trace_low <> 0 THEN 1 ELSE 0 END) AS events"
    " FROM {source} GROUP BY service",
    "hours": "SELECT service, occurred_at {integer} 3600000000000 AS hour, sum(size_bytes) AS bytes"
    " FROM {source} GROUP BY service, hour",
}
"""The four aggregates of `envelope_folds`; `{integer}` is the operator of integer division."""

TRACE = (
    "SELECT stream, position, occurred_at, service, severity, payload FROM {source}"
    " WHERE trace_high = {0} AND trace_low = {1} ORDER BY occurred_at"
)
ERRORS = (
    "SELECT stream, position, occurred_at, service, severity, payload FROM {source}"
    f" WHERE service = '{{0}}' AND severity >= {ERROR} AND occurred_at >= {{1}} AND occurred_at < {{2}}"
    f" ORDER BY occurred_at DESC LIMIT {NEWEST}"
)
EVENT = (
    "SELECT stream, position, occurred_at, service, severity, payload FROM {source}"
    " WHERE stream = '{0}' AND position = {1}"
)


def severity_case(column: str, severities: Mapping[str, int]) -> str:
    """Return the expression that turns a level into its number.

    >>> severity_case("level", {"info": 9})
    "CASE lower(level) WHEN 'info' THEN 9 ELSE 0 END"
    """
    cases = " ".join(f"WHEN '{name}' THEN {number}" for name, number in severities.items())
    return f"CASE lower({column}) {cases} ELSE 0 END"
