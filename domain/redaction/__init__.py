"""Take secrets out of log text before it is stored: an event cannot be edited later."""

from .redactor import Redactor
from .rules import DEFAULT_RULES, REDACTED, RedactionRule

__all__ = ["DEFAULT_RULES", "REDACTED", "RedactionRule", "Redactor"]
