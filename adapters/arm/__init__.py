"""What Azure Resource Manager tells of deployments (of ARM templates and Bicep files) and of their operations."""

from .deployments_parser import DeploymentsParser
from .kept_fields import without_values

__all__ = ["DeploymentsParser", "without_values"]
