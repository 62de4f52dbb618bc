"""A small world of services under load, with one incident: what root-cause tests are judged against."""

from collections.abc import Callable

import numpy as np

from tests.projections.dependencies.log_lines import SECOND, START_NS, Line

CALM_S = 1500
TROUBLE_S = 300
SINCE = START_NS + CALM_S * SECOND
UNTIL = START_NS + (CALM_S + TROUBLE_S) * SECOND

Request = Callable[[int, float, bool, np.random.Generator], list[Line]]


def incident(request: Request, *, seed: int = 1, per_second: float = 1.0) -> list[Line]:
    """Return the lines of requests; `request(trace, begin in ms, in trouble, random)` says what one of them logs."""
    rng = np.random.default_rng(seed)
    total = CALM_S + TROUBLE_S
    begins = np.sort(rng.uniform(0, total, rng.poisson(total * per_second)))
    lines: list[Line] = []
    for trace, begin in enumerate(begins.tolist(), 1):
        lines += request(trace, begin * 1000, begin >= CALM_S, rng)
    return lines


def shop(trace: int, begin: float, trouble: bool, rng: np.random.Generator) -> list[Line]:
    """Web calls cart and checkout, checkout calls payment; in trouble payment fails half of its calls."""
    failed = trouble and rng.random() < 0.5
    jitter = rng.uniform(0, 2)
    payment = [
        Line("payment", begin + 30 + jitter, trace, 4, 3, template=41),
        Line("payment", begin + 50, trace, 4, 3, failed=failed, template=43 if failed else 42),
    ]
    return [
        Line("web", begin, trace, 1, template=11),
        Line("cart", begin + 5, trace, 2, 1, template=21),
        Line("cart", begin + 10 + jitter, trace, 2, 1, template=22),
        Line("checkout", begin + 20, trace, 3, 1, template=31),
        *payment,
        Line("checkout", begin + 70, trace, 3, 1, failed=failed, template=33 if failed else 32),
        Line("web", begin + 90, trace, 1, failed=failed, template=13 if failed else 12),
    ]


def dead_store(trace: int, begin: float, trouble: bool, rng: np.random.Generator) -> list[Line]:
    """Two services use a datastore that never logs; in trouble both say that they cannot reach it."""
    lines = [
        Line("web", begin, trace, 1, template=11),
        Line("web", begin + 90, trace, 1, failed=trouble, template=13 if trouble else 12),
    ]
    for number, service in ((2, "cart"), (3, "orders")):
        lines.append(Line(service, begin + 10 * number, trace, number, 1, template=21))
        if trouble or rng.random() < 0.01:
            lines.append(
                Line(
                    service,
                    begin + 10 * number + 5,
                    trace,
                    number,
                    1,
                    failed=True,
                    peer="mongodb://basket-store:27017/db",
                    role=1,
                    template=23,
                )
            )
    return lines


def slow_search(trace: int, begin: float, trouble: bool, rng: np.random.Generator) -> list[Line]:
    """Web calls search, search calls index; in trouble search itself takes ten times as long."""
    own = rng.uniform(8, 12) * (10 if trouble else 1)
    return [
        Line("web", begin, trace, 1, template=11),
        Line("search", begin + 1, trace, 2, 1, template=21),
        Line("index", begin + 2, trace, 3, 2, template=31),
        Line("index", begin + 2 + rng.uniform(4, 6), trace, 3, 2, template=32),
        Line("search", begin + 10 + own, trace, 2, 1, template=22),
        Line("web", begin + 12 + own, trace, 1, template=12),
    ]


def noisy_neighbour(trace: int, begin: float, trouble: bool, rng: np.random.Generator) -> list[Line]:
    """Web calls search and payment; in trouble search logs ten times as much, and payment fails, as web says."""
    chatter = [Line("search", begin + 10 + at, trace, 2, 1, template=25) for at in range(10 if trouble else 0)]
    return [
        Line("web", begin, trace, 1, template=11),
        Line("search", begin + 5, trace, 2, 1, template=21),
        *chatter,
        Line("search", begin + 25, trace, 2, 1, template=22),
        Line("payment", begin + 30, trace, 3, 1, template=41),
        Line("payment", begin + 50, trace, 3, 1, failed=trouble, template=43 if trouble else 42),
        Line("web", begin + 60, trace, 1, failed=trouble, peer="payment:80", role=1, template=13 if trouble else 12),
    ]


def optional_callee(trace: int, begin: float, trouble: bool, rng: np.random.Generator) -> list[Line]:
    """Web shows advice if it gets any; in trouble advice fails and web says that it shows none."""
    return [
        Line("web", begin, trace, 1, template=11),
        Line("advice", begin + 5, trace, 2, 1, template=21),
        Line("advice", begin + 10, trace, 2, 1, failed=trouble, template=23 if trouble else 22),
        Line("web", begin + 20, trace, 1, template=13 if trouble else 12),
    ]
