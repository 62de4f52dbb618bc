"""What broke first, whom it took along, and when nothing can be said."""

import numpy as np
import pytest

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.projections.dependencies import DependenciesModel
from cloudledger.projections.dependencies.attribution import attribute
from cloudledger.projections.dependencies.cusum import cusum, onset
from tests.projections.dependencies.incident import (
    SINCE,
    UNTIL,
    dead_store,
    incident,
    noisy_neighbour,
    optional_callee,
    shop,
    slow_search,
)
from tests.projections.dependencies.log_lines import Line, model_of


@pytest.fixture(scope="module")
def shop_model() -> DependenciesModel:
    return model_of(incident(shop))


@pytest.mark.parametrize("seed", range(5))
def test_the_failing_callee_ranks_above_the_callers_that_fail_with_it(seed: int) -> None:
    causes = model_of(incident(shop, seed=seed)).root_causes(since=SINCE, until=UNTIL)

    assert causes.decided
    assert causes.candidates[0].service == "payment"
    assert causes.candidates[0].explains == ("checkout", "web")


def test_reasons_open_the_failed_records(shop_model: DependenciesModel) -> None:
    first = shop_model.root_causes(since=SINCE, until=UNTIL).candidates[0]
    errors = next(reason for reason in first.reasons if reason.signal == "errors")

    lines = incident(shop)
    shown = [lines[int(reference.rpartition("@")[2]) - 1] for reference in errors.references]

    assert shown
    assert all(line.service == "payment" and line.failed for line in shown)


def test_the_onset_lies_within_a_minute_of_the_fault(shop_model: DependenciesModel) -> None:
    onset_at = shop_model.root_causes(since=SINCE, until=UNTIL).candidates[0].onset

    assert onset_at is not None
    assert abs(onset_at.timestamp() - SINCE / 1e9) <= 60


def test_without_a_window_the_incident_is_found(shop_model: DependenciesModel) -> None:
    causes = shop_model.root_causes()

    assert causes.since is not None
    assert abs(causes.since.timestamp() - SINCE / 1e9) <= 60
    assert causes.candidates[0].service == "payment"


def test_a_calm_window_decides_nothing(shop_model: DependenciesModel) -> None:
    calm = shop_model.root_causes(since=SINCE - 300_000_000_000, until=SINCE - 10_000_000_000)

    assert not calm.decided
    assert not any(candidate.anomalous for candidate in calm)


def test_no_data_decides_nothing() -> None:
    assert len(model_of([]).root_causes()) == 0
    assert model_of([]).cascades() == ()


def test_a_datastore_that_never_logs_is_found_by_the_failures_that_name_it() -> None:
    model = model_of(incident(dead_store))
    first = model.root_causes(since=SINCE, until=UNTIL).candidates[0]

    assert first.service == "basket-store"
    assert first.reasons[0].signal == "named as failing"
    assert first.reasons[0].references


def test_slowness_of_its_own_is_told_from_slowness_of_callees() -> None:
    causes = model_of(incident(slow_search)).root_causes(since=SINCE, until=UNTIL)

    assert [candidate.service for candidate in causes if candidate.anomalous] == ["search"]


def test_more_traffic_alone_is_no_anomaly() -> None:
    calm = incident(lambda trace, begin, _, rng: shop(trace, begin, False, rng))
    surge = incident(lambda trace, begin, late, rng: shop(trace + 9000, begin, False, rng) if late else [], seed=9)

    causes = model_of(calm + surge).root_causes(since=SINCE, until=UNTIL)

    assert not any(candidate.anomalous for candidate in causes)


def test_a_cascade_runs_from_the_failing_service_to_its_callers(shop_model: DependenciesModel) -> None:
    (cascade,) = shop_model.cascades(since=SINCE, until=UNTIL)

    assert cascade.origin == "payment"
    assert [step.service for step in cascade.steps] == ["payment", "checkout", "web"]
    assert {(link.caller, link.callee) for link in cascade.links} == {("checkout", "payment"), ("web", "checkout")}


def test_explicit_failures_are_lines_of_the_cascade() -> None:
    (cascade,) = model_of(incident(dead_store)).cascades(since=SINCE, until=UNTIL)
    told = [link for link in cascade.links if link.told]

    assert {(link.caller, link.callee) for link in told} == {("cart", "basket-store"), ("orders", "basket-store")}
    assert told[0].line.startswith("cart failed calling basket-store")
    assert told[0].references


def test_a_caller_that_names_who_failed_it_is_not_linked_to_a_bystander() -> None:
    (cascade,) = model_of(incident(noisy_neighbour)).cascades(since=SINCE, until=UNTIL)

    assert [step.service for step in cascade.steps] == ["payment", "web"]


def test_a_caller_that_gets_by_without_its_callee_is_no_part_of_a_cascade() -> None:
    model = model_of(incident(optional_callee))

    assert model.cascades(since=SINCE, until=UNTIL) == ()
    assert model.root_causes(since=SINCE, until=UNTIL).candidates[0].service == "advice"


