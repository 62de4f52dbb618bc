"""What logging costs, and why: the cost read model."""

from .answers import Allocation, Anomaly, CostLine, Recommendation, Saving, Trend, TrendPoint, VolumeLine
from .model import CostModel
from .projection import CostProjection

__all__ = [
    "Allocation",
    "Anomaly",
    "CostLine",
    "CostModel",
    "CostProjection",
    "Recommendation",
    "Saving",
    "Trend",
    "TrendPoint",
    "VolumeLine",
]
