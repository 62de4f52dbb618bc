"""Page: what a reader hands to the engine, native records with the context that their carrier gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ...domain.columns import StringColumn
from ...domain.events import RecordRejected
from ..records import Origin, Records


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one answer; `raw_bytes` counts what was received for them, `rejected` is what could not be framed."""

    records: Records
    raw_bytes: int
    rejected: Sequence[RecordRejected] = ()


def page_of(
    bodies: Sequence[bytes], origin: Origin, *, context: Mapping[str, Any] | None = None, offset: int | None = None
) -> Page:
    """Return native records (as JSON, as a line) as a page; the registry finds their parser.

    Records that carry the provider's own id get the event id that the same record has in a file. Others are named by
    the origin's object key and, as answers overlap, by their content and how often the page had it before; where the
    provider numbers its records, by that number.

    Args:
        bodies: the records, each as it stands in an export of the same service.
        origin: what they come from; its metadata holds provider, account, region, and what else is known.
        context: what the carrier says of all of them (`envelope`, `logGroup`, ...).
        offset: number of the first record, where records have numbers that never change.

    >>> page = page_of([b'{"msg":"hello"}'], Origin("api/1"), context={"logGroup": "pay"})
    >>> len(page.records), page.records.context[0]
    (1, '{"logGroup":"pay"}')
    """
    count = len(bodies)
    text = msgspec.json.encode(dict(context)).decode() if context else ""
    records = Records(
        bodies,
        bodies,
        origin,
        _contents(bodies) if offset is None else np.arange(offset, offset + count, dtype=np.int64),
        _copies(bodies) if offset is None else np.zeros(count, np.int64),
        StringColumn.constant(text, count),
    )
    return Page(records, sum(map(len, bodies)))


def _contents(bodies: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Return a number for each content."""
    digests = b"".join([blake2b(body, digest_size=8).digest() for body in bodies])
    return np.frombuffer(digests, np.int64).copy()


def _copies(bodies: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Return how often each record stood before in the same page."""
    seen: dict[bytes, int] = {}
    copies = []
    for body in bodies:
        copies.append(seen.get(body, 0))
        seen[body] = copies[-1] + 1
    return np.array(copies, np.int64)
