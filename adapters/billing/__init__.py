"""Billing exports of three clouds as CostRecorded events in FOCUS terms."""

from .aws_cur_parser import AwsCurParser
from .azure_cost_parser import AzureCostParser
from .focus_parser import FocusParser
from .gcp_billing_parser import GcpBillingParser
from .parsers import PARSERS

__all__ = ["PARSERS", "AwsCurParser", "AzureCostParser", "FocusParser", "GcpBillingParser"]
