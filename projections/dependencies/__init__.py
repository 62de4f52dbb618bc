"""Service dependencies: a fold over log records, and the queries on what it keeps.

Evidence of a call is a parent span's id, a peer that a record names, or nesting within a trace. Flow logs (addresses
that an inventory resolves), calls of cloud APIs in audit logs and correlation of series are not used yet.
"""

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
