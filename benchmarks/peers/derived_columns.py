"""What every contender derives from a container's log line, as the regular expressions that the peers use.

The ledger's parsers derive the same four columns (and a dozen more) by the formats' rules.
"""

TRACE = r"(?:[Tt]race_?[iI][dD]\W+|/traces/)([0-9a-f]{32})"
"""Finds the trace id in a line of any of the three styles, and in a LogEntry's `trace`."""

LEVEL = r'(?:"level":"|level=|^\d{4}-\S+ \S+ )(\w+)'
"""Finds the level in the text of a container that runs on EKS; AKS and GKE carry it in a column."""

SEVERITIES = {"debug": 5, "info": 9, "warn": 13, "warning": 13, "error": 17}
"""OpenTelemetry severity numbers of the levels."""
