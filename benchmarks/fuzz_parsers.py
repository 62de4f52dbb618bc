"""Show damaged records of all formats to all parsers for as long as you like; stop at the first that breaks a promise.

    python -m benchmarks.fuzz_parsers [--seconds N] [--seed N]

Each round damages a record of every format at random, mixes them, puts them under what some envelope says, sometimes
into carriers, and prolongs one of them. Promises: nothing raises, every record is an event, recognisers answer, and ten
times the length takes about ten times as long. Prints rounds, records, and the slowest records per kilobyte.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from random import Random
from time import monotonic, process_time

from cloudledger.adapters.parser import Sample
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.registry import Registry, Route
from tests.adapters.builders import ORIGIN
from tests.adapters.fuzzing import CONTEXTS, FILLERS, RECORDS, in_context, mutants, prolonged

RATIO = 60
"""A record of ten times the length may take this much longer; quadratic time would take a hundred times."""


def round_of(random: Random) -> int:
    """Damage a record of every format, parse them together, and return how many there were."""
    names = random.sample(sorted(RECORDS), len(RECORDS))
    bodies = [body for name in names for body in mutants(RECORDS[name], random, 1)]
    context = random.choice(CONTEXTS)
    events = sum(map(len, Pipeline().parse(in_context(bodies, context))))
    if events < len(bodies):
        raise SystemExit(f"{len(bodies) - events} records were lost under {context}")
    registry = Registry()
    routes: list[Route] = [*registry.carriers, *registry.parsers, *registry.lists, *registry.generic]
    for sample in [Sample(body, context, ORIGIN) for body in random.sample(bodies, 10)]:
        for route in routes:
            route.recognises(sample)
    return len(bodies)


def seconds(body: str) -> float:
    """Return the CPU time that a record takes."""
    started = process_time()
    Pipeline().parse(in_context([body.encode("utf-8", "surrogatepass")], {}))
    return process_time() - started


def prolong(random: Random) -> tuple[float, str]:
    """Return how long a long record took per kilobyte, and which it was; compare it with a short one."""
    name, filler = random.choice(sorted(RECORDS)), random.choice(FILLERS)
    short, long = (prolonged(RECORDS[name], filler, length) for length in (20_000, 200_000))
    base, took = min(seconds(short) for _ in range(2)) + 0.002, seconds(long)
    if took > base * RATIO:
        raise SystemExit(f"{name} with {filler!r}: {base * 1e3:.1f} ms, ten times as long {took * 1e3:.1f} ms")
    return took / (len(long) / 1024), f"{name} with {filler!r}"


def main(arguments: Sequence[str]) -> None:
    """Fuzz until the time is over."""
    options = argparse.ArgumentParser(description="Fuzz the parsers.")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=0)
    told = options.parse_args(arguments)
    random, end = Random(told.seed), monotonic() + told.seconds
    rounds = records = 0
    slow: list[tuple[float, str]] = []
    while monotonic() < end:
        records += round_of(random)
        slow = sorted({*slow, prolong(random)}, reverse=True)[:5]
        rounds += 1
    print(f"{rounds:,} rounds, {records:,} damaged records, none lost, nothing raised")
    for per_kilobyte, what in slow:
        print(f"{per_kilobyte * 1e6:8.1f} us per KB  {what}")


if __name__ == "__main__":
    main(sys.argv[1:])
