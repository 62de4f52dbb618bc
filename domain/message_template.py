"""Templates of messages: what stays the same when ids, numbers and addresses change.

A parser hashes the masked head of each message into the `template` column, so that volume, cost and anomalies can be
told per kind of message. The readable form is made on demand from one example.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

HEAD_CHARS = 200
"""How much of a message is looked at. Chosen: time, level, logger and a trace's ids take up to 120 before the text."""

SKELETON_BYTES = 80
"""How much of the head counts once ids are deleted. Chosen: templates differ early, and long tails are payload."""

MAX_MEMO = 65_536
"""Distinct skeletons whose hash is remembered. The memo is a cache only: forgetting changes no result."""

_VARIABLE_BYTES = b"0123456789abcdefABCDEF-"
"""Deleted from the head: every digit and hexadecimal letter, so that no id of any length remains."""

_VARIABLE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\b(?:0x)?[0-9a-fA-F]*[0-9][0-9a-fA-F]*\b|\b\d[\w.:/-]*|'[^']*'|\"[^\"]*\""
)


class _Hashes(dict[bytes, int]):
    """Hash of each skeleton; a known skeleton costs one lookup."""

    def __missing__(self, skeleton: bytes) -> int:
        if len(self) >= MAX_MEMO:
            self.clear()
        value = self[skeleton] = int.from_bytes(blake2b(skeleton, digest_size=8).digest(), "big")
        return value


_HASHES = _Hashes()


def template_column(messages: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Return a hash per message that ids and numbers in its head do not change.

    >>> first, second, other = template_column(["took 12 ms id=a3f", "took 7 ms id=99c0", "refused"])
    >>> bool(first == second), bool(first == other)
    (True, False)
    """
    heads = "\x00".join([message[:HEAD_CHARS] for message in messages])
    if heads.count("\x00") >= len(messages):
        heads = "\x00".join([message[:HEAD_CHARS].replace("\x00", " ") for message in messages])
    masked = heads.encode("utf-8", "surrogatepass").translate(None, _VARIABLE_BYTES)
    skeletons = [skeleton[:SKELETON_BYTES] for skeleton in masked.split(b"\x00")]
    return np.fromiter(map(_HASHES.__getitem__, skeletons), np.uint64, len(messages)) if messages else _NONE


_NONE = np.zeros(0, np.uint64)


def mask_message(message: str) -> str:
    """Return the head of a message with its variable parts as `<*>`, for people to read.

    >>> mask_message("took 12 ms for order 5b1f-77")
    'took <*> ms for order <*>'
    """
    return re.sub(r"<\*>(?:[-.:/]*<\*>)+", "<*>", _VARIABLE.sub("<*>", message[:HEAD_CHARS]))
