"""Open one event by its reference: a position in a stream, or an event id anywhere in the ledger.

Between `Ledger.event` and segments. One frame is decompressed, found by positions or by filters of ids.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterable

import numpy as np

from ..domain.arguments import check_type
from ..domain.errors import SegmentDamageError, UnknownReferenceError
from ..domain.event_id import EVENT_ID_BYTES
from ..domain.events import Event
from ..domain.reference import parse_reference
from .frame_batches import read_rows
from .frame_filters import IDS
from .hashing import single_key
from .reading import Window, lost_events, open_segments, raise_damage
from .split_block_filter import KeyProbe
from .stream_reader import ATTEMPTS, StreamReader


def find_event(reference: str | bytes, streams: Iterable[str], reader_of: Callable[[str], StreamReader]) -> Event:
    """Return the event that a reference names.

    Raises:
        InvalidArgumentError: it is neither text nor bytes.
        UnknownReferenceError: there is no such event.
        SegmentDamageError: it is in a damaged place.
    """
    check_type("reference", reference, (str, bytes), "give 'stream@position' or an event id")
    event_id, position = _id_of(reference), 0
    if event_id is not None:
        readers = [reader_of(stream) for stream in streams]
    else:
        stream, position = parse_reference(str(reference))
        if stream not in streams or position < 1:
            raise UnknownReferenceError(str(reference))
        readers = [reader_of(stream)]
    for _ in range(ATTEMPTS):
        try:
            return (
                _by_id(reference, event_id, readers) if event_id else _by_position(str(reference), position, *readers)
            )
        except FileNotFoundError:  # an object was replaced or dropped in this moment: look at what there is now
            for reader in readers:
                reader.forget_readers()
    raise UnknownReferenceError(reference if isinstance(reference, str) else reference.hex())


def _id_of(reference: str | bytes) -> bytes | None:
    if isinstance(reference, bytes):
        if len(reference) != EVENT_ID_BYTES:
            raise UnknownReferenceError(reference.hex())
        return reference
    if len(reference) != 2 * EVENT_ID_BYTES or "@" in reference:
        return None
    try:
        return binascii.unhexlify(reference)
    except (binascii.Error, ValueError):
        return None


def _by_position(reference: str, position: int, stream: StreamReader) -> Event:
    for name, segment, _ in open_segments(stream, Window(position - 1, position), raise_damage):
        first = segment.frames.column("first_position")
        frame = int(np.searchsorted(first, position, "right")) - 1
        rows = segment.frames.rows
        if frame >= 0 and position < int(rows[frame, 4] + rows[frame, 3]):
            return read_rows(segment, frame, np.array([position - int(first[frame])])).row(0)
        for lost in lost_events(stream, segment, name):
            if lost.first_position <= position <= lost.last_position:
                raise lost
        if position < segment.next_position:
            break
    raise UnknownReferenceError(reference)


def _by_id(reference: str | bytes, event_id: bytes, streams: Iterable[StreamReader]) -> Event:
    high, low = (int.from_bytes(half, "big") for half in (event_id[:8], event_id[8:]))
    probe, wanted = KeyProbe(single_key(high, low)), np.array([high, low], np.uint64)
    damage: SegmentDamageError | None = None
    for stream in streams:
        for _, segment, _ in open_segments(stream, Window(), raise_damage, event=probe):
            for frame in segment.filters(IDS).frames_with(probe).tolist():
                try:
                    ids = segment.columns([frame], ["event_id"])["event_id"]
                except SegmentDamageError as error:
                    damage = error  # the event may be there; it counts when it is nowhere else
                    continue
                rows = np.flatnonzero((ids == wanted).all(axis=1))
                if len(rows):
                    return read_rows(segment, frame, rows[:1]).row(0)
    raise damage or UnknownReferenceError(reference if isinstance(reference, str) else reference.hex())
