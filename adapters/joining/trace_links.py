"""Link the lines of a stack trace that came as many records to the record that they go on with.

The last step of the pipeline. Every line stays an event of its own; one that goes on with another has the flag
CONTINUATION, and its `context` names the event id of the head as `continues` (32 hexadecimal digits). Lines are told
apart by their writer (log stream, or pod, container and output), so that writers may mix; what was open at the end of a
chunk goes on in the next. A head is never changed, and a line whose head was not seen becomes a head itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.dictionary import Dictionary
from ...domain.events import Event, Flag
from ..records import decode_context
from .line_marks import marks_of, without_marks
from .trace_states import Last, Mode, step

CONTINUES: Final = "continues"
"""Key of an event's context under which the id of its head stands."""

MAX_WRITERS: Final = 16_384
"""Writers whose last line is remembered. Chosen: more than the containers of a large cluster; a few MiB."""

KEPT_BATCHES: Final = 4
"""Chunks without a mark whose last lines can still become heads. Chosen: about as much as comes within the gap."""

_HEX: Final = "%016x%016x"

Writer = tuple[str, str, str]
Rows = npt.NDArray[np.int64]


def head_of(event: Event) -> str:
    """Return the event id (32 hexadecimal digits) of the record that an event goes on with, '' where it is its own.

    >>> head_of(Event(context='{"continues":"0123456789abcdef0123456789abcdef"}'))
    '0123456789abcdef0123456789abcdef'
    """
    return str(decode_context(event.context).get(CONTINUES, ""))


@dataclass
class TraceLinker:
    r"""Remembers the last line of each writer of one source.

    >>> from ..pipeline import Pipeline
    >>> from ..records import Origin, Records
    >>> lines = [b"ERROR c.Pay failed", b"java.io.IOException: closed", b"\tat a.B.c(B.java:7)"]
    >>> [batch] = Pipeline().parse(Records.of(lines, Origin("pay.log")))
    >>> [head_of(event) == batch[0].event_id.hex() for event in batch]
    [False, True, True]
    """

    writers: OrderedDict[Writer, Last] = field(default_factory=OrderedDict)
    _unread: list[tuple[EventBatch, str]] = field(default_factory=list)

    def link(self, batch: EventBatch, object_key: str) -> EventBatch:
        """Return a batch whose lines of stack traces name their head.

        Args:
            batch: events of one writer in order.
            object_key: where they come from; tells the writers of plain files.
        """
        marks = marks_of(batch)
        if not marks.any():
            self._unread = [*self._unread[1 - KEPT_BATCHES :], (batch, object_key)]
            return batch
        for earlier, key in self._unread:
            self._remember(_Lines.of(earlier, key), {})
        self._unread = []
        lines = _Lines.of(batch, object_key)
        heads, lasts = self._resolve(lines, marks)
        self._remember(lines, lasts)
        return _linked(batch, heads)

    def _resolve(self, lines: _Lines, marks: npt.NDArray[np.uint8]) -> tuple[dict[int, str], dict[int, Last]]:
        """Return the head of each row that has one, and the state after each marked place."""
        heads: dict[int, str] = {}
        after: dict[int, Last] = {}
        order, codes = lines.order, lines.codes
        for place in np.flatnonzero(marks[order]).tolist():
            row = int(order[place])
            is_first = place == 0 or codes[order[place - 1]] != codes[row]
            if is_first:
                last = self.writers.get(lines.writers[codes[row]])
            else:
                last = after.get(place - 1) or lines.own(int(order[place - 1]))
            goes_on, after[place] = step(last, int(marks[row]), lines.own(row))
            if goes_on and last is not None:
                heads[row] = last.head
        return heads, after

    def _remember(self, lines: _Lines, after: dict[int, Last]) -> None:
        """Keep the last line of each writer."""
        order = lines.order
        ends = np.flatnonzero(np.append(np.diff(lines.codes[order]) != 0, True)).tolist() if len(order) else []
        for place in ends:
            row = int(order[place])
            writer = lines.writers[lines.codes[row]]
            self.writers[writer] = after.get(place) or lines.own(row)
            self.writers.move_to_end(writer)
        while len(self.writers) > MAX_WRITERS:
            self.writers.popitem(last=False)


