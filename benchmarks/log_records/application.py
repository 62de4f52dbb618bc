"""Lines of applications, whose times, ids and numbers vary.

Used by the benchmark of the parsers.
"""

from __future__ import annotations

import json
from random import Random

from .chance import hex_of, time_of


def app_json(random: Random) -> str:
    """Return a line of a structured application log."""
    line = {
        "timestamp": time_of(random),
        "level": random.choice(("info", "info", "info", "warn", "error")),
        "service": f"cart-{random.randrange(8)}",
        "message": f"order {random.randrange(9999)} took {random.randrange(99)} ms",
        "trace_id": hex_of(random, 32),
        "span_id": hex_of(random, 16),
        "http": {"method": "GET", "status": 200},
    }
    return json.dumps(line, separators=(",", ":"))


def app_text(random: Random) -> str:
    """Return a line of a plain application log."""
    return f"{time_of(random)} INFO c.shop.Cart order {random.randrange(9999)} took {random.randrange(99)} ms"
