"""Tell linear from quadratic cost, on machines of any speed: no test asserts a time."""

from collections.abc import Callable
from time import process_time

STEP = 8
"""How many times the long input is the short one's length: linear cost grows by 8, quadratic by 64."""

MOST = 30.0
"""Growth that is still taken for linear: caches and noise double it at times, not by four."""

LEAST_S = 0.002
"""What is taken for the cost of the short input at least: below, the clock and fixed costs are all that is measured."""


def grows_linearly(run: Callable[[int], object], length: int) -> bool:
    """Say whether running with 8 times the length costs about 8 times as much.

    >>> grows_linearly(lambda length: sum(range(length)), 100_000)
    True
    """
    short, long = (min(_seconds(run, size) for _ in range(2)) for size in (length // STEP, length))
    return long <= MOST * max(short, LEAST_S)


def _seconds(run: Callable[[int], object], length: int) -> float:
    started = process_time()
    run(length)
    return process_time() - started
