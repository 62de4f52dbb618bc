"""A real microservice system's logs as batches: only for these tests, the adapters read them properly.

Lines say their trace and span in the text, as `TraceID: <32 hex> SpanID: <16 hex>`.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zstandard

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.message_template import template_column
from cloudledger.domain.timestamps import rfc3339_column

FOLDER = Path(__file__).resolve().parents[4] / "shared/corpora/dependencies/trainticket-2023-01-29"

_IDS = re.compile(r"TraceID: ([0-9a-f]{32}) SpanID: ([0-9a-f]{16}) ?")
_HEAD = re.compile(r"^\S+ +(\w+) +")


class Row(NamedTuple):
    """One log line."""

    time: str
    service: str
    message: str


def read(cloud: str) -> Iterator[dict[str, Any]]:
    data = zstandard.ZstdDecompressor().stream_reader((FOLDER / f"{cloud}.ndjson.zst").read_bytes()).read()
    return map(json.loads, data.splitlines())


def aws_rows() -> Iterator[Row]:
    for envelope in read("aws"):
        for event in envelope["logEvents"]:
            line = json.loads(event["message"])
            yield Row(line["time"], line["kubernetes"]["labels"]["app"], line["log"])


def azure_rows() -> Iterator[Row]:
    for line in read("azure"):
        yield Row(line["TimeGenerated"], line["KubernetesMetadata"]["podLabels"]["app"], line["LogMessage"])


def gcp_rows() -> Iterator[Row]:
    for line in read("gcp"):
        yield Row(line["timestamp"], line["labels"]["k8s-pod/app"], line["textPayload"])


def batches() -> list[EventBatch]:
    return [
        batch_of(cloud, list(rows))
        for cloud, rows in (("aws", aws_rows()), ("azure", azure_rows()), ("gcp", gcp_rows()))
    ]


def batch_of(cloud: str, rows: list[Row]) -> EventBatch:
    ids = [found.groups() if (found := _IDS.search(row.message)) else ("0" * 32, "0" * 16) for row in rows]
    levels = [found[1] if (found := _HEAD.match(row.message)) else "" for row in rows]
    times, _ = rfc3339_column([row.time for row in rows])
    traces, spans = (bytes.fromhex("".join(column)) for column in zip(*ids, strict=True))
    batch = EventBatch.build(
        len(rows),
        occurred_at=times,
        service=[row.service for row in rows],
        severity=np.array([{"ERROR": 17, "WARN": 13, "DEBUG": 5}.get(level, 9) for level in levels], np.uint8),
        trace_id=np.frombuffer(traces, ">u8").astype(np.uint64).reshape(-1, 2),
        span_id=np.frombuffer(spans, ">u8").astype(np.uint64),
        template=template_column([_HEAD.sub("", _IDS.sub("", row.message)) for row in rows]),
        format="k8s.container",
    )
    return batch.stored_as(cloud, np.arange(1, len(rows) + 1, dtype=np.int64))
