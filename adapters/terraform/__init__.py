"""Terraform: plans, apply logs and states become deployments and resource changes."""

from .apply_log_parser import TerraformApplyLogParser
from .parsers import PARSERS
from .plan_parser import TerraformPlanParser
from .run_of_file import Run, run_of
from .state_parser import TerraformStateParser

__all__ = ["PARSERS", "Run", "TerraformApplyLogParser", "TerraformPlanParser", "TerraformStateParser", "run_of"]
