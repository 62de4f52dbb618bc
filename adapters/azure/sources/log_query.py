"""The text of a query of Log Analytics, and its answer as records in the form in which a table is exported.

Under the reader of Log Analytics. The answer is decoded here, not by the SDK, which cuts times to microseconds: an
exported row has all seven decimals. See https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format and
https://learn.microsoft.com/azure/azure-monitor/logs/logs-data-export.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from ....domain.columns import StringColumn
from ....domain.errors import InvalidArgumentError
from ....domain.event_id import event_ids
from ...acquisition import Page, TruncatedAnswerError, Window
from ...records import Origin, Records
from .instants import rfc3339

INGESTION = "ingestion_time()"
GENERATED = "TimeGenerated"

MAX_ROWS = 500_000
"""Rows of an answer at most. A full answer was perhaps cut off without a word:
https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#log-queries-and-language."""

PAGE_ROWS = 5_000
"""Rows decoded at once. Chosen: enough for columns to pay, little beside the answer itself."""

_TICKS = "_IngestedTicks"
_TABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_BEFORE, _AHEAD = "3d", "2d"
"""How far TimeGenerated may be from the time of ingestion: the service replaces it where it is more than two days older
or one day ahead. https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns#timegenerated."""


def checked_table(table: str) -> str:
    """Return the name of a table.

    >>> checked_table("ContainerLogV2")
    'ContainerLogV2'

    Raises:
        InvalidArgumentError: a name that no table can have.
    """
    if not _TABLE.fullmatch(table):
        raise InvalidArgumentError(f"table={table!r}: give a table's name, letters, digits and underscores")
    return table


def query_text(table: str, window: Window, *, by: str, where: str = "", item_id: bool = True) -> str:
    """Return the query for the rows of a window, oldest first; its bounds are half-open, to 100 nanoseconds.

    >>> print(query_text("AppTraces", Window(0, 1_000_000_000), by="TimeGenerated", item_id=False))
    AppTraces
    | where TimeGenerated >= datetime(1970-01-01T00:00:00.0000000Z)
    | where TimeGenerated < datetime(1970-01-01T00:00:01.0000000Z)
    | extend _IngestedTicks = tolong(TimeGenerated)
    | order by TimeGenerated asc
    """
    since, until = f"datetime({rfc3339(window.since_ns)})", f"datetime({rfc3339(window.until_ns)})"
    place = GENERATED if by == GENERATED else f"coalesce({INGESTION}, {GENERATED})"
    lines = [table]
    if by != GENERATED:
        lines += [f"| where {GENERATED} >= {since} - {_BEFORE}", f"| where {GENERATED} < {until} + {_AHEAD}"]
    lines += [f"| where {place} >= {since}", f"| where {place} < {until}"]
    lines += [f"| {where.strip().removeprefix('|').strip()}"] if where.strip() else []
    lines.append(f"| extend {'_ItemId, ' if item_id else ''}{_TICKS} = tolong({place})")
    lines.append(f"| order by {GENERATED} asc")
    return "\n".join(lines)


class _Column(msgspec.Struct, gc=False):
    name: str
    type: str = "string"


class _Table(msgspec.Struct, gc=False):
    columns: list[_Column]
    rows: list[msgspec.Raw]
    name: str = ""


class LogTrouble(msgspec.Struct, gc=False):
    """What an answer says is wrong, from the outside inwards."""

    code: str = ""
    message: str = ""
    details: list[LogTrouble] = []
    innererror: LogTrouble | None = None

    @property
    def text(self) -> str:
        """All of its words."""
        parts = [f"{self.code} {self.message}".strip(), *(one.text for one in self.details)]
        return ": ".join([*parts, *([self.innererror.text] if self.innererror else [])])


class LogAnswer(msgspec.Struct, gc=False):
    """The answer of one query; with an error and tables, it is a part of the rows."""

    tables: list[_Table] = []
    error: LogTrouble | None = None

    @property
    def count(self) -> int:
        """Number of its rows."""
        return sum(len(table.rows) for table in self.tables)