def test_a_window_beyond_the_data_decides_nothing(shop_model: DependenciesModel) -> None:
    assert not shop_model.root_causes(since=UNTIL + 10**12).decided
    assert shop_model.cascades(since=UNTIL + 10**12, until=UNTIL + 2 * 10**12) == ()


def test_impact_tells_who_is_in_trouble_from_who_is_at_risk(shop_model: DependenciesModel) -> None:
    during = shop_model.impact("payment", since=SINCE, until=UNTIL)
    before = shop_model.impact("payment", since=SINCE - 300_000_000_000, until=SINCE - 10_000_000_000)

    assert (during.observed, during.at_risk) == (("checkout", "web"), ())
    assert (before.observed, before.at_risk) == ((), ("checkout", "web"))
    assert during.dependents[1].path == ("web", "checkout", "payment")
    assert during.dependents[0].probability > during.dependents[1].probability > 0.5


def test_nobody_depends_on_the_entrance(shop_model: DependenciesModel) -> None:
    assert shop_model.impact("web").dependents == ()


def test_the_impact_of_an_unknown_service_is_an_error_that_names_the_known(shop_model: DependenciesModel) -> None:
    with pytest.raises(InvalidArgumentError, match="known are cart, checkout, payment, web"):
        shop_model.impact("paymnet")


def test_a_window_that_ends_before_it_begins_is_refused(shop_model: DependenciesModel) -> None:
    with pytest.raises(InvalidArgumentError, match="is not before"):
        shop_model.graph(since=UNTIL, until=SINCE)


def test_services_that_call_each_other_in_a_circle_keep_their_own_blame() -> None:
    blame = attribute({"a": 3.0, "b": 5.0, "c": 1.0}, [("a", "b"), ("b", "a"), ("c", "a")])

    assert sum(blame.values()) == pytest.approx(9.0)
    assert blame["b"] == 5.0


def test_blame_is_passed_on_never_made_or_lost() -> None:
    rng = np.random.default_rng(4)
    nodes = [f"s{number}" for number in range(12)]
    scores = dict(zip(nodes, rng.uniform(1, 9, 12).tolist(), strict=True))
    pairs = [(nodes[u], nodes[v]) for u, v in rng.integers(0, 12, (30, 2)).tolist() if u != v]

    assert sum(attribute(scores, pairs).values()) == pytest.approx(sum(scores.values()))


def test_a_cusum_forgets_a_single_spike_and_keeps_a_lasting_shift() -> None:
    spike = np.array([0, 2, 0, 0, 0, 0, 0, 0, 0, 0])
    shift = np.array([0, 0, 0, 0, 3, 3, 3, 3, 3, 3])

    assert onset(cusum(spike, np.zeros(10))) is None
    assert onset(cusum(shift, np.zeros(10))) == 4


def test_lines_without_traces_still_give_anomalies() -> None:
    lines = [Line("job", 1000.0 * at, template=1) for at in range(1800)]
    lines += [Line("job", 1_500_000 + 3000.0 * at, failed=True, template=2) for at in range(90)]

    assert model_of(lines).root_causes(since=SINCE, until=UNTIL).candidates[0].service == "job"


def test_a_record_of_a_clock_far_ahead_does_not_end_the_data() -> None:
    stray = Line("web", 200 * 365 * 86_400_000.0, template=11)

    causes = model_of([*incident(shop), stray]).root_causes()

    assert causes.candidates[0].service == "payment"


@pytest.mark.parametrize("window", [{"since": 0}, {"since": 0, "until": UNTIL}, {"until": UNTIL + 10**18}])
def test_a_window_that_begins_before_the_data_finds_the_incident(
    shop_model: DependenciesModel, window: dict[str, int]
) -> None:
    assert shop_model.root_causes(**window).candidates[0].service == "payment"
    assert len(shop_model.cascades(**window)) == 1


def test_of_a_window_longer_than_a_month_the_newest_month_is_looked_at() -> None:
    early = [Line("web", -day * 86_400_000.0, template=1) for day in (50, 80)]

    causes = model_of([*early, *incident(shop)]).root_causes(since=SINCE - 70 * 86_400 * 10**9)

    assert causes.since is not None
    assert causes.until is not None
    assert (causes.until - causes.since).days == 31
    assert causes.until.timestamp() >= UNTIL / 1e9 - 60


def test_a_window_without_end_is_cut_after_a_month() -> None:
    stray = Line("web", 200 * 365 * 86_400_000.0, template=11)

    causes = model_of([*incident(shop), stray]).root_causes(since=SINCE, until=SINCE + 200 * 365 * 86_400 * 10**9)

    assert causes.until is not None
    assert causes.until.timestamp() - SINCE / 1e9 <= 31 * 86_400
