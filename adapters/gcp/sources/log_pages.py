"""Make pages of entries that came over gRPC: the records that an export of the same entries would hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ....domain.event_id import event_ids
from ...acquisition import Page, SourceIdentity, page_of
from ...records import Origin
from .log_entry_json import entry_json


def pages_of(entries: Sequence[Any], identity: SourceIdentity, now_ns: int) -> Iterator[Page]:
    """Yield a page of entries (plain messages), if there are any.

    Ids are made here, as the parsers make them of exported entries, so that an entry which no parser understands has
    one too. Cloud Logging gives each entry that it stores an `insertId`; one without is named by its content.
    """
    if not entries:
        return
    bodies = [entry_json(entry) for entry in entries]
    origin = Origin(identity.stream, {"provider": "gcp", "account": identity.account}, now_ns)
    page = page_of(bodies, origin)
    ids = event_ids([_name(entry, body) for entry, body in zip(entries, bodies, strict=True)])
    yield replace(page, records=replace(page.records, ids=ids))


def _name(entry: Any, body: bytes) -> str:
    if not entry.insert_id:
        return f"gcp.logentry\0{body.decode()}"
    at = entry.timestamp.ToJsonString() if entry.HasField("timestamp") else ""
    return f"gcp.logentry\0{entry.log_name}\0{at}\0{entry.insert_id}"
