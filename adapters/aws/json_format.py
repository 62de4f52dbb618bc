"""Describe a JSON log format of AWS: what all of them share is said once.

Between the tables of formats and `MappedParser`. Account, region and record id have the same OpenTelemetry names in
every format, and what no name is known for stands under `aws.<service>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..field_map import FieldMap
from ..mapped_parser import MappedParser, Required


class AwsJsonParser(MappedParser):
    """Records of a JSON format; lines of text that stand among them have no attributes but their text."""

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names."""
        if body.lstrip()[:1] != b"{":
            return {"log.record.body": body.decode("utf-8", "replace")}
        return super().attributes(body, context)


def json_format(
    required: Required, *, format: str, attributes: Mapping[str, str] | None = None, **fields: Any
) -> AwsJsonParser:
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
    return AwsJsonParser(
        FieldMap(format=format, provider="aws", attributes=named | dict(attributes or {}), **fields), required
    )
