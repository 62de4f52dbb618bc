"""Calls whose record names the other side: access logs, error messages, client spans."""

import pytest

from cloudledger.projections.dependencies.peer_names import PeerNames, host_of
from tests.projections.dependencies.log_lines import Line, edges_of, model_of, span

CALLEE, CALLER = 1, 2


def named(service: str, peer: str, count: int = 5, **facts: object) -> list[Line]:
    return [Line(service, 10.0 * at, peer=peer, role=CALLEE, **facts) for at in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "order",
        "ORDER",
        "order:8080",
        "http://order/api/v1",
        "https://user:pw@order.shop.svc.cluster.local:8443/x?y=1",
        "order.shop",
        "order.shop.svc",
        "order-5fcd447d84-wxwjd",
        "order-0",
        "outbound|8080|v2|order.shop.svc.cluster.local",
        "arn:aws:lambda:eu-west-1:123456789012:function:order",
    ],
)
def test_a_name_of_a_known_service_resolves_to_it(name: str) -> None:
    peer = PeerNames(["order", "cart"]).resolve(host_of(name))

    assert peer is not None
    assert (peer.name, peer.kind) == ("order", "service")


@pytest.mark.parametrize(
    "name", ["localhost:80", "127.0.0.1", "10.1.2.3:443", "[::1]:80", "-", "", "PassthroughCluster"]
)
def test_an_address_or_this_very_machine_names_nobody(name: str) -> None:
    assert host_of(name) == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("db-1.abc.eu-west-1.rds.amazonaws.com:5432", "datastore"),
        ("ts-station-mongo:27017", "datastore"),
        ("redis", "datastore"),
        ("jdbc:mysql://billing/x", "datastore"),
        ("sqs.eu-west-1.amazonaws.com", "queue"),
        ("kafka-0:9092", "queue"),
        ("https://api.stripe.com/v1", "external"),
    ],
)
def test_an_unknown_host_becomes_a_node_of_its_kind(name: str, kind: str) -> None:
    peer = PeerNames(["cart"]).resolve(host_of(name))

    assert peer is not None
    assert peer.kind == kind


def test_a_word_that_is_no_host_becomes_nothing() -> None:
    assert edges_of(named("cart", "something")) == {}


def test_each_record_that_names_a_callee_is_a_call() -> None:
    lines = named("cart", "http://pay:8080/charge", 5) + named("cart", "pay", 2, status=503) + [Line("pay", 1)]

    assert edges_of(lines) == {("cart", "pay"): (7, 2)}


def test_a_record_that_names_its_caller_is_a_call_of_that_caller() -> None:
    lines = [Line("pay", 1.0, peer="cart", role=CALLER), Line("cart", 0.0)]

    assert edges_of(lines) == {("cart", "pay"): (1, 0)}


def test_an_unknown_caller_is_no_node() -> None:
    assert edges_of([Line("pay", 1.0, peer="crawler.example.com", role=CALLER)]) == {}


def test_kinds_of_evidence_watch_the_same_calls_and_are_never_added_up() -> None:
    traced = [
        line
        for trace in range(1, 11)
        for line in [*span(trace, 1, "cart", 0, 100), *span(trace, 2, "pay", 10, 90, parent=1)]
    ]
    graph = model_of(traced + named("cart", "pay", 4)).graph()
    (edge,) = graph.edges

    assert (edge.calls, edge.support) == (10, {"parent span": 10, "named peer": 4})
    assert edge.confidence > model_of(traced).graph().edges[0].confidence


def test_a_call_of_itself_is_told_at_the_service_not_drawn() -> None:
    graph = model_of(named("cart", "cart.shop.svc:80", 3)).graph()

    assert graph.edges == ()
    assert [(service.name, service.self_calls) for service in graph.services] == [("cart", 3)]


def test_a_node_that_never_logs_is_shown_with_its_kind() -> None:
    graph = model_of(named("cart", "mongodb://carts:27017/x", 3, failed=True)).graph()

    assert [(service.name, service.kind, service.errors) for service in graph.services] == [
        ("cart", "service", 0 + 3),
        ("carts", "datastore", 3),
    ]


def test_latency_of_named_calls_is_the_recorded_duration() -> None:
    (edge,) = (
        model_of(
            [*named("cart", "pay-db:5432", 98, duration_us=1000), *named("cart", "pay-db:5432", 2, duration_us=90_000)]
        )
        .graph()
        .edges
    )

    assert edge.p50_us is not None
    assert abs(edge.p50_us - 1000) <= 50
    assert edge.p99_us is not None
    assert abs(edge.p99_us - 90_000) <= 4_500


def test_a_window_counts_only_its_minutes() -> None:
    lines = [Line("cart", minute * 60_000.0, peer="pay-db:1", role=CALLEE) for minute in range(10)]
    model = model_of(lines)
    first = model.graph().edges[0].first_seen
    assert first is not None

    start = int(first.timestamp()) * 1_000_000_000
    window = model.graph(since=start + 2 * 60_000_000_000, until=start + 5 * 60_000_000_000)

    assert [edge.calls for edge in window.edges] == [3]
