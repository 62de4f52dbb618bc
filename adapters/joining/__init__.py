"""What belongs together although it came as many records: lines of one stack trace, parts of one entry."""

from .entry_joiner import EntryJoiner
from .trace_links import TraceLinker, head_of
from .whole_trace import whole_trace

__all__ = ["EntryJoiner", "TraceLinker", "head_of", "whole_trace"]
