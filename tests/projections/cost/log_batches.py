"""Builders of stored log batches for the tests of the cost read model."""

from typing import Any

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.batch_rows import batch_of
from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import CostRecorded
from cloudledger.projections.cost import CostModel, CostProjection

MINUTE_NS = 60_000_000_000
NOON_NS = 1_795_176_000_000_000_000  # 2026-11-20T12:00:00Z
DAY_START_NS = NOON_NS - 12 * 60 * MINUTE_NS
DAY_NS = 24 * 60 * MINUTE_NS


def logs(
    service: str, *, first: int = 1, start: int = 0, minutes: int = 10, per_minute: int = 20, **columns: Any
) -> EventBatch:
    """Return evenly spaced log events of a service; `start` in minutes after noon."""
    count = minutes * per_minute
    times = NOON_NS + start * MINUTE_NS + np.arange(count) * (minutes * MINUTE_NS // count)
    defaults = {"provider": "aws", "format": "app.json", "severity": 9, "size_bytes": 300, "template": 1}
    batch = EventBatch.build(count, occurred_at=times, service=service, **{**defaults, **columns})
    return batch.stored_as(f"logs/{service}", np.arange(first, first + count))


def charge(
    key: str, dollars: float, *, position: int = 1, recorded_at: int = 1, stream: str = "bill", **fields: Any
) -> EventBatch:
    """Return one stored billing row of logging on the day of the logs."""
    defaults: dict[str, Any] = {
        "occurred_at": DAY_START_NS,
        "charge_period_start": DAY_START_NS,
        "charge_period_end": DAY_START_NS + DAY_NS,
        "provider": "aws",
        "billing_currency": "USD",
        "log_class": "ingest",
    }
    event = CostRecorded(
        event_id=event_id(key, stream, str(position)),
        charge_key=key,
        billed_cost_micros=round(dollars * 1_000_000),
        recorded_at=recorded_at,
        **{**defaults, **fields},
    )
    return batch_of([event]).stored_as(stream, np.array([position]))


def model_of(*batches: EventBatch) -> CostModel:
    """Return the model of folded batches."""
    projection = CostProjection()
    state = projection.empty()
    for batch in batches:
        projection.fold(state, batch)
    return CostModel(state)
