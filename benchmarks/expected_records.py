"""Read what other log tools expect of sample records: OpenTelemetry's and SS4O's form, as flat keys.

The collector's encoding extensions keep an `x.expected.otel.json` beside each sample; OpenSearch's catalog keeps lists
of finished records beside raw lines. See https://opentelemetry.io/docs/specs/otel/logs/data-model/ and
https://github.com/opensearch-project/opensearch-catalog/tree/main/docs/schema/observability.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SS4O = {
    "aws_cloudfront": ("raw.log", "sample.json"),
    "aws_waf": ("raw.log", "samples.json"),
}
"""Folders of the catalog whose records were made from the lines beside them."""

_ABSENT = (None, "", "-")
"""What the raw line says where it has nothing to say."""


@dataclass(frozen=True)
class Sample:
    """A file of records, and what a peer makes of each.

    `expected` may lack records of the file or have some that it lacks: versions differ.
    """

    folder: str
    source: Path
    expected: list[dict[str, Any]] = field(default_factory=list)


def samples(logs: Path) -> Iterator[Sample]:
    """Yield all samples of a folder of corpora that have an answer."""
    for answer in sorted((logs / "otel-contrib").rglob("*.expected.otel.json")):
        stem = answer.name.removesuffix(".expected.otel.json")
        [source] = [answer.with_name(stem + end) for end in (".json", ".log") if answer.with_name(stem + end).is_file()]
        yield Sample(f"otel/{answer.parent.name}", source, list(_of_otel(json.loads(answer.read_bytes()))))
    for folder, (raw, finished) in _SS4O.items():
        place = logs / "opensearch-catalog" / folder
        if (place / finished).is_file():
            finished_records = [leaves(record) for record in json.loads((place / finished).read_bytes())]
            records = [{k: v for k, v in record.items() if v not in _ABSENT} for record in finished_records]
            yield Sample(f"ss4o/{folder}", place / raw, records)


def _of_otel(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in document.get("resourceLogs") or document["resourceSpans"]:
        scope = resource.get("scope", {}).get("attributes", {})
        shared = leaves(resource.get("resource", {})) | leaves(scope)
        for record in resource.get("logRecords") or [_of_span(span) for span in resource["spans"]]:
            own = {name: value for name, value in record.items() if name not in ("attributes", "_note")}
            yield shared | leaves(own) | leaves(record.get("attributes", {}))


def _of_span(span: Mapping[str, Any]) -> dict[str, Any]:
    """Return a span as the record that tells its end."""
    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    kept = {name: span[name] for name in ("traceId", "spanId", "parentSpanId", "attributes") if name in span}
    return {"eventName": span["name"], "timeUnixNano": start, "duration_us": (end - start) // 1000, **kept}


def leaves(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of nested objects under dotted names; lists stay as they are.

    >>> leaves({"http": {"status": 200, "tags": [1]}})
    {'http.status': 200, 'http.tags': [1]}
    """
    found: dict[str, Any] = {}
    for key, held in value.items():
        if isinstance(held, dict) and held:
            found |= leaves(held, f"{prefix}{key}.")
        else:
            found[prefix + key] = held
    return found
