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
from .entry_parts import Part, joined_body, part_of, starts_anew
from .trace_states import MAX_GAP_NS

MAX_PARTS: Final = 4096
"""Parts that wait at most. Chosen: 64 MiB of 16 KiB parts; more are no entry but a carrier that lost its marks."""

MAX_JOINED: Final = 1 << 16
"""Ids of joined parts that are remembered at most. Chosen: 3 MiB; the overlap of a busy source has some thousand."""

HOLD_NS: Final = MAX_GAP_NS
"""Parts younger than this may get their rest by the next poll of a source that reads them again."""

_CLOUDWATCH: Final = "aws.cloudwatch_logs"

Parse = Callable[[Records], list[EventBatch]]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """A part that waits: its event (a row of a batch), what the parser read, and its place."""

    batch: EventBatch
    row: int
    part: Part
    origin: Origin

    @property
    def at_ns(self) -> int:
        return int(self.batch.occurred_at[self.row])

    @property
    def id(self) -> bytes:
        return id_bytes(*self.batch.event_id[self.row].tolist())

    @property
    def context(self) -> str:
        return self.batch.context[self.row]

    @property
    def payload(self) -> bytes:
        return self.batch.payload[self.row]

    def is_of(self, since_ns: int, until_ns: int) -> bool:
        """Say whether it was written, and read, within a span of time."""
        return since_ns <= min(self.at_ns, self.origin.observed_at) and self.at_ns <= until_ns

    def event(self) -> EventBatch:
        """Return the part as an event that says of which entry it is a part."""
        own = self.batch.take(np.array([self.row]))
        if self.part.guessed and own.flags[0] & Flag.PARTIAL:
            flags = (own.flags & ~np.uint8(Flag.PARTIAL)) | np.uint8(Flag.TRUNCATED)
            return own.with_columns(flags=flags)
        if not self.part.group or not own.flags[0] & Flag.PARTIAL:
            return own
        context = {**decode_context(self.context), "part_of": self.part.group}
        return own.with_columns(context=msgspec.json.encode(context).decode())


@dataclass
class _Outcome:
    """What became of a batch's parts: rows that are gone, what stands for them, what is whole, and what was cut off."""

    gone: set[int] = field(default_factory=set)
    cut: list[int] = field(default_factory=list)
    given: list[tuple[list[int], EventBatch]] = field(default_factory=list)
    whole: list[tuple[int, list[_Held]]] = field(default_factory=list)


