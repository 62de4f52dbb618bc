"""Tables of the cost read model.

Volume counts every log event; templates split it by kind of message; pulse keeps its course by the minute;
charges hold the billing rows, all versions of them, so that a restated row can supersede whatever the order of arrival.
"""

from __future__ import annotations

from ..table import TableSchema

SLOT_NS = 60_000_000_000
"""Width of a pulse: a minute. Chosen: an incident lasts an hour, and a day has only 1,440 of them."""

MAX_TEMPLATES = 4096
"""Templates kept per service and hour: those with the smallest hashes, a choice that no order of events changes.
Services with good templates have a few hundred; of one whose messages never repeat this is a fair sample, and the
volume that it leaves out stays visible as template 0."""

_MEASURES = {"events": "sum", "bytes": "sum", "position": "min"}

SCHEMAS = {
    "volume": TableSchema(
        strings=("service", "provider", "account", "region", "resource", "format", "stream"),
        numbers=("severity",),
        measures=_MEASURES,
    ),
    "templates": TableSchema(
        strings=("service", "provider", "format", "stream"),
        numbers=("severity", "template"),
        measures=_MEASURES,
        limit=MAX_TEMPLATES,
        group=("service",),
        order=("template",),
    ),
    "pulse": TableSchema(
        strings=("service", "provider"),
        numbers=("slot",),
        measures={"events": "sum", "bytes": "sum"},
    ),
    "charges": TableSchema(
        strings=(
            "charge_key",
            "export",
            "stream",
            "provider",
            "account",
            "region",
            "service",
            "resource",
            "log_class",
            "currency",
            "category",
            "usage_type",
        ),
        numbers=(
            "exported_at",
            "recorded_at",
            "position",
            "start",
            "end",
            "micros",
            "picos",
            "quantity_bytes",
        ),
    ),
}
