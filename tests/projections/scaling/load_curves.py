"""Loads to drive a simulated autoscaler with: per minute, in instances that run at full speed."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

Load = npt.NDArray[np.float64]

CURVES = Path(__file__).resolve().parents[3].parent / "shared" / "corpora" / "scaling" / "nab-realAWSCloudwatch"
"""Numenta Anomaly Benchmark: five-minute samples of real machines."""

DAY = 1440


def diurnal(rng: np.random.Generator, days: int) -> Load:
    """A daily wave with noise."""
    minutes = np.arange(days * DAY)
    wave = 1 + rng.uniform(0.3, 0.8) * np.sin(2 * np.pi * (minutes / DAY - rng.uniform()))
    return wave * (1 + rng.normal(0, rng.uniform(0.02, 0.1), len(minutes)))


def bursty(rng: np.random.Generator, days: int) -> Load:
    """A daily wave with bursts of some minutes."""
    load = diurnal(rng, days)
    for start in rng.integers(0, len(load), rng.integers(2, 8) * days):
        load[start : start + int(rng.integers(5, 40))] *= rng.uniform(1.3, 2.5)
    return load


def batches(rng: np.random.Generator, days: int) -> Load:
    """Little to do, and jobs at set times that need much."""
    load = np.full(days * DAY, 0.5) * (1 + rng.normal(0, 0.05, days * DAY))
    period, length = int(rng.choice([60, 120, 240])), int(rng.integers(15, 50))
    for start in range(int(rng.integers(0, 60)), len(load), period):
        load[start : start + length] += rng.uniform(1.0, 2.0)
    return load


def drifting(rng: np.random.Generator, days: int) -> Load:
    """A random walk."""
    steps = rng.normal(0, 0.01, days * DAY)
    walk = np.cumsum(steps)
    return np.asarray(np.exp(np.clip(walk - walk.mean(), -1.2, 1.2)), np.float64)


def flat(rng: np.random.Generator, days: int) -> Load:
    """Always the same, with noise."""
    return 1 + rng.normal(0, rng.uniform(0.02, 0.12), days * DAY)


SYNTHETIC: dict[str, Callable[[np.random.Generator, int], Load]] = {
    "diurnal": diurnal,
    "bursty": bursty,
    "batches": batches,
    "drifting": drifting,
    "flat": flat,
}


def recorded(path: Path) -> Load:
    """A real curve, between its samples in a straight line."""
    with path.open() as lines:
        values = [float(row["value"]) for row in csv.DictReader(lines)]
    samples = np.arange(len(values)) * 5
    return np.asarray(np.interp(np.arange(len(values) * 5), samples, np.maximum(values, 0.0)), np.float64)


def scaled(load: Load, peak: float) -> Load:
    """The same curve with its highest ten minutes at a peak."""
    smooth = np.convolve(load, np.ones(10) / 10, "same")
    return np.maximum(load, 0.0) * peak / max(float(smooth.max()), 1e-9)
