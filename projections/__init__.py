"""Folds, read models and queries: every answer is folded from events."""

from .catch_up import catch_up
from .contents import LedgerContents, contents_of
from .cost import CostModel, CostProjection
from .dependencies import DependenciesModel, DependenciesProjection
from .following import follow_models
from .incident import IncidentSummary, SuspectedService, summarise_incident
from .models import ReadModels, default_projections
from .projection import Projection
from .replay import replay
from .scaling import ScalingModel, ScalingProjection
from .timeline import TimelineModel, TimelineProjection

__all__ = [
    "CostModel",
    "CostProjection",
    "DependenciesModel",
    "DependenciesProjection",
    "IncidentSummary",
    "LedgerContents",
    "Projection",
    "ReadModels",
    "ScalingModel",
    "ScalingProjection",
    "SuspectedService",
    "TimelineModel",
    "TimelineProjection",
    "catch_up",
    "contents_of",
    "default_projections",
    "follow_models",
    "replay",
    "summarise_incident",
]
