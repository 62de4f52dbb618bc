"""Every time that cloud logs write, as integer nanoseconds since 1970-01-01T00:00:00Z.

The front door of the package: one value at a time for rare forms and query arguments, whole columns for parsers.
"""

from .columns import epoch_column, rfc3339_column
from .instants import MAX_INSTANT_NS, MIN_INSTANT_NS, to_datetime, to_instant_ns, window_ns
from .parsing import parse_timestamp_ns

__all__ = [
    "MAX_INSTANT_NS",
    "MIN_INSTANT_NS",
    "epoch_column",
    "parse_timestamp_ns",
    "rfc3339_column",
    "to_datetime",
    "to_instant_ns",
    "window_ns",
]
