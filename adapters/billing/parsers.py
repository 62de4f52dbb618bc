"""The parsers of this package, the most specific first: FOCUS rows also hold columns of their provider."""

from __future__ import annotations

from ..parser import Parser
from .aws_cur_parser import AwsCurParser
from .azure_cost_parser import AzureCostParser
from .focus_parser import FocusParser
from .gcp_billing_parser import GcpBillingParser

PARSERS: tuple[Parser, ...] = (FocusParser(), AwsCurParser(), AzureCostParser(), GcpBillingParser())
"""Tried in this order."""
