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
    """Yield entries (plain messages) as pages of records that exported files hold too.

    Cloud Logging gives each entry that it stores an `insertId`; one without is named by its content.
    """
    origin = Origin(identity.stream, {"provider": "gcp", "account": identity.account}, now_ns)
    named = [entry_json(entry) for entry in entries if entry.insert_id]
    if named:
        yield page_of(named, origin)
    unnamed = [entry_json(entry) for entry in entries if not entry.insert_id]
    if unnamed:
        page = page_of(unnamed, origin)
        ids = event_ids([f"gcp.logentry\0{body.decode()}" for body in unnamed])
        yield replace(page, records=replace(page.records, ids=ids))
