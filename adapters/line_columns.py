"""Read the lines that programs write, whatever carried them, into columns: text, forms of text, and JSON.

Under the parsers of container logs and of text. Lines of JSON loggers are read as objects, lines of servers and daemons
by their form, all others as messages; each also gets the mark of what it may be in a stack trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import astuple

from ..domain.columns import StringColumn, concat_strings
from ..domain.events import Flag, PeerRole
from ..domain.severity import Severity
from .app_json_parser import json_columns
from .field_paths import Row
from .joining.line_marks import with_marks
from .text import read_messages
from .text.chunk_text import ChunkText
from .text.line_facts import LineFacts
from .text.line_forms import forms_of
from .text.stack_trace import read_stack_trace
from .text.trace_lines import Marks, mark_lines

_DECODER: Final = msgspec.json.Decoder(dict[str, Any])
_NUMBERS: Final = ("severity", "status", "duration_us")
_TEXTS: Final = ("name", "service", "error", "peer")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LineColumns:
    """What lines say: columns for `EventBatch.build`, their own times (0 where none), flags, and marks."""

    columns: dict[str, Any]
    instants: Ints
    flags: npt.NDArray[np.uint8]
    marks: Marks


def read_lines(
    lines: Sequence[str],
    observed_at: int = 0,
    *,
    objects: Mapping[int, Row] | None = None,
    json_inside: bool = True,
    traced: npt.NDArray[np.bool_] | None = None,
) -> LineColumns:
    """Return what lines say.

    Args:
        lines: the lines; those that are in `objects` are not looked at.
        observed_at: when they were written at the latest (ns): tells the year of times that leave it out.
        objects: rows whose line is known as a JSON object already.
        json_inside: whether lines may be JSON objects.
        traced: whose ids of trace and span are known and need not be looked for.

    >>> read = read_lines(["INFO paid", '{"level":"error","msg":"no"}', "level=warn msg=slow"])
    >>> read.columns["severity"].tolist()
    [9, 17, 13]
    """
    found = objects if objects is not None else {}
    if json_inside:
        found = {**found, **_objects(lines, found)}
    if not found:
        return _read_text(lines, observed_at, traced)
    rows = np.fromiter(found, np.int64, len(found))
    if len(rows) == len(lines):
        return _read_objects([found[row] for row in range(len(lines))])
    others = np.setdiff1d(np.arange(len(lines)), rows)
    untold = None if traced is None else traced[others]
    text = _read_text([lines[row] for row in others.tolist()], observed_at, untold)
    return _joined((others, text), (rows, _read_objects(list(found.values()))))


def line_flags(flags: npt.NDArray[np.uint8], rows: Sequence[Row], said: LineColumns | None) -> npt.NDArray[np.uint8]:
    """Return the flags of records that carry lines: with the lines' marks, and PARTIAL for what Docker split.

    Args:
        flags: of the records themselves.
        rows: the records.
        said: what was read of their lines, None where they carry none.

    >>> line_flags(np.zeros(1, np.uint8), [{"partial_message": "true"}], read_lines(["7 a"])).tolist()
    [2]
    """
    if said is None:
        return flags
    parts = [row.get("partial_message") in (True, "true") or row.get("logtag") == "P" for row in rows]
    if any(parts):
        flags = flags | np.where(parts, int(Flag.PARTIAL), 0).astype(np.uint8)
    return with_marks(flags | said.flags, said.marks)


def _objects(lines: Sequence[str], known: Mapping[int, Row]) -> dict[int, Row]:
    """Return the lines that are whole JSON objects, by row."""
    rows = [row for row, line in enumerate(lines) if line[:1] == "{" and row not in known]
    if not rows:
        return {}
    try:
        decoded = _DECODER.decode_lines("\n".join([lines[row] for row in rows]))
        if len(decoded) == len(rows):
            return dict(zip(rows, decoded, strict=True))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    return {row: value for row in rows if (value := _object(lines[row])) is not None}


def _object(line: str) -> Row | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _read_objects(rows: Sequence[Row]) -> LineColumns:
    columns, (instants, readable), flags = json_columns(rows)
    return LineColumns(columns, np.where(readable, instants, 0), flags, np.zeros(len(rows), np.uint8))


def _read_text(lines: Sequence[str], observed_at: int, traced: npt.NDArray[np.bool_] | None) -> LineColumns:
    text = ChunkText(lines)
    columns = read_messages(lines, text, traced=traced).as_columns()
    count = len(lines)
    instants, flags = np.zeros(count, np.int64), np.zeros(count, np.uint8)
    forms = forms_of(text, observed_at)
    if forms:
        rows = np.fromiter(forms, np.int64, len(forms))
        told = dict(zip(LineFacts.__struct_fields__, zip(*map(astuple, forms.values()), strict=True), strict=True))
        instants[rows], flags[rows] = told["instant_ns"], told["flags"]
        columns = _with_forms(columns, rows, told, count)
    return LineColumns(_with_traces(columns, lines), instants, flags, mark_lines(text))


def _with_forms(columns: dict[str, Any], rows: Ints, told: Mapping[str, Sequence[Any]], count: int) -> dict[str, Any]:
    """Let what the forms of lines say win over what was found in their text."""
    columns = dict(columns)
    for name in _NUMBERS:
        numbers = np.array(told[name], np.int64)
        column = _number_column(columns, name, count)
        keeps = numbers < 0 if name == "duration_us" else numbers == 0
        column[rows] = np.where(keeps, column[rows], numbers)
        columns[name] = column
    for name in _TEXTS:
        if any(told[name]):
            columns[name] = overlaid(columns.get(name), rows, told[name], count)
    columns["peer_role"] = np.where(columns["peer"].codes != 0, int(PeerRole.CALLEE), 0).astype(np.uint8)
    return columns


def _number_column(columns: dict[str, Any], name: str, count: int) -> Any:
    if name in columns:
        return columns[name].copy()
    return np.full(count, -1, np.int64) if name == "duration_us" else np.zeros(count, np.uint16)


def overlaid(column: StringColumn | None, rows: Ints, texts: Sequence[str], count: int) -> StringColumn:
    """Return a column with texts in some rows; empty ones change nothing.

    >>> overlaid(StringColumn.of(["a", "b"]), np.array([1]), ["c"], 2).to_list()
    ['a', 'c']
    """
    column = column if column is not None else StringColumn.constant("", count)
    codes, new = column.codes.copy(), column.dictionary.encode(texts)
    codes[rows] = np.where(new != 0, new, codes[rows])
    return StringColumn(codes, column.dictionary)


def _with_traces(columns: dict[str, Any], lines: Sequence[str]) -> dict[str, Any]:
    """Let the stack trace inside a record name its error."""
    severity = columns["severity"]
    rows = np.flatnonzero((severity == 0) | (severity >= Severity.WARN)).tolist()
    found = {row: trace for row in rows if "\n" in lines[row][:-1] and (trace := read_stack_trace(lines[row]))}
    if not found:
        return columns
    types = [trace.type for trace in found.values()]
    return {**columns, "error": overlaid(columns["error"], np.array(list(found)), types, len(lines))}


def _joined(first: tuple[Ints, LineColumns], second: tuple[Ints, LineColumns]) -> LineColumns:
    """Return the columns of two sets of rows, each row in its place."""
    (rows, one), (other_rows, other) = first, second
    back = np.argsort(np.concatenate([rows, other_rows]), kind="stable")
    names = [*one.columns, *(name for name in other.columns if name not in one.columns)]
    columns = {name: _in_place(name, one, len(rows), other, len(other_rows), back) for name in names}
    arrays = [
        np.concatenate([getattr(one, name), getattr(other, name)])[back] for name in ("instants", "flags", "marks")
    ]
    return LineColumns(columns, *arrays)


def _in_place(name: str, one: LineColumns, count: int, other: LineColumns, other_count: int, back: Ints) -> Any:
    parts = [
        _filled(name, lines.columns.get(name), size, partner.columns.get(name))
        for lines, size, partner in ((one, count, other), (other, other_count, one))
    ]
    if isinstance(parts[0], StringColumn):
        return concat_strings(parts).take(back)
    return np.concatenate(parts)[back]


def _filled(name: str, column: Any, count: int, partner: Any) -> Any:
    """Return a column of one side; where it has none, an empty one of the other side's kind."""
    if column is None:
        if not isinstance(partner, np.ndarray):
            return StringColumn.constant("", count)
        return np.full((count, *partner.shape[1:]), -1 if name == "duration_us" else 0, partner.dtype)
    return StringColumn.of(column) if isinstance(column, list) else column
