"""Exports: events in the names of other schemas (Elastic Common Schema, OCSF), one by one or as JSON lines."""

from .ecs import ECS_VERSION, to_ecs
from .json_lines import EXPORTS, export
from .ocsf import OCSF_VERSION, to_ocsf

__all__ = ["ECS_VERSION", "EXPORTS", "OCSF_VERSION", "export", "to_ecs", "to_ocsf"]
