"""Redact the records of a chunk in one pass over their joined bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..domain.redaction import Redactor
from .records import Records
from .redact_columns import redact_columns

SEPARATOR = b"\n"


def redact_records(records: Records, redactor: Redactor) -> tuple[Records, dict[str, int]]:
    """Return the records without secrets, and how often each rule struck.

    >>> from .records import Origin
    >>> records, counts = redact_records(Records.of([b"password=hunter2x"], Origin("a")), Redactor())
    >>> b"hunter2x" in records.bodies[0], sum(counts.values())
    (False, 1)
    """
    records, columns = redact_columns(records, redactor)
    records, counts = _redact_texts(records, redactor)
    return records, {name: counts.get(name, 0) + columns.get(name, 0) for name in {**counts, **columns}}


def _redact_texts(records: Records, redactor: Redactor) -> tuple[Records, dict[str, int]]:
    payloads, counts = _redacted(records.payloads, redactor)
    if records.bodies is records.payloads:
        return (replace(records, payloads=payloads, bodies=payloads) if counts else records), counts
    bodies, inner = _redacted(records.bodies, redactor)
    if not counts and not inner:
        return records, counts
    return replace(records, payloads=payloads, bodies=bodies), counts or inner


def _redacted(parts: Sequence[bytes], redactor: Redactor) -> tuple[list[bytes], dict[str, int]]:
    pieces = list(parts)
    joined = SEPARATOR.join(pieces)
    clean, counts = redactor.redact(joined)
    if not counts:
        return pieces, {}
    split = clean.split(SEPARATOR)
    if len(split) == len(pieces) and joined.count(SEPARATOR) == len(pieces) - 1:
        return split, counts
    return [redactor.redact(piece)[0] for piece in pieces], counts
