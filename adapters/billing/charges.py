"""From billing rows to a batch of `CostRecorded`: what all three clouds and FOCUS have in common.

Each parser maps its columns to a `Charge` description; here rows get their ids, their keys and their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import EVENT_ID_BYTES
from ...domain.events import CostRecorded, Flag
from ...domain.identity import normalise_resource
from ...domain.timestamps import parse_timestamp_ns
from ..parser import UnreadableRecordError
from ..records import Origin, Records
from .billing_rows import Rename, Row, is_csv, read_rows

Fields = dict[str, Any]
"""Fields of a `CostRecorded`; `own_key` tells whether `charge_key` is one row's own."""


def charge_batch(
    records: Records,
    log_format: str,
    rename: Rename,
    charge_of: Callable[[Row, Mapping[str, str]], Fields],
    telling: frozenset[str],
) -> EventBatch:
    """Return one CostRecorded per record.

    Raises:
        UnreadableRecordError: an object has none of the `telling` columns: it is of another format.
    """
    rows = read_rows(records, rename)
    if any(telling.isdisjoint(row) for row in rows) and not any(map(is_csv, records.contexts())):
        raise UnreadableRecordError(f"a record is not of {log_format}")
    ids = records.event_ids().astype(">u8").tobytes()
    metadata = records.origin.metadata
    events = [
        _event(charge_of(row, metadata), ids[at : at + EVENT_ID_BYTES], log_format, records.origin)
        for row, at in zip(rows, range(0, len(ids), EVENT_ID_BYTES), strict=True)
    ]
    return batch_of(events)


def _event(fields: Fields, event_id: bytes, log_format: str, origin: Origin) -> CostRecorded:
    own_key = fields.pop("own_key", False)
    fields["resource"] = normalise_resource(
        fields["resource"], provider=fields["provider"], account=fields["account"], region=fields["region"]
    )
    return CostRecorded(
        event_id=event_id,
        format=log_format,
        name=fields["usage_type"] or fields["service_name"],
        occurred_at=fields["charge_period_start"] or fields["billing_period_start"] or origin.observed_at,
        flags=Flag.NONE if fields["charge_period_start"] else Flag.TIME_UNSET,
        export="" if own_key else _export(origin),
        **fields,
    )


def _export(origin: Origin) -> str:
    """The exported object; the parts of one export (`<run>/part_0_0001.csv`) count as one."""
    return origin.object_key.rpartition("/")[0] if origin.file_name.startswith("part") else origin.object_key


def charge_key(*parts: object) -> str:
    """Return a stable key of what identifies a charge.

    >>> len(charge_key("aws.cur", "line-1", None))
    32
    """
    text = "\x00".join(["" if part is None else str(part) for part in parts])
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=EVENT_ID_BYTES).hexdigest()


def first(row: Row, names: Iterable[str]) -> Any:
    """Return the first of a row's columns that has a value, else an empty string.

    >>> first({"cost": "2"}, ("pretaxcost", "cost"))
    '2'
    """
    for name in names:
        value = row.get(name)
        if value is not None and value != "":
            return value
    return ""


def text(row: Row, *names: str) -> str:
    """Return the first of a row's columns that has a value, as text.

    >>> text({"projectnumber": 7}, "projectid", "projectnumber")
    '7'
    """
    for name in names:
        value = row.get(name)
        if value is not None and value != "":
            return value if type(value) is str else str(value)
    return ""


@lru_cache(maxsize=16_384)
def time_ns(value: str | int | float | None) -> int:
    """Return a time of a row, 0 where there is none.

    >>> time_ns("2024-09-02 01:00:00"), time_ns("")
    (1725238800000000000, 0)
    """
    return (parse_timestamp_ns(value) or 0) if value not in (None, "") else 0
