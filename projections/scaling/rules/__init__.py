"""The rules that find what is wrong with how a group scales: one file per concern."""

from .rule import Finding, Rule, dense_windows
from .rule_set import RULES, find_anomalies

__all__ = ["RULES", "Finding", "Rule", "dense_windows", "find_anomalies"]