@dataclass
class EntryJoiner:
    """Holds the parts of one source's open entries.

    Attributes:
        waiting: the parts, by entry.
        remembers: whether records come again from poll to poll, at first from anywhere within an entry: what was joined
            is then left out, as the rest of an entry is no entry.

    >>> from ..pipeline import Pipeline
    >>> lines = [b"2026-11-20T10:00:00Z stdout P INFO one ", b"2026-11-20T10:00:00Z stdout F line"]
    >>> [batch] = Pipeline().parse(Records.of(lines, Origin("a.log")))
    >>> batch[0].payload, batch[0].context
    (b'2026-11-20T10:00:00Z stdout F INFO one line', '{"stream":"stdout","parts":2}')
    """

    waiting: dict[Key, list[_Held]] = field(default_factory=dict)
    remembers: bool = False
    _joined: dict[bytes, None] = field(default_factory=dict)

    def join(self, batch: EventBatch, origin: Origin, parse: Parse) -> list[EventBatch]:
        """Return a batch in which whole entries stand for their parts; parts of open ones are held back.

        Args:
            batch: events in order.
            origin: where they come from.
            parse: reads joined records.
        """
        batch = self._without_joined(batch)
        partial = (batch.flags & Flag.PARTIAL) != 0
        if not partial.any() and not self.waiting:
            return [batch]
        outcome = _Outcome()
        for row in self._rows(batch, partial):
            is_part = bool(partial[row])
            part = part_of(_body(batch.payload[row], batch.context[row])) if is_part else Part()
            key = _key(batch, row, part, origin)
            if is_part or key in self.waiting:
                self._take(key, _Held(batch, row, part, origin), is_part, outcome)
        self._remember(outcome.whole)
        made = [*outcome.given, *_read_whole(outcome.whole, parse)]
        return _replaced(_with_cut(batch, outcome.cut), outcome.gone, made)

    def finish(self, *, but: tuple[int, int] | None = None) -> list[EventBatch]:
        """Return the parts of all entries that are still open, but for those written and read within a span of time."""
        over = [key for key, held in self.waiting.items() if but is None or not all(one.is_of(*but) for one in held)]
        return [held.event() for key in over for held in self.waiting.pop(key)]

    def _remember(self, whole: Sequence[tuple[int, list[_Held]]]) -> None:
        """Note the parts of whole entries, where they come again; forget the oldest of too many."""
        if self.remembers:
            self._joined.update(dict.fromkeys(held.id for _, parts in whole for held in parts))
            for old in list(self._joined)[: max(0, len(self._joined) - MAX_JOINED)]:
                del self._joined[old]

    def _without_joined(self, batch: EventBatch) -> EventBatch:
        """Return a batch without the records that are stored within a joined one."""
        if not self._joined or not len(batch):
            return batch
        known = id_column(b"".join(self._joined))
        rows = np.flatnonzero(np.isin(batch.event_id[:, 0], known[:, 0]))
        again = [row for row in rows.tolist() if id_bytes(*batch.event_id[row].tolist()) in self._joined]
        return batch.take(np.setdiff1d(np.arange(len(batch)), again)) if again else batch

    def _rows(self, batch: EventBatch, partial: Any) -> list[int]:
        """Return the rows that may be parts or end an entry, in the order in which they were written.

        Those are the parts, what follows a part of the same writer, and the first of a writer whose parts wait.
        """
        writers = batch.context.codes.astype(np.int64) * len(batch.resource.values) + batch.resource.codes
        expected = self._expected_writers(batch)
        rows = np.flatnonzero(np.isin(writers, np.concatenate([np.unique(writers[partial]), expected])))
        unset = bool((batch.flags[rows] & Flag.TIME_UNSET).any())
        times = np.zeros(len(rows), np.int64) if unset else batch.occurred_at[rows]
        order = np.lexsort((rows, times, writers[rows]))
        own, is_part = writers[rows][order], partial[rows][order]
        starts = np.append(True, own[1:] != own[:-1])[: len(own)]
        concerned = is_part | (starts & np.isin(own, expected))
        concerned[1:] |= is_part[:-1] & ~starts[1:]
        chosen = order[concerned]
        written: list[int] = rows[chosen[np.lexsort((rows[chosen], times[chosen]))]].tolist()
        return written

    def _expected_writers(self, batch: EventBatch) -> Any:
        """Return the numbers that writers with waiting parts have in a batch."""
        numbers = []
        for key in self.waiting:
            if len(key) == 3:
                context, resource = batch.context.dictionary.find(key[1]), batch.resource.dictionary.find(key[2])
                if context is not None and resource is not None:
                    numbers.append(context * len(batch.resource.values) + resource)
        return np.array(numbers, np.int64)

    def _take(self, key: Key, held: _Held, is_part: bool, outcome: _Outcome) -> None:
        """Take a part or the end of an entry."""
        waiting = self.waiting.setdefault(key, [])
        if waiting and not held.part.group and _is_other(waiting, held):
            self._give_up(waiting, held.batch, outcome)
            waiting.clear()
            if not is_part:
                del self.waiting[key]
                return
        outcome.gone.add(held.row)
        if all(one.id != held.id for one in waiting):
            waiting.append(held)
        if _is_complete(waiting, is_part):
            outcome.whole.append((held.row, sorted(waiting, key=lambda one: one.part.place)))
            del self.waiting[key]
        elif sum(map(len, self.waiting.values())) > MAX_PARTS:
            outcome.given += [([held.row], event) for event in self.finish()]

    def _give_up(self, waiting: Sequence[_Held], batch: EventBatch, outcome: _Outcome) -> None:
        """Give parts whose entry will not be whole; a guess of this batch stays where it is."""
        for one in waiting:
            if one.batch is batch and one.part.guessed:
                outcome.gone.discard(one.row)
                outcome.cut.append(one.row)
            else:
                outcome.given.append(([one.row if one.batch is batch else -1], one.event()))


def _with_cut(batch: EventBatch, rows: Sequence[int]) -> EventBatch:
    """Return a batch in which rows that looked like parts are lines whose rest is missing."""
    if not rows:
        return batch
    flags = batch.flags.copy()
    flags[rows] = flags[rows] & ~np.uint8(Flag.PARTIAL) | np.uint8(Flag.TRUNCATED)
    return batch.with_columns(flags=flags)


def _is_other(waiting: Sequence[_Held], held: _Held) -> bool:
    """Say whether a record is no part of what its writer left open: it came too late, or what was open was cut off."""
    if abs(held.at_ns - waiting[-1].at_ns) > MAX_GAP_NS:
        return True
    return waiting[-1].part.guessed and starts_anew(
        _body(held.payload, held.context), _body(waiting[0].payload, waiting[0].context)
    )


