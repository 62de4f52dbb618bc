"""Domain: events, batches, identities, units and errors. Pure: no I/O, no clock, no SDK, nothing of other layers."""

from .batch import EventBatch
from .batch_rows import batch_of
from .columns import BytesColumn, RaggedColumn, StringColumn
from .dictionary import Dictionary
from .errors import (
    CloudledgerError,
    ColumnNotReadError,
    FencedWriterError,
    InvalidArgumentError,
    LedgerError,
    MissingExtraError,
    NewerFormatError,
    NotALedgerError,
    ObjectStoreError,
    ReadOnlyLedgerError,
    SegmentDamageError,
    SourceNotFoundError,
    StreamLockedError,
    UnknownCheckpointError,
    UnknownReferenceError,
    UploadConflictError,
    WriterPoisonedError,
)
from .event_id import event_id
from .events import (
    AnyEvent,
    CostRecorded,
    DeploymentRecorded,
    Event,
    Flag,
    Kind,
    LogRecorded,
    MetricRecorded,
    PeerRole,
    RecordRejected,
    ResourceChanged,
    ScalingRecorded,
    SourceObserved,
)
from .identity import find_identifiers, identifiers_of, normalise_resource, same_resource
from .redaction import RedactionRule, Redactor
from .reference import Position, StreamId, format_reference, parse_reference
from .severity import Severity
from .timestamps import parse_timestamp_ns, to_datetime, to_instant_ns
from .trace_context import TraceContext, parse_trace_context

__all__ = [
    "AnyEvent",
    "BytesColumn",
    "CloudledgerError",
    "ColumnNotReadError",
    "CostRecorded",
    "DeploymentRecorded",
    "Dictionary",
    "Event",
    "EventBatch",
    "FencedWriterError",
    "Flag",
    "InvalidArgumentError",
    "Kind",
    "LedgerError",
    "LogRecorded",
    "MetricRecorded",
    "MissingExtraError",
    "NewerFormatError",
    "NotALedgerError",
    "ObjectStoreError",
    "PeerRole",
    "Position",
    "RaggedColumn",
    "ReadOnlyLedgerError",
    "RecordRejected",
    "RedactionRule",
    "Redactor",
    "ResourceChanged",
    "ScalingRecorded",
    "SegmentDamageError",
    "Severity",
    "SourceNotFoundError",
    "SourceObserved",
    "StreamId",
    "StreamLockedError",
    "StringColumn",
    "TraceContext",
    "UnknownCheckpointError",
    "UnknownReferenceError",
    "UploadConflictError",
    "WriterPoisonedError",
    "batch_of",
    "event_id",
    "find_identifiers",
    "format_reference",
    "identifiers_of",
    "normalise_resource",
    "parse_reference",
    "parse_timestamp_ns",
    "parse_trace_context",
    "same_resource",
    "to_datetime",
    "to_instant_ns",
]
