"""The port between raw records and events: one parser per format.

A parser is straight-line code over a chunk of one format: typed decode, column extraction, `EventBatch.build`. It
raises on what it cannot read; the pipeline then separates the bad records from the good ones, so that no parser
handles mixtures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from ..domain.batch import EventBatch
from ..domain.errors import CloudledgerError
from .records import Origin, Records
from .tolerant_json import read_json


class UnreadableRecordError(CloudledgerError, ValueError):
    """A record of the chunk is not of the parser's format; the pipeline finds out which."""


@dataclass(frozen=True)
class Sample:
    """One record shown to recognisers."""

    body: bytes
    context: Mapping[str, Any]
    origin: Origin

    @cached_property
    def value(self) -> Any:
        """The body decoded as JSON (single broken characters are replaced), else None."""
        try:
            return read_json(self.body)
        except ValueError:
            return None

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body's JSON object, else an empty mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What recognisers of one family found out about the record, so that none of them does it again."""
        return {}

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class Parser(Protocol):
    """Turns records of one format into events.

    `parse` keeps the number and order of records for log formats (one LogRecorded each); formats of facts (plans,
    scaling, billing) may give any number of events. It raises any exception for a chunk that is not wholly of its
    format; it must be pure: the same records give the same batch, `recorded_at` stays 0.
    """

    format: str

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of this format, from its content and context."""
        ...

    def parse(self, records: Records) -> EventBatch:
        """Return the events of a chunk."""
        ...

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names, decoded on demand."""
        ...
