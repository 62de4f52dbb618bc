"""Describe a JSON log format of AWS: what all of them share is said once.

Between the tables of formats and `MappedParser`. Account, region and record id have the same OpenTelemetry names in
every format, and what no name is known for stands under `aws.<service>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..field_map import FieldMap
from ..mapped_parser import MappedParser, Required


def json_format(
    required: Required, *, format: str, attributes: Mapping[str, str] | None = None, **fields: Any
) -> MappedParser:
    """Return the parser of a format.

    Args:
        required: what each record must hold.
        format: of the records.
        attributes: paths to OpenTelemetry names, besides those of account, region and record id.
        fields: further fields of `FieldMap`.

    >>> parser = json_format({"id": str}, format="aws.x", time=("at",), account=("owner",), record_id="id")
    >>> parser.attributes(b'{"id":"7","owner":"1","size":2}', {})
    {'cloud.account.id': '1', 'log.record.uid': '7', 'aws.x.size': 2}
    """
    named = dict.fromkeys(fields.get("account", ()), "cloud.account.id")
    named |= dict.fromkeys(fields.get("region", ()), "cloud.region")
    if record_id := fields.get("record_id"):
        named[record_id] = "log.record.uid"
    return MappedParser(
        FieldMap(format=format, provider="aws", attributes=named | dict(attributes or {}), **fields), required
    )
