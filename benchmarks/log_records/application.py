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


def container_text(random: Random) -> str:
    """Return a line of a container: most are plain, some are klog's, logfmt, JSON or an access line."""
    order, took, trace = random.randrange(9999), random.randrange(99), hex_of(random, 32)
    lines = (
        f"INFO order {order} took {took} ms",
        f"2026-11-20 10:00:00,{took:03d} WARN [main] c.shop.Cart - order {order} is late trace_id={trace}",
        f"I1120 10:00:00.{order:06d}       1 controller.go:{took}] synced shop/cart-{order}",
        f'level=info ts=2026-11-20T10:00:00Z caller=main.go:12 msg="order paid" order={order} duration={took}ms',
        f'{{"level":"info","msg":"order {order} paid","trace_id":"{trace}","duration_ms":{took}}}',
        f'10.0.0.{took} - - [20/Nov/2026:10:00:00 +0000] "GET /orders/{order} HTTP/1.1" 200 {order} "-" "curl/8.0"',
    )
    return random.choices(lines, (8, 3, 2, 2, 3, 2))[0]
