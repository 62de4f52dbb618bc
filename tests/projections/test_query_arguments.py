"""Wrong arguments of the read models' questions are refused with what to give instead, never answered with nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.projections import ReadModels, catch_up, replay
from cloudledger.store import Ledger

BACKWARDS: dict[str, Any] = {"since": "2026-11-21", "until": "2026-11-20"}
WRONG: Any = "ledger"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadModels]:
    location: Path = tmp_path_factory.mktemp("arguments")
    with Ledger.open(location / "ledger") as ledger:
        yield catch_up(ledger)


@pytest.mark.parametrize(
    "question",
    [
        lambda models: models.timeline.changes(**BACKWARDS),
        lambda models: models.cost.report(**BACKWARDS),
        lambda models: models.cost.log_volume(**BACKWARDS),
        lambda models: models.cost.trends(**BACKWARDS),
        lambda models: models.cost.anomalies(**BACKWARDS),
        lambda models: models.cost.allocation(tuple(BACKWARDS.values())),
        lambda models: models.scaling.anomalies(**BACKWARDS),
        lambda models: models.dependencies.graph(**BACKWARDS),
        lambda models: models.dependencies.root_causes(**BACKWARDS),
        lambda models: models.dependencies.cascades(**BACKWARDS),
    ],
)
def test_a_window_that_ends_before_it_begins_is_refused(
    models: ReadModels, question: Callable[[ReadModels], object]
) -> None:
    with pytest.raises(InvalidArgumentError, match="pass the earlier time as since"):
        question(models)


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        (lambda models: models.dependencies.graph(min_confidence="x"), "pass a number from 0 to 1"),
        (lambda models: models.dependencies.root_causes(limit=-1), "give 0 or more"),
        (lambda models: models.dependencies.evidence("a", "b", limit=-1), "give 0 or more"),
        (lambda models: models.timeline.suspects(limit="x"), "give 0 or more"),
        (lambda models: models.timeline.events(relation="zzz"), "known are caused-by, managed-by"),
        (lambda models: models.cost.allocation((None, None)), "pass '2026-11'"),
        (lambda _: catch_up(WRONG), "give an open ledger"),
        (lambda models: catch_up(models.ledger, checkpoint_every_events=0), "give 1 or more"),
        (lambda _: replay(WRONG), "give an open ledger"),
    ],
)
def test_a_wrong_argument_is_refused_with_advice(
    models: ReadModels, question: Callable[[Any], object], advice: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=advice):
        question(models)
