"""Scaling: what the autoscalers decided, tried and could not do, and what is wrong with it."""

from .answers import Anomaly, CapacityWeek, Correlation, Failure, Lag, ScalingGroup, ScalingStep
from .model import ScalingModel
from .projection import ScalingProjection

__all__ = [
    "Anomaly",
    "CapacityWeek",
    "Correlation",
    "Failure",
    "Lag",
    "ScalingGroup",
    "ScalingModel",
    "ScalingProjection",
    "ScalingStep",
]
