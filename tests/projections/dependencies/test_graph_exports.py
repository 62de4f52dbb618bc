"""Text forms of the graph: what other tools read, whatever a log put into a name."""

import io
import json
from itertools import pairwise

import networkx
import pytest

from cloudledger.projections.dependencies import DependenciesModel, Edge, Service, ServiceGraph
from tests.projections.dependencies.log_lines import Line, model_of, span

ODD_NAMES = [
    'say "hi"',
    "line\nbreak",
    "<b>&amp;</b>",
    "back\\slash",
    "a]-->b",
    "end",
    "nul\0\x07",
    "Ω服务",
    "x;y}",
    "`|`",
]


def odd_graph() -> ServiceGraph:
    edges = [
        Edge(caller=u, callee=v, calls=3, errors=1, error_rate=1 / 3, confidence=0.9, evidence=("a", "b"), support={})
        for u, v in pairwise(ODD_NAMES)
    ]
    return ServiceGraph(services=tuple(Service(name=name, kind="datastore") for name in ODD_NAMES), edges=tuple(edges))


@pytest.fixture(scope="module")
def model() -> DependenciesModel:
    lines = [*span(7, 1, "web", 0, 100), *span(7, 2, "app", 10, 90, parent=1)]
    return model_of([*lines, Line("app", 20, peer="redis:6379", role=1, failed=True)])


def test_graphml_comes_back_from_networkx_as_it_was(model: DependenciesModel) -> None:
    graph = networkx.read_graphml(io.BytesIO(model.to_graphml().encode()))

    assert graph.is_directed()
    assert sorted(graph.edges) == [("app", "redis"), ("web", "app")]
    assert graph.nodes["redis"]["kind"] == "datastore"
    assert graph.edges["web", "app"]["calls"] == 1
    assert graph.edges["app", "redis"]["error_rate"] == 1.0
    assert graph.edges["web", "app"]["evidence"] == "parent span"


def test_graphml_survives_every_name() -> None:
    graph = networkx.read_graphml(io.BytesIO(odd_graph().to_graphml().encode()))

    expected = {name.replace("\0", "\ufffd").replace("\x07", "\ufffd") for name in ODD_NAMES}
    assert set(graph.nodes) == expected
    assert len(graph.edges) == len(ODD_NAMES) - 1


def test_dot_keeps_every_name_inside_its_quotes() -> None:
    text = odd_graph().to_dot()

    assert len(text.splitlines()) == 3 + len(ODD_NAMES) + len(ODD_NAMES) - 1 + 1
    for line in text.splitlines()[3:-1]:
        assert line.replace("\\\\", "").replace('\\"', "").count('"') % 2 == 0


def test_mermaid_shows_names_without_letting_them_be_markup() -> None:
    text = odd_graph().to_mermaid()

    assert len(text.splitlines()) == 1 + len(ODD_NAMES) + len(ODD_NAMES) - 1
    assert 'n0[("say #34;hi#34;")]' in text
    assert "<b>" not in text
    assert "`" not in text


def test_an_inferred_edge_is_drawn_differently() -> None:
    edge = odd_graph().edges[0]
    graph = ServiceGraph(
        services=odd_graph().services,
        edges=(Edge(**{name: getattr(edge, name) for name in edge.__struct_fields__} | {"via": "x"}),),
    )

    assert "style=dashed" in graph.to_dot()
    assert "-.->" in graph.to_mermaid()


def test_rustworkx_gets_the_structs(model: DependenciesModel) -> None:
    graph = model.to_rustworkx()

    assert [node.name for node in graph.nodes()] == ["app", "redis", "web"]
    assert sorted(edge.callee for edge in graph.edges()) == ["app", "redis"]


def test_json_is_the_whole_answer(model: DependenciesModel) -> None:
    answer = json.loads(model.to_json())

    assert [(edge["caller"], edge["callee"], edge["calls"]) for edge in answer["edges"]] == [
        ("app", "redis", 1),
        ("web", "app", 1),
    ]
    assert answer["edges"][1]["first_seen"].endswith("Z")


def test_model_and_graph_write_the_same(model: DependenciesModel) -> None:
    assert model.to_dot() == model.graph().to_dot()
    assert model.to_mermaid() == model.graph().to_mermaid()
