"""Join the parts of entries that a carrier or a container runtime split, before anything else reads them as whole.

A step of the pipeline behind the parsers, which flag parts as PARTIAL. Parts wait, in this chunk and the following,
until their entry is complete; then one event takes their place, read anew from the joined record: its id is made of the
ids of its parts, its size is the sum of theirs, its context says how many there were (`parts`). What stays incomplete
is given as the parts that came, each an event of its own, flagged PARTIAL, with its group in the context (`part_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.event_id import event_id, id_bytes, id_column
from ...domain.events import Flag, Kind
from ..records import Origin, Records, decode_context
from .entry_parts import Part, joined_body, part_of
from .trace_states import MAX_GAP_NS

MAX_PARTS: Final = 4096
"""Parts that wait at most. Chosen: 64 MiB of 16 KiB parts; more are no entry but a carrier that lost its marks."""

_CLOUDWATCH: Final = "aws.cloudwatch_logs"

Parse = Callable[[Records], list[EventBatch]]
Key = tuple[str, ...]


@dataclass
class _Held:
    """A part that waits: its event as a batch of one row, what the parser read, and its place."""

    event: EventBatch
    body: bytes
    part: Part
    origin: Origin

    @property
    def at_ns(self) -> int:
        return int(self.event.occurred_at[0])

    @property
    def id(self) -> bytes:
        return id_bytes(*self.event.event_id[0].tolist())


@dataclass
class EntryJoiner:
    """Holds the parts of one source's open entries.

    >>> from ..pipeline import Pipeline
    >>> lines = [b"2026-11-20T10:00:00Z stdout P INFO one ", b"2026-11-20T10:00:00Z stdout F line"]
    >>> [batch] = Pipeline().parse(Records.of(lines, Origin("a.log")))
    >>> batch[0].payload, batch[0].context
    (b'2026-11-20T10:00:00Z stdout F INFO one line', '{"stream":"stdout","parts":2}')
    """

    waiting: dict[Key, list[_Held]] = field(default_factory=dict)

    def join(self, batch: EventBatch, origin: Origin, parse: Parse) -> list[EventBatch]:
        """Return a batch in which whole entries stand for their parts; parts of open ones are held back.

        Args:
            batch: events in order.
            origin: where they come from.
            parse: reads a joined record.
        """
        partial = (batch.flags & Flag.PARTIAL) != 0
        if not partial.any() and not self.waiting:
            return [batch]
        gone: set[int] = set()
        made: list[tuple[int, EventBatch]] = []
        for row in self._rows(batch, partial):
            held = self._held(batch, row, origin)
            key = self._key(batch, row, held.part, origin)
            if not partial[row] and key not in self.waiting:
                continue
            gone.add(row)
            made += [(row, event) for event in self._take(key, held, bool(partial[row]), parse)]
        return _replaced(batch, gone, made)

    def finish(self) -> list[EventBatch]:
        """Return the parts of all entries that are still open."""
        parts = [_named(held, key) for key, waiting in self.waiting.items() for held in waiting]
        self.waiting = {}
        return parts

    def _rows(self, batch: EventBatch, partial: Any) -> list[int]:
        """Return the rows that may be parts or end an entry, in the order in which they were written."""
        writers = batch.context.codes.astype(np.int64) * len(batch.resource.values) + batch.resource.codes
        concerned = np.isin(writers, np.unique(writers[partial]))
        for key in self.waiting:
            if len(key) == 3:
                context, resource = batch.context.dictionary.find(key[1]), batch.resource.dictionary.find(key[2])
                if context is not None and resource is not None:
                    concerned |= writers == context * len(batch.resource.values) + resource
        rows = np.flatnonzero(concerned)
        unset = bool((batch.flags[rows] & Flag.TIME_UNSET).any())
        times = np.zeros(len(rows), np.int64) if unset else batch.occurred_at[rows]
        order: list[int] = rows[np.lexsort((rows, times))].tolist()
        return order

    def _held(self, batch: EventBatch, row: int, origin: Origin) -> _Held:
        body = _body(batch.payload[row], batch.context[row])
        return _Held(batch.take(np.array([row])), body, part_of(body), origin)

    def _key(self, batch: EventBatch, row: int, part: Part, origin: Origin) -> Key:
        if part.group:
            return (part.group,)
        context, resource = batch.context[row], batch.resource[row]
        return ("" if context or resource else origin.object_key, context, resource)

    def _take(self, key: Key, held: _Held, is_part: bool, parse: Parse) -> list[EventBatch]:
        """Take a part or the end of an entry; return the whole where it is complete, else what cannot wait."""
        waiting = self.waiting.setdefault(key, [])
        given: list[EventBatch] = []
        if waiting and not held.part.group and abs(held.at_ns - waiting[-1].at_ns) > MAX_GAP_NS:
            given = [_named(one, key) for one in waiting]
            waiting.clear()
            if not is_part:
                del self.waiting[key]
                return [*given, held.event]
        if all(one.id != held.id for one in waiting):
            waiting.append(held)
        if _is_complete(waiting, is_part):
            del self.waiting[key]
            return [*given, *_whole(sorted(waiting, key=lambda one: one.part.place), key, parse)]
        if sum(map(len, self.waiting.values())) > MAX_PARTS:
            given += self.finish()
        return given


def _is_complete(waiting: Sequence[_Held], is_part: bool) -> bool:
    """Say whether all parts are there: by their total, by their numbers up to the last, or by a line that ends them."""
    last = waiting[-1].part
    if not last.group:
        return not is_part
    numbers = {held.part.place for held in waiting}
    total = last.total or next((held.part.place + 1 for held in waiting if held.part.last), 0)
    return total > 0 and numbers >= set(range(total))


def _whole(parts: Sequence[_Held], key: Key, parse: Parse) -> list[EventBatch]:
    """Return the event of a joined entry; where its record cannot be read as one, the parts."""
    first = parts[0]
    body = joined_body([part.body for part in parts])
    context = {**decode_context(first.event.context[0]), "parts": len(parts)}
    own_id = event_id("joined", *[part.id.hex() for part in parts])
    records = Records(
        payloads=[_payload(first.event.payload[0], context, body)],
        bodies=[body],
        origin=first.origin,
        offsets=np.zeros(1, np.int64),
        ordinals=np.zeros(1, np.int64),
        context=StringColumn.constant(msgspec.json.encode(context).decode(), 1),
        ids=id_column(own_id),
        occurred_at=np.array([first.at_ns]),
    )
    events = EventBatch.concat(parse(records))
    if len(events) != 1 or events.kind[0] != Kind.LOG_RECORDED:
        return [_named(part, key) for part in parts]
    size = sum(int(part.event.size_bytes[0]) for part in parts)
    flags = events.flags & ~np.uint8(Flag.PARTIAL)
    return [events.with_columns(flags=flags, size_bytes=np.array([size]), event_id=id_column(own_id))]


def _named(held: _Held, key: Key) -> EventBatch:
    """Return a part as an event that says of which entry it is a part."""
    if not held.part.group or not held.event.flags[0] & Flag.PARTIAL:
        return held.event
    context = {**decode_context(held.event.context[0]), "part_of": key[0]}
    return held.event.with_columns(context=msgspec.json.encode(context).decode())


def _replaced(batch: EventBatch, gone: set[int], made: Sequence[tuple[int, EventBatch]]) -> list[EventBatch]:
    """Return a batch without the rows that are gone, and what was made of them in the place of the last."""
    if not gone:
        return [batch]
    kept = np.array([row for row in range(len(batch)) if row not in gone], np.int64)
    batches = [batch.take(kept), *(event for _, event in made)]
    places = np.concatenate([kept, *(np.full(len(event), row, np.int64) for row, event in made)])
    joined = EventBatch.concat(batches)
    return [joined.take(np.argsort(places, kind="stable"))] if len(joined) else []


def _body(payload: bytes, context: str) -> bytes:
    """Return what the parser read of a payload."""
    if decode_context(context).get("envelope") != _CLOUDWATCH:
        return payload
    return str(msgspec.json.decode(payload)["message"]).encode("utf-8", "replace")


def _payload(first: bytes, context: dict[str, Any], body: bytes) -> bytes:
    """Return what is stored of a joined record: in CloudWatch Logs the log event around it."""
    if context.get("envelope") != _CLOUDWATCH:
        return body
    return msgspec.json.encode({**msgspec.json.decode(first), "message": body.decode("utf-8", "replace")})
