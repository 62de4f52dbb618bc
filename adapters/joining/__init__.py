"""What belongs together although it came as many records: lines of one stack trace, parts of one entry."""

from .trace_links import TraceLinker, head_of

__all__ = ["TraceLinker", "head_of"]
