"""Service dependencies: a fold over log records, and the queries on what it keeps."""

from .cascades import Cascade, CascadeLink, CascadeStep
from .evidence import EvidenceRow
from .impact import Impact, Impacted
from .model import DependenciesModel
from .projection import DependenciesProjection
from .root_causes import Reason, RootCause, RootCauses
from .service_graph import Edge, Service, ServiceGraph

__all__ = [
    "Cascade",
    "CascadeLink",
    "CascadeStep",
    "DependenciesModel",
    "DependenciesProjection",
    "Edge",
    "EvidenceRow",
    "Impact",
    "Impacted",
    "Reason",
    "RootCause",
    "RootCauses",
    "Service",
    "ServiceGraph",
]
