"""From raw records to event batches: redact, route by content, peel envelopes, parse in chunks.

A chunk is tried as a whole with the route of its first record; only when that fails are its records looked at one by
one. Whatever no parser can read becomes a RecordRejected: nothing raises out of here, nothing is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.events import Flag, RecordRejected
from ..domain.redaction import Redactor
from .envelope import Envelope
from .joining.entry_joiner import EntryJoiner
from .joining.line_marks import marks_of, without_marks
from .joining.trace_links import TraceLinker
from .json_lists import split_documents
from .parser import Sample
from .record_shape import shape_of
from .records import Records, decode_context
from .redact_records import redact_records
from .registry import Registry, Route
from .rejection import reject_records

MAX_DEPTH = 12
"""Envelopes within envelopes. Chosen: real carriers nest four deep; hostile ones must end."""

MAX_ROUTES = 16_384
"""Routes that are remembered. A cache only; chosen: some thousand log streams of a few shapes each."""

Rows = npt.NDArray[np.int64]


@dataclass
class Pipeline:
    """Turns records into batches; counts what was redacted.

    >>> from .records import Origin
    >>> [batch] = Pipeline().parse(Records.of([b'{"level":"error","msg":"no"}'], Origin("a.log")))
    >>> batch.format[0], int(batch.severity[0])
    ('app.json', 17)
    """

    registry: Registry = field(default_factory=Registry)
    redactor: Redactor = field(default_factory=Redactor)
    redacted: Counter[str] = field(default_factory=Counter)
    routes: dict[Hashable, Route] = field(default_factory=dict)
    joiner: EntryJoiner = field(default_factory=EntryJoiner)
    linker: TraceLinker = field(default_factory=TraceLinker)

    def parse(self, records: Records, *, more: bool = False) -> list[EventBatch]:
        """Return the events of a chunk of records of one object.

        Args:
            records: the chunk.
            more: whether other chunks follow, so that parts of split entries may wait for them; `finish` gives what
                waited in vain.
        """
        batches = self._parse(self._redact(records), 0) if len(records) else []
        timed = [_timed(batch, records.origin.observed_at) for batch in batches if len(batch)]
        whole = [one for batch in timed for one in self.joiner.join(batch, records.origin, self._parse_joined)]
        linked = [self.linker.link(batch, records.origin.object_key) for batch in whole]
        return linked if more else [*linked, *self.finish()]

    def finish(self, *, but: tuple[int, int] | None = None) -> list[EventBatch]:
        """Return the parts of split entries that are still incomplete, as events of their own.

        Those written and read within the span of time `but` are left: their rest may yet come.
        """
        parts = self.joiner.finish(but=but)
        return [batch.with_columns(flags=without_marks(batch.flags)) for batch in parts]

    @property
    def is_waiting(self) -> bool:
        """Whether parts of split entries wait for others."""
        return bool(self.joiner.waiting)

    def _parse_joined(self, records: Records) -> list[EventBatch]:
        """Read a record joined of redacted parts: a secret may have been cut in two."""
        return self._parse(self._redact(records), 1)

    def without_secrets(self, rejected: Sequence[RecordRejected]) -> list[RecordRejected]:
        """Return rejected pieces of a source, redacted."""
        return [msgspec.structs.replace(event, payload=self._redact_bytes(event.payload)) for event in rejected]

    def _redact_bytes(self, payload: bytes) -> bytes:
        clean, counts = self.redactor.redact(payload)
        self.redacted.update(counts)
        return clean

    def _redact(self, records: Records) -> Records:
        records, counts = redact_records(records, self.redactor)
        self.redacted.update(counts)
        return records

    def _parse(self, records: Records, depth: int) -> list[EventBatch]:
        """Parse records of any formats."""
        contexts = self._contexts(records)
        groups = self._groups(records, contexts)
        if len(groups) == 1:
            return self._attempt(groups[0][0], records, depth)
        parts = [(rows, self._attempt(route, records.take(rows), depth)) for route, rows in groups]
        # Records of several log streams have no order among each other that is worth a copy,
        # but where lines of one stream went to several parsers and some belong to a stack trace.
        if len(contexts) > 1 and not any(marks_of(batch).any() for _, own in parts for batch in own):
            return [batch for _, own in parts for batch in own]
        return _in_order(parts, len(records))

    def _contexts(self, records: Records) -> list[Rows]:
        """Return the rows of each distinct context: records of one log stream are of one format."""
        codes = records.context.codes
        if not len(codes) or (codes == codes[0]).all():
            return [np.arange(len(records), dtype=np.int64)]
        order = np.argsort(codes, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)

    def _groups(self, records: Records, parts: list[Rows]) -> list[tuple[Route, Rows]]:
        """Return the route of each part, told by its first record; parts of one route are joined."""
        joined: dict[int, tuple[Route, list[Rows]]] = {}
        for rows in parts:
            route = self._route(records, int(rows[0]))
            if self.registry.is_generic(route) and len(rows) > 1:
                for own, own_rows in self._each(records, rows):
                    joined.setdefault(id(own), (own, []))[1].append(own_rows)
            else:
                joined.setdefault(id(route), (route, []))[1].append(rows)
        return [(route, np.sort(np.concatenate(rows))) for route, rows in joined.values()]

    def _each(self, records: Records, rows: Rows) -> list[tuple[Route, Rows]]:
        """Return the route of every single record."""
        routes: dict[int, tuple[Route, list[int]]] = {}
        for row in rows.tolist():
            route = self._route(records, row)
            routes.setdefault(id(route), (route, []))[1].append(row)
        return [(route, np.array(own, np.int64)) for route, own in routes.values()]

    def _route(self, records: Records, row: int) -> Route:
        """Return the route of a record; records of one file name, context and shape share theirs."""
        key = (records.origin.file_name, records.context[row], shape_of(records.bodies[row]))
        if (route := self.routes.get(key)) is None:
            if len(self.routes) >= MAX_ROUTES:
                self.routes.clear()
            route = self.routes[key] = self.registry.route(_sample(records, row))
        return route

    def _attempt(self, route: Route, records: Records, depth: int) -> list[EventBatch]:
        """Parse records of one route; on failure find out which of them are not of it."""
        try:
            return self._run(route, records, depth)
        except Exception as error:  # whatever a parser raises, the records must not be lost
            if len(records) == 1:
                fresh = self.registry.route(_sample(records, 0))
                return self._single(records, error, depth) if fresh is route else self._attempt(fresh, records, depth)
        groups = self._each(records, np.arange(len(records), dtype=np.int64))
        if len(groups) == 1 and groups[0][0] is route:
            half = len(records) // 2
            groups = [(route, np.arange(half, dtype=np.int64)), (route, np.arange(half, len(records), dtype=np.int64))]
        return _in_order([(rows, self._attempt(own, records.take(rows), depth)) for own, rows in groups], len(records))

    def _run(self, route: Route, records: Records, depth: int) -> list[EventBatch]:
        if not isinstance(route, Envelope):
            batch = route.parse(records)
            if not isinstance(batch, EventBatch):  # a parser of another distribution may give anything
                raise TypeError(f"the parser of {route.format} gave a {type(batch).__name__}, no EventBatch")
            return [batch]
        if depth >= MAX_DEPTH:
            raise ValueError(f"envelopes nest deeper than {MAX_DEPTH}")
        peeled = route.peel(records)
        if not len(peeled):
            return []
        return self._parse(self._redact(peeled) if route.decodes else peeled, depth + 1)

    def _single(self, records: Records, error: Exception, depth: int) -> list[EventBatch]:
        """Read what can be read of one record that its own parser refused."""
        if depth < MAX_DEPTH and len(parts := _split(records)) > 1:
            return self._parse(parts, depth + 1)
        for parser in self.registry.generic:
            try:
                if parser.recognises(_sample(records, 0)):
                    return [parser.parse(records)]
            except Exception:
                continue
        return [reject_records(records, str(error) or type(error).__name__)]


def _sample(records: Records, row: int) -> Sample:
    return Sample(records.bodies[row], decode_context(records.context[row]), records.origin)


def _split(records: Records) -> Records:
    """Return the lines or documents that a record holds."""
    pieces = split_documents(records.bodies[0])
    count = len(pieces)
    rows = np.zeros(count, np.int64)
    return replace(
        records.take(rows),
        payloads=pieces,
        bodies=pieces,
        ordinals=records.ordinals[rows] * 1_000_003 + np.arange(count),
        ids=None,
    )


def _timed(batch: EventBatch, observed_at: int) -> EventBatch:
    """Give events without a readable time the time at which their object was written."""
    unset = (batch.flags & Flag.TIME_UNSET) != 0
    if not unset.any():
        return batch
    return batch.with_columns(occurred_at=np.where(unset & (batch.occurred_at == 0), observed_at, batch.occurred_at))


def _in_order(parts: list[tuple[Rows, list[EventBatch]]], count: int) -> list[EventBatch]:
    """Return the batches in the order of the records, where each record gave one event."""
    batches = [batch for _, group in parts for batch in group]
    if any(sum(map(len, group)) != len(rows) for rows, group in parts):
        return batches
    order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
    return [EventBatch.concat(batches).take(order)] if count else []
