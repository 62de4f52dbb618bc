"""The parsers of this package, as the registry of formats takes them."""

from __future__ import annotations

from .apply_log_parser import TerraformApplyLogParser
from .plan_parser import TerraformPlanParser
from .state_parser import TerraformStateParser

PARSERS = (TerraformPlanParser(), TerraformApplyLogParser(), TerraformStateParser())
"""Most specific first."""
