"""Event ids: 16 bytes, the same for the same record however often and from wherever it is delivered.

A provider's own record id is hashed; a record without one is named by the object that holds it and its place there
(never by its content alone: identical flow-log lines are legal).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

EVENT_ID_BYTES = 16

IdColumn = npt.NDArray[np.uint64]
"""Shape (rows, 2): the big-endian halves of 16-byte ids."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def event_id(*parts: str) -> bytes:
    """Return the id of a record that a provider names by these parts.

    >>> event_id("aws.cloudtrail", "6ba1cfa3").hex() == event_id("aws.cloudtrail", "6ba1cfa3").hex()
    True
    """
    return _digest("\x00".join(parts).encode("utf-8", "surrogatepass"))


def event_ids(keys: Iterable[str]) -> IdColumn:
    """Return the ids of many keys; a key is the parts joined with a NUL character, as `event_id` joins them.

    >>> event_ids(["a", "b"]).shape
    (2, 2)
    """
    digests = [blake2b(k.encode("utf-8", "surrogatepass"), digest_size=EVENT_ID_BYTES).digest() for k in keys]
    return id_column(b"".join(digests))


def located_ids(
    object_key: str, offsets: npt.NDArray[np.int64], ordinals: npt.NDArray[np.int64] | None = None
) -> IdColumn:
    """Return the ids of records that are known by their place: an object, a byte offset, and a number at that offset.

    >>> located_ids("bucket/flow.log", np.array([0, 120])).shape
    (2, 2)
    """
    seed = _digest(object_key.encode("utf-8", "surrogatepass"))
    high, low = (np.uint64(int.from_bytes(half, "big")) for half in (seed[:8], seed[8:]))
    place = _mix(offsets.astype(np.uint64) ^ low)
    if ordinals is not None:
        place = _mix(place + ordinals.astype(np.uint64) * _GOLDEN)
    ids = np.empty((len(offsets), 2), np.uint64)
    ids[:, 0], ids[:, 1] = _mix(place ^ high), place
    return ids


def id_column(digests: bytes) -> IdColumn:
    r"""Return 16-byte ids, laid end to end, as a column.

    >>> id_column(bytes(15) + b"\x07").tolist()
    [[0, 7]]
    """
    return np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2)


def id_bytes(high: int, low: int) -> bytes:
    """Return the 16 bytes of an id's halves.

    >>> id_bytes(0, 7).hex()
    '00000000000000000000000000000007'
    """
    return (high << 64 | low).to_bytes(EVENT_ID_BYTES, "big")


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=EVENT_ID_BYTES).digest()


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread 64-bit numbers evenly (the finaliser of SplitMix64, a bijection)."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))