@dataclass
class _Lines:
    """The rows of a batch by writer: `order` sorts them by writer and, within one, as they were written."""

    batch: EventBatch
    codes: Rows
    writers: Sequence[Writer]
    order: Rows

    @classmethod
    def of(cls, batch: EventBatch, object_key: str) -> _Lines:
        contexts, resources = batch.context, batch.resource
        pairs = contexts.codes.astype(np.int64) * len(resources.values) + resources.codes
        distinct, codes = np.unique(pairs, return_inverse=True)
        places = [divmod(pair, len(resources.values)) for pair in distinct.tolist()]
        writers = [
            (
                object_key if not (context or resource) else "",
                _stream_of(contexts.values[context]),
                resources.values[resource],
            )
            for context, resource in places
        ]
        numbers = {writer: number for number, writer in enumerate(dict.fromkeys(writers))}
        codes = np.array([numbers[writer] for writer in writers], np.int64)[codes]
        return cls(batch, codes, list(numbers), _written_order(batch, codes, len(numbers)))

    def own(self, row: int) -> Last:
        """Return a row as the head of what may follow it."""
        batch = self.batch
        at_ns = 0 if batch.flags[row] & Flag.TIME_UNSET else int(batch.occurred_at[row])
        return Last(_HEX % tuple(batch.event_id[row].tolist()), at_ns, int(batch.severity[row]), Mode.PLAIN)


def _stream_of(context: str) -> str:
    """Return the context that all lines of a writer share: without what is said of one entry only."""
    if '"parts":' not in context:
        return context
    fields = {name: value for name, value in decode_context(context).items() if name != "parts"}
    return msgspec.json.encode(fields).decode() if fields else ""


def _written_order(batch: EventBatch, codes: Rows, count: int) -> Rows:
    """Return the rows by writer, as they came; by time where that was not the order of time.

    An export may be newest first, or mixed. Small steps back are the jitter of clocks and no reason to sort.
    """
    order = np.argsort(codes, kind="stable")
    times = batch.occurred_at[order]
    steps = np.where(codes[order][1:] == codes[order][:-1], np.sign(np.diff(times)), 0)
    back = np.bincount(codes[order][1:][steps < 0], minlength=count)
    if not back.any():
        return order
    forth = np.bincount(codes[order][1:][steps > 0], minlength=count)
    unset = np.bincount(codes[(batch.flags & Flag.TIME_UNSET) != 0], minlength=count)
    mixed, newest_first = (back * 3 > forth) & (unset == 0), back > forth
    times = np.where(mixed[codes], batch.occurred_at, 0)
    places = np.arange(len(codes))
    places = np.where(newest_first[codes] & mixed[codes], -places, places)
    return np.lexsort((places, times, codes))


def _linked(batch: EventBatch, heads: dict[int, str]) -> EventBatch:
    flags = without_marks(batch.flags)
    if not heads:
        return batch.with_columns(flags=flags)
    rows = np.fromiter(heads, np.int64, len(heads))
    flags[rows] |= int(Flag.CONTINUATION)
    dictionary = Dictionary(batch.context.values[1:])
    codes = batch.context.codes.copy()
    values, named = batch.context.values, _Named()
    pairs = zip(codes[rows].tolist(), heads.values(), strict=True)
    codes[rows] = dictionary.encode([named[values[code], head] for code, head in pairs])
    return batch.with_columns(flags=flags, context=StringColumn(codes, dictionary))


class _Named(dict[tuple[str, str], str]):
    """Contexts with the head's id in them."""

    def __missing__(self, key: tuple[str, str]) -> str:
        context, head = key
        fields: dict[str, Any] = msgspec.json.decode(context) if context else {}
        self[key] = text = msgspec.json.encode({**fields, CONTINUES: head}).decode()
        return text