def _key(batch: EventBatch, row: int, part: Part, origin: Origin) -> Key:
    """Return the group that a part names, else the writer, whose parts follow each other."""
    if part.group:
        return (part.group,)
    context, resource = batch.context[row], batch.resource[row]
    return ("" if context or resource else origin.object_key, context, resource)


def _is_complete(waiting: Sequence[_Held], is_part: bool) -> bool:
    """Say whether all parts are there: by their total, by their numbers up to the last, or by a line that ends them."""
    last = waiting[-1].part
    if not last.group:
        return not is_part
    numbers = {held.part.place for held in waiting}
    total = last.total or next((held.part.place + 1 for held in waiting if held.part.last), 0)
    return total > 0 and numbers >= set(range(total))


def _read_whole(whole: Sequence[tuple[int, list[_Held]]], parse: Parse) -> list[tuple[list[int], EventBatch]]:
    """Return the events of joined entries; where a record cannot be read as one, its parts."""
    if not whole:
        return []
    entries = [parts for _, parts in whole]
    ids = [event_id("joined", *[part.id.hex() for part in parts]) for parts in entries]
    events = EventBatch.concat(parse(_records(entries, ids)))
    logs = np.flatnonzero(events.kind == Kind.LOG_RECORDED).tolist()
    places = {id_bytes(*events.event_id[place].tolist()): place for place in logs}
    read = [at for at, own_id in enumerate(ids) if own_id in places]
    made = [([row], part.event()) for at, (row, parts) in enumerate(whole) if ids[at] not in places for part in parts]
    joined = events.take(np.array([places[ids[at]] for at in read], np.int64))
    sizes = [sum(int(part.batch.size_bytes[part.row]) for part in entries[at]) for at in read]
    flags = joined.flags & ~np.uint8(Flag.PARTIAL)
    return [
        *made,
        ([whole[at][0] for at in read], joined.with_columns(flags=flags, size_bytes=np.array(sizes, np.int64))),
    ]


def _records(entries: Sequence[list[_Held]], ids: Sequence[bytes]) -> Records:
    """Return the joined records of entries."""
    contexts = [{**decode_context(parts[0].context), "parts": len(parts)} for parts in entries]
    bodies = [joined_body([_body(part.payload, part.context) for part in parts]) for parts in entries]
    firsts = [parts[0] for parts in entries]
    count = len(entries)
    return Records(
        payloads=[_payload(*one) for one in zip([part.payload for part in firsts], contexts, bodies, strict=True)],
        bodies=bodies,
        origin=firsts[0].origin,
        offsets=np.arange(count, dtype=np.int64),
        ordinals=np.zeros(count, np.int64),
        context=StringColumn.of([msgspec.json.encode(context).decode() for context in contexts]),
        ids=id_column(b"".join(ids)),
        occurred_at=np.array([part.at_ns for part in firsts], np.int64),
    )


def _replaced(batch: EventBatch, gone: set[int], made: Sequence[tuple[list[int], EventBatch]]) -> list[EventBatch]:
    """Return a batch without the rows that are gone, and what was made of them in the place of the last."""
    if not gone and not made:
        return [batch]
    kept = np.setdiff1d(np.arange(len(batch)), np.fromiter(gone, np.int64, len(gone)))
    places = np.concatenate([kept, *(np.array(rows, np.int64) for rows, _ in made)])
    if not len(places):
        return []
    rows = np.concatenate([kept, np.arange(len(batch), len(batch) + len(places) - len(kept))])
    joined = EventBatch.concat([batch, *(events for _, events in made)])
    return [joined.take(rows[np.argsort(places, kind="stable")])]


def _body(payload: bytes, context: str) -> bytes:
    """Return what the parser read of a payload."""
    if decode_context(context).get("envelope") != _CLOUDWATCH:
        return payload
    try:
        held = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, RecursionError):
        return payload
    message = held.get("message") if isinstance(held, dict) else None
    return message.encode("utf-8", "replace") if isinstance(message, str) else payload


def _payload(first: bytes, context: dict[str, Any], body: bytes) -> bytes:
    """Return what is stored of a joined record: in CloudWatch Logs the log event around it."""
    if context.get("envelope") != _CLOUDWATCH:
        return body
    return msgspec.json.encode({**msgspec.json.decode(first), "message": body.decode("utf-8", "replace")})
