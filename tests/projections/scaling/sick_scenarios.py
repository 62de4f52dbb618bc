"""Groups that scale badly, each in one known way: what a read model must find."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.projections.scaling.autoscaler_simulation import Settings, Simulation
from tests.projections.scaling.load_curves import DAY, Load, diurnal, flat, scaled


class Scenario(NamedTuple):
    simulation: Simulation
    load: Load
    errors: Load | None = None


def _ran(rng: np.random.Generator, load: Load, **settings: object) -> Scenario:
    simulation = Simulation(Settings(**settings))  # type: ignore[arg-type]
    simulation.limits()
    return Scenario(simulation.run(load, rng), load)


def maximum_too_low(rng: np.random.Generator, **known: object) -> Scenario:
    """A peak of hours that needs half as much again as the maximum."""
    return _ran(rng, scaled(diurnal(rng, 1), 9.0), maximum=10, dialect="gcp", in_after=10, step_in=0, **known)


def maximum_too_low_without_word(rng: np.random.Generator, **known: object) -> Scenario:
    """The same, told by the metric alone: EC2 Auto Scaling has no event for it."""
    return _ran(rng, scaled(diurnal(rng, 1), 9.0), maximum=10, **{**known, "with_metrics": True})


def pods_at_maximum(rng: np.random.Generator, **known: object) -> Scenario:
    """A pod autoscaler whose condition says TooManyReplicas."""
    told = {"dialect": "hpa", "high": 0.66, "in_after": 6, "out_after": 1, "provision": 0.5, "warm_up": 1, "step_in": 0}
    return _ran(rng, scaled(diurnal(rng, 1), 9.0), maximum=10, **told, **known)


def thrashing_against_maximum(rng: np.random.Generator, **known: object) -> Scenario:
    """An hour of going to the maximum and back every few minutes."""
    scenario = _ran(rng, scaled(flat(rng, 1), 3.0), maximum=10, start=5, **known)
    sizes, at = (5, 10), 600 + int(rng.integers(0, 300))
    for turn in range(14):
        old, new = sizes[turn % 2], sizes[(turn + 1) % 2]
        out = new > old
        told = {"limited_by": "max", "max_size": 10, "unconstrained_size": 14} if out else {}
        scenario.simulation.add(
            at + 4 * turn, phase="decision", direction="out" if out else "in", old_size=old, new_size=new, **told
        )
    return scenario


def thresholds_too_close(rng: np.random.Generator, **known: object) -> Scenario:
    """Steps so large that each one crosses the other threshold, at a load that does not move."""
    load = scaled(1 + rng.normal(0, 0.01, DAY), 3.0)
    told = {"low": 0.5, "high": 0.55, "in_after": 4, "out_after": 2, "warm_up": 1, "step_out": 2, "step_in": 2}
    return _ran(rng, load, provision=1.0, start=6, **told, **known)


def _failing(rng: np.random.Generator, reason: str, message: str, known: dict[str, object]) -> Scenario:
    scenario = _ran(rng, scaled(diurnal(rng, 1), 8.0), **known)
    at = 500 + int(rng.integers(0, 500))
    for turn in range(8):
        scenario.simulation.fail(at + 5 * turn, reason, message)
    return scenario


def launches_that_fail(rng: np.random.Generator, **known: object) -> Scenario:
    """A security group that was deleted."""
    return _failing(rng, "config", "The security group 'sg-1' does not exist", known)


def capacity_that_lacks(rng: np.random.Generator, **known: object) -> Scenario:
    """A zone that is sold out."""
    return _failing(rng, "capacity", "We currently do not have sufficient m5.large capacity", known)


def quota_that_is_full(rng: np.random.Generator, **known: object) -> Scenario:
    """An account's limit."""
    return _failing(rng, "quota", "VcpuLimitExceeded", known)


def slow_instances(rng: np.random.Generator, **known: object) -> Scenario:
    """A boot that takes a quarter of an hour."""
    return _ran(rng, scaled(diurnal(rng, 1), 12.0), provision=16.0, warm_up=18, start=2, **known)


def never_shrinks(rng: np.random.Generator, **known: object) -> Scenario:
    """Scaling in that is switched off."""
    load = scaled(diurnal(rng, 1), 8.0)
    load[400:] = load[400:] * 0.2
    load[:400] = np.maximum(load[:400], 7.0)
    return _ran(rng, load, in_after=10_000, **{**known, "with_metrics": True})


def blind_policy(rng: np.random.Generator, **known: object) -> Scenario:
    """A policy that follows another metric: the group's own breaches for an hour."""
    load = scaled(flat(rng, 1), 2.4)
    scenario = _ran(rng, load, start=4, **{**known, "with_metrics": True})
    simulation, at = scenario.simulation, 400 + int(rng.integers(0, 600))
    simulation.add(10, phase="decision", direction="out", old_size=4, new_size=5)
    simulation.events = [
        e for e in simulation.events if e.occurred_at < simulation.events[0].occurred_at + 11 * 60 * 10**9
    ]
    simulation.utilisation[at : at + 60] = [0.95] * 60
    return scenario


