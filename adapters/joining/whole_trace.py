"""Read a whole stack trace back from the ledger: the head and all lines that name it.

For users who found one of its lines. Lines of a trace stand close together in one stream.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ...domain.events import Event
from ...store import Ledger
from ..records import decode_context
from .trace_links import CONTINUES, head_of

WINDOW_NS: Final = 60 * 10**9
"""Time around a line in which its trace is looked for. Chosen: far above the gap that linking allows between lines."""


def whole_trace(ledger: Ledger, event: Event) -> list[Event]:
    """Return the record that a stack trace begins with, and its lines in the order in which they were stored.

    Args:
        ledger: where the event is stored.
        event: any line of the trace, or its head, as read from the ledger.

    >>> import tempfile
    >>> from .. import FileSource, ingest
    >>> folder = tempfile.mkdtemp()
    >>> with open(f"{folder}/pay.log", "w") as file:
    ...     _ = file.write("ERROR failed" + chr(10) + "java.io.IOException: closed" + chr(10) + "INFO paid" + chr(10))
    >>> with Ledger.open(f"{folder}/ledger") as ledger:
    ...     _ = ingest(ledger, [FileSource(f"{folder}/pay.log")])
    ...     [line] = [event for event in ledger.search(limit=9) if head_of(event)]
    ...     [event.payload for event in whole_trace(ledger, line)]
    [b'ERROR failed', b'java.io.IOException: closed']
    """
    head = head_of(event) or event.event_id.hex()
    high, low = (int(head[at : at + 16], 16) for at in (0, 16))
    stream = event.reference.rpartition("@")[0]
    found: list[Event] = []
    since, until = event.occurred_at - WINDOW_NS, event.occurred_at + WINDOW_NS
    for batch in ledger.read(stream, since=since, until=until):
        contexts = np.array([decode_context(text).get(CONTINUES) == head for text in batch.context.values], np.bool_)
        ids = batch.event_id
        own = contexts[batch.context.codes] | ((ids[:, 0] == high) & (ids[:, 1] == low))
        found += [batch.row(row) for row in np.flatnonzero(own).tolist()]
    return found
