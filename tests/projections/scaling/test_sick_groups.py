"""Every way of scaling badly is found, from events alone or with what metrics and logs add."""

import numpy as np
import pytest

from tests.projections.scaling.folded import model_of_scenario
from tests.projections.scaling.sick_scenarios import SICK

KNOWN = {"metrics and logs": (True, True), "metrics": (True, False), "logs": (False, True), "neither": (False, False)}

NEEDS_A_LOAD = {("greedy_scale_in", "neither")}
"""Whether a load came back is not to be told without one."""


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("name", SICK)
def test_a_sick_group_is_found(name: str, known: str) -> None:
    if (name, known) in NEEDS_A_LOAD:
        pytest.skip("needs a load")
    expected, make = SICK[name]
    metrics, logs = KNOWN[known]
    scenario = make(np.random.default_rng([1, len(name)]), with_metrics=metrics, with_logs=logs)

    anomalies = {anomaly.anomaly: anomaly for anomaly in model_of_scenario(scenario).anomalies()}

    assert expected in anomalies
    found = anomalies[expected]
    assert found.group == scenario.simulation.resource
    assert found.since <= found.until
    assert found.explanation
    assert found.numbers
    assert found.evidence or expected == "wrong_metric"