_ROWS = msgspec.json.Decoder(list[list[msgspec.Raw]])
_ANSWER = msgspec.json.Decoder(LogAnswer)


def read_answer(body: bytes) -> LogAnswer:
    """Return an answer; its rows are not decoded yet.

    >>> read_answer(b'{"tables":[{"columns":[{"name":"A"}],"rows":[["x"],["y"]]}]}').count
    2

    Raises:
        TruncatedAnswerError: what is no whole answer.
    """
    try:
        answer = _ANSWER.decode(body)
    except msgspec.MsgspecError as error:
        raise TruncatedAnswerError(f"an answer of {len(body)} bytes is not whole: {error}") from None
    if not answer.tables and answer.error is None:
        raise TruncatedAnswerError("an answer has neither tables nor an error")
    return answer


def pages_of(answer: LogAnswer, table: str, origin: Origin) -> Iterator[Page]:
    """Yield the rows of an answer as records.

    A row has the event id that it has in an export, made of `_ItemId`. Without one it is named by workspace, table,
    time of ingestion and content; equal rows of one instant are counted, so that none of them is lost.
    """
    seen: Counter[bytes] = Counter()
    for one in answer.tables[:1]:
        names = [column.name for column in one.columns]
        for start in range(0, len(one.rows), PAGE_ROWS):
            rows = _ROWS.decode(b"[" + b",".join(one.rows[start : start + PAGE_ROWS]) + b"]")
            yield _page(names, rows, table, origin, seen)


def _page(names: list[str], rows: list[list[msgspec.Raw]], table: str, origin: Origin, seen: Counter[bytes]) -> Page:
    kept = [place for place, name in enumerate(names) if name != _TICKS]
    ticks = [bytes(row[names.index(_TICKS)]) for row in rows] if _TICKS in names else [b""] * len(rows)
    if len(kept) < len(names):
        rows = [[row[place] for place in kept] for row in rows]
    bodies = _bodies([names[place] for place in kept], rows, table)
    ids = None
    items = _texts(rows, [names[place] for place in kept], "_ItemId")
    if not all(items):
        hashed = [_row_key(key, tick, body, seen) for key, tick, body in zip(items, ticks, bodies, strict=True)]
        ids = event_ids([f"azure.loganalytics\0{key or f'{origin.object_key}/{table}/{own}'}" for key, own in hashed])
    count = len(bodies)
    records = Records(
        bodies,
        bodies,
        origin,
        np.arange(count, dtype=np.int64),
        np.zeros(count, np.int64),
        StringColumn.constant("", count),
        ids=ids,
    )
    return Page(records, sum(map(len, bodies)))


def _bodies(names: Sequence[str], rows: list[list[msgspec.Raw]], table: str) -> list[bytes]:
    """Return rows as JSON objects; empty columns of a wide table (AzureDiagnostics has hundreds) are left out."""
    keys = [msgspec.json.encode(name) + b":" for name in names]
    kind = [] if "Type" in names else [b'"Type":' + msgspec.json.encode(table)]
    if len(names) > _WIDE:
        return [
            b"{"
            + b",".join([k + v for k, v in zip(keys, map(bytes, row), strict=True) if v not in _EMPTY] + kind)
            + b"}"
            for row in rows
        ]
    line = b",".join([*(key.replace(b"%", b"%%") + b"%b" for key in keys), *kind])
    form = b"{" + line + b"}"
    return [form % tuple(row) for row in rows]


_WIDE: Final = 64
_EMPTY: Final = (b"null", b'""')


def _texts(rows: list[list[msgspec.Raw]], names: list[str], name: str) -> list[str]:
    if name not in names:
        return [""] * len(rows)
    place = names.index(name)
    return [value or "" for value in _TEXTS.decode(b"[" + b",".join([row[place] for row in rows]) + b"]")]


_TEXTS = msgspec.json.Decoder(list[str | None])


def _row_key(item: str, tick: bytes, body: bytes, seen: Counter[bytes]) -> tuple[str, str]:
    if item:
        return item, ""
    key = tick + b"\0" + body
    seen[key] += 1
    return "", f"{key.decode('utf-8', 'replace')}\0{seen[key]}"
