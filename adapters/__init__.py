"""Adapters: sources and parsers that turn what three clouds write into events, and `ingest` that stores them."""

from .attributes import attributes_of
from .claims import Claim, Conflict, claims_of, conflicts, conflicts_of
from .exports import export, to_ecs, to_ocsf
from .files import FileSource
from .follow import follow
from .ingest import ingest
from .ingest_report import IngestReport, SourceReport
from .installed_formats import UnusableFormatWarning
from .parser import Parser, Sample, UnreadableRecordError
from .pipeline import Pipeline
from .records import Origin, Records
from .registry import Registry
from .source import Source, SourceChunk

__all__ = [
    "Claim",
    "Conflict",
    "FileSource",
    "IngestReport",
    "Origin",
    "Parser",
    "Pipeline",
    "Records",
    "Registry",
    "Sample",
    "Source",
    "SourceChunk",
    "SourceReport",
    "UnreadableRecordError",
    "UnusableFormatWarning",
    "attributes_of",
    "claims_of",
    "conflicts",
    "conflicts_of",
    "export",
    "follow",
    "ingest",
    "to_ecs",
    "to_ocsf",
]