def metric_that_is_gone(rng: np.random.Generator, **known: object) -> Scenario:
    """A metrics server that is down for an hour."""
    scenario = _ran(rng, scaled(diurnal(rng, 1), 8.0), **known)
    at = 300 + int(rng.integers(0, 600))
    for turn in range(6):
        told = {"phase": "status", "reason_class": "metric", "outcome": "failed", "name": "FailedGetResourceMetric"}
        scenario.simulation.add(at + 10 * turn, **told, message="unable to get metrics")
    return scenario


def outage_taken_for_rest(rng: np.random.Generator, **known: object) -> Scenario:
    """Requests fail at once, so the machines idle, so they are taken away."""
    load = scaled(flat(rng, 1), 6.0)
    at = 500 + int(rng.integers(0, 400))
    load[at : at + 60] *= 0.3
    errors = np.full(len(load), 0.002)
    errors[at : at + 60] = 0.6
    return _ran(rng, load, step_in=2, **{**known, "with_logs": True})._replace(errors=errors)


def policies_at_odds(rng: np.random.Generator, **known: object) -> Scenario:
    """Two target policies that undo each other, a few times a day."""
    scenario = _ran(rng, scaled(flat(rng, 1), 3.0), start=5, **known)
    for turn in range(4):
        at = 200 + 250 * turn
        scenario.simulation.add(at, phase="decision", direction="out", old_size=5, new_size=7, policy="requests")
        scenario.simulation.add(at + 8, phase="decision", direction="in", old_size=7, new_size=5, policy="memory")
        scenario.simulation.add(at + 40, phase="decision", direction="out", old_size=5, new_size=6, policy="memory")
        scenario.simulation.add(at + 80, phase="decision", direction="in", old_size=6, new_size=5, policy="requests")
    return scenario


def greedy_scale_in(rng: np.random.Generator, **known: object) -> Scenario:
    """Half of the group is given up at the first quiet minutes, and missed at once."""
    scenario = _ran(rng, scaled(flat(rng, 1), 4.0), start=8, **known)
    simulation = scenario.simulation
    for turn in range(6):
        at = 100 + 200 * turn + int(rng.integers(0, 60))
        simulation.add(at, phase="decision", direction="in", old_size=8, new_size=4, policy="cpu")
        simulation.add(at + 6, phase="decision", direction="out", old_size=4, new_size=8, policy="cpu")
        simulation.utilisation[at : at + 8] = [1.0] * 8
    return scenario


def no_warm_up(rng: np.random.Generator, **known: object) -> Scenario:
    """Each minute of a breach adds more, long before the first instance has come."""
    load = np.full(DAY, 1.5) * (1 + rng.normal(0, 0.02, DAY))
    for start in (300, 800, 1100):
        load[start : start + 60] = 6.0
    told = {"warm_up": 0, "out_after": 1, "step_out": 3, "provision": 6.0, "in_after": 15, "step_in": 2}
    return _ran(rng, load, start=3, maximum=60, **told, **{**known, "with_metrics": True})


def leaps_and_steps(rng: np.random.Generator, **known: object) -> Scenario:
    """Ten at once outwards, one by one inwards."""
    load = np.full(2 * DAY, 1.5) * (1 + rng.normal(0, 0.02, 2 * DAY))
    for start in range(200, 2 * DAY, 500):
        load[start : start + 30] = 5.0
    return _ran(rng, load, step_out=10, step_in=1, in_after=20, maximum=60, **{**known, "with_metrics": True})


SICK: dict[str, tuple[str, Callable[..., Scenario]]] = {
    "maximum_too_low": ("at_max_capacity", maximum_too_low),
    "maximum_too_low_without_word": ("at_max_capacity", maximum_too_low_without_word),
    "pods_at_maximum": ("at_max_capacity", pods_at_maximum),
    "thrashing_against_maximum": ("at_max_capacity", thrashing_against_maximum),
    "thrashing_is_flapping": ("flapping", thrashing_against_maximum),
    "thresholds_too_close": ("flapping", thresholds_too_close),
    "launches_that_fail": ("launch_failures", launches_that_fail),
    "capacity_that_lacks": ("insufficient_capacity", capacity_that_lacks),
    "quota_that_is_full": ("quota", quota_that_is_full),
    "slow_instances": ("lag", slow_instances),
    "never_shrinks": ("never_scales_in", never_shrinks),
    "blind_policy": ("wrong_metric", blind_policy),
    "metric_that_is_gone": ("metric_missing", metric_that_is_gone),
    "outage_taken_for_rest": ("scale_in_during_outage", outage_taken_for_rest),
    "policies_at_odds": ("overlapping_policies", policies_at_odds),
    "greedy_scale_in": ("scale_in_too_aggressive", greedy_scale_in),
    "no_warm_up": ("cooldown_too_short", no_warm_up),
    "leaps_and_steps": ("asymmetric_policies", leaps_and_steps),
}
"""Per scenario the class that must be found."""
