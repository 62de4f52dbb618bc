"""The front doors have the names and parameters that users were promised."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

LEDGER = {
    "open": "location read_only",
    "append": "stream events cursor",
    "cursor": "stream",
    "streams": "",
    "read": "stream after since until columns",
    "search": "since until service resource trace_id severity kind format text limit",
    "event": "reference",
    "verify": "",
    "seal": "",
    "retain": "",
    "stats": "",
}

MODELS = {
    "timeline": {
        "changes": "resource deployment component since until",
        "deployments": "resource",
        "resources": "deployment",
        "links": "event",
        "events": "deployment change_set component relation",
        "suspects": "service resource at",
    },
    "dependencies": {
        "graph": "since until min_confidence",
        "impact": "service",
        "cascades": "since until",
        "root_causes": "since until",
        "evidence": "caller callee",
    },
    "scaling": {
        "groups": "",
        "history": "group",
        "lags": "group",
        "failures": "group",
        "correlations": "group",
        "anomalies": "since until",
        "capacity": "group",
    },
    "cost": {
        "report": "by since until",
        "log_volume": "by since until",
        "allocation": "period",
        "trends": "by",
        "anomalies": "",
        "recommendations": "",
    },
}

GRAPH = ("to_rustworkx", "to_dot", "to_graphml", "to_mermaid", "to_json")


def missing_parameters(function: Callable[..., Any], promised: str) -> list[str]:
    return [name for name in promised.split() if name not in inspect.signature(function).parameters]


def keyword_only(function: Callable[..., Any]) -> set[str]:
    parameters = inspect.signature(function).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}


@pytest.fixture
def models(tmp_path: Path) -> Iterator[Any]:
    from cloudledger.projections import catch_up
    from cloudledger.store import Ledger

    with Ledger.open(tmp_path / "ledger") as ledger:
        yield catch_up(ledger)


@pytest.mark.parametrize(("method", "parameters"), LEDGER.items())
def test_the_ledger_has_its_methods(method: str, parameters: str) -> None:
    from cloudledger.store import Ledger

    assert not missing_parameters(getattr(Ledger, method), parameters)


def test_options_of_the_ledger_are_given_by_name() -> None:
    from cloudledger.store import Ledger

    assert {"read_only"} <= keyword_only(Ledger.open)
    assert {"cursor"} <= keyword_only(Ledger.append)
    assert {"after", "since", "until", "columns"} <= keyword_only(Ledger.read)
    assert set(LEDGER["search"].split()) <= keyword_only(Ledger.search)


def test_ingest_takes_a_ledger_and_sources() -> None:
    from cloudledger.adapters import FileSource, ingest

    assert callable(FileSource)
    assert not missing_parameters(ingest, "ledger sources")
    assert {"executor", "on_progress"} <= keyword_only(ingest)


def test_read_models_are_caught_up_and_replayed() -> None:
    from cloudledger.projections import catch_up, replay

    assert not missing_parameters(catch_up, "ledger executor")
    assert not missing_parameters(replay, "ledger")
    assert {"until", "as_known_at", "checkpoint"} <= keyword_only(replay)


@pytest.mark.parametrize(
    ("model", "method", "parameters"),
    [(model, method, parameters) for model, methods in MODELS.items() for method, parameters in methods.items()],
)
def test_a_read_model_has_its_queries(models: Any, model: str, method: str, parameters: str) -> None:
    assert not missing_parameters(getattr(getattr(models, model), method), parameters)


@pytest.mark.parametrize("export", GRAPH)
def test_the_dependency_graph_of_an_empty_ledger_is_exported(models: Any, export: str) -> None:
    assert getattr(models.dependencies.graph(), export)() is not None


def test_every_error_descends_from_one_root() -> None:
    from cloudledger.domain import errors

    classes = [
        value for value in vars(errors).values() if inspect.isclass(value) and value.__module__ == errors.__name__
    ]

    assert classes
    assert [error.__name__ for error in classes if not issubclass(error, errors.CloudledgerError)] == []
