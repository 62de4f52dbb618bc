"""The timeline: deployments, resource changes, and the log events behind them, both ways."""

from .answers import Change, Deployment, Link, LinkedEvents, ManagedResource, Suspect
from .model import TimelineModel
from .projection import TimelineProjection

__all__ = [
    "Change",
    "Deployment",
    "Link",
    "LinkedEvents",
    "ManagedResource",
    "Suspect",
    "TimelineModel",
    "TimelineProjection",
]
