"""Let what names the fields of headerless lines travel with their events.

Attributes are decoded from the stored record and its context alone: field names that the user told when the lines were
read, or that were found out, become the header in the context.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from ...domain.columns import StringColumn
from ..records import Records, decode_context


def with_header(records: Records, header: str) -> Records:
    """Return records whose contexts name a header.

    >>> from ..records import Origin
    >>> with_header(Records.of([b"x"], Origin("a")), "srcaddr dstaddr").contexts()[1]["header"]
    'srcaddr dstaddr'
    """
    texts = [
        msgspec.json.encode({**decode_context(text), "header": header}).decode() for text in records.context.values
    ]
    column = StringColumn.of(texts)
    return replace(records, context=StringColumn(column.codes[records.context.codes], column.dictionary))
