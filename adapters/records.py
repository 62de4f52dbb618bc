"""Raw records on their way from a source to a parser.

A source frames bytes into records, envelopes are peeled off them, and what is left goes to the parser of its format,
a chunk at a time. Everything that a parser needs to make events stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ..domain.columns import StringColumn
from ..domain.event_id import IdColumn, located_ids

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Origin:
    """The object that records come from.

    `object_key` names it for ever (it goes into event ids), `metadata` is what the user told the source about it:
    account, region, provider, stack, workspace, component, actor, commit, run, cluster, ... `observed_at` (int ns) is
    when the object was written as far as its store knows: the time of records without a readable time of their own.
    """

    object_key: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    observed_at: int = 0

    @property
    def file_name(self) -> str:
        """The last part of the object's key.

        >>> Origin("exports/run-7.plan.json").file_name
        'run-7.plan.json'
        """
        return self.object_key.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Records:
    """A chunk of raw records of one object, not yet parsed.

    Attributes:
        payloads: each record as received, after redaction: what the event will store.
        bodies: what the parser reads: the payloads themselves, or what the peeled envelopes held inside them.
        origin: the object.
        offsets, ordinals: place of each record: byte offset in the (decompressed) object, and number at that offset.
        context: what the envelopes said of each record, as a JSON object ("" where there was none).
        ids: event ids from the envelopes' own record ids; None where they gave none.
        occurred_at: times from the envelopes (int ns, 0 = none); None where they gave none.
    """

    payloads: Sequence[bytes]
    bodies: Sequence[bytes]
    origin: Origin
    offsets: Ints
    ordinals: Ints
    context: StringColumn
    ids: IdColumn | None = None
    occurred_at: Ints | None = None

    @classmethod
    def of(cls, payloads: Sequence[bytes], origin: Origin, offsets: Ints | None = None) -> Records:
        """Return records without an envelope.

        >>> len(Records.of([b"a", b"b"], Origin("x.log")))
        2
        """
        count = len(payloads)
        places = np.arange(count, dtype=np.int64) if offsets is None else offsets
        return cls(payloads, payloads, origin, places, np.zeros(count, np.int64), StringColumn.constant("", count))

    def __len__(self) -> int:
        return len(self.payloads)

    def event_ids(self) -> IdColumn:
        """Return the envelopes' ids, else ids made of each record's place."""
        return located_ids(self.origin.object_key, self.offsets, self.ordinals) if self.ids is None else self.ids

    def contexts(self) -> list[Mapping[str, Any]]:
        """Return the decoded context of each *distinct* context, by its code."""
        return [decode_context(value) for value in self.context.values]

    def take(self, rows: npt.NDArray[np.int64]) -> Records:
        """Return some of the records."""
        picked = rows.tolist()
        return replace(
            self,
            payloads=[self.payloads[row] for row in picked],
            bodies=[self.bodies[row] for row in picked],
            offsets=self.offsets[rows],
            ordinals=self.ordinals[rows],
            context=self.context.take(rows),
            ids=None if self.ids is None else self.ids[rows],
            occurred_at=None if self.occurred_at is None else self.occurred_at[rows],
        )


@lru_cache(maxsize=4096)
def decode_context(context: str) -> Mapping[str, Any]:
    """Return the fields of an event's `context`.

    >>> decode_context('{"logGroup":"/aws/lambda/pay"}')["logGroup"]
    '/aws/lambda/pay'
    """
    fields: Mapping[str, Any] = msgspec.json.decode(context) if context else {}
    return fields
