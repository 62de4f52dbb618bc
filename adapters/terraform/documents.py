"""Read whole Terraform documents (plans, states) so that none of them, torn or odd, is left to the generic parsers.

Between the pipeline and what plans and states have to say. A generic parser would keep the document, and with it the
secrets, so whatever cannot be read is rejected here, without its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ...domain.batch import EventBatch
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .run_events import RunEvents

AddDocument = Callable[[RunEvents, Mapping[str, Any]], None]


def read_documents(
    records: Records, *, format: str, noun: str, recognises: Callable[[Sample], bool], add: AddDocument
) -> EventBatch:
    """Return the events of documents of one kind.

    Args:
        records: the documents, one a record.
        format: of the events.
        noun: what a document is called in the reason of a rejection.
        recognises: says whether a record is such a document; torn ones are.
        add: adds what one document says.

    Raises:
        UnreadableRecordError: among several records is one of another kind.

    >>> from ..records import Origin
    >>> torn = Records.of([b'{"cut'], Origin("plan.json"))
    >>> read_documents(torn, format="x", noun="plan", recognises=lambda s: True, add=lambda e, d: None)[0].error
    'unreadable plan'
    """
    if len(records) > 1 and not all(recognises(Sample(body, {}, records.origin)) for body in records.bodies):
        raise UnreadableRecordError(f"not all records are {noun}s")
    events = RunEvents(format, records)
    for row, body in enumerate(records.bodies):
        events.at(row)
        try:
            add(events, msgspec.json.decode(body, type=dict[str, Any]))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            events.reject(f"unreadable {noun}: the document is cut off or not JSON")
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
            events.reject(f"unreadable {noun}: a part has an unexpected shape ({type(error).__name__})")
    return events.batch()
