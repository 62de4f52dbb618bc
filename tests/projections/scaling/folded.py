"""Builders for the tests of the scaling read model: facts in, a model out."""

from collections.abc import Sequence

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.batch_rows import batch_of
from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import Event, ScalingRecorded
from cloudledger.projections.scaling import ScalingModel, ScalingProjection
from tests.projections.scaling.sick_scenarios import Scenario

MINUTE_NS = 60_000_000_000
START_NS = 1_795_132_800_000_000_000
"""2026-11-20T00:00:00Z."""

GROUP = "arn:aws:ecs:eu-west-1:1:service/default/cart"


def scaling(minute: float, phase: str = "decision", **facts: object) -> ScalingRecorded:
    known = {"resource": GROUP, "service": "cart", "provider": "aws", **facts}
    return ScalingRecorded(
        event_id=event_id("test", str(minute), phase, str(sorted(known.items(), key=str))),
        occurred_at=START_NS + int(minute * MINUTE_NS),
        phase=phase,
        **known,  # type: ignore[arg-type]
    )


def model_of_batches(batches: Sequence[EventBatch]) -> ScalingModel:
    projection = ScalingProjection()
    state = projection.empty()
    for batch in batches:
        state = projection.fold(state, batch.stored_as("s", np.arange(1, len(batch) + 1)))
    return ScalingModel(state)


def model_of(*events: Event) -> ScalingModel:
    return model_of_batches([batch_of(events)])


def model_of_scenario(scenario: Scenario) -> ScalingModel:
    return model_of_batches(scenario.simulation.batches(scenario.load, scenario.errors))
