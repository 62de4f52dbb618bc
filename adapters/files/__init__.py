"""Files as a source: discovery, decompression, framing into records, a cursor per stream."""

from .file_source import FileSource

__all__ = ["FileSource"]
