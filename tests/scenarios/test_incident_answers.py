"""The answers to a generated incident are compared with its truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from cloudledger.adapters import FileSource, IngestReport, ingest
from cloudledger.projections import ReadModels, catch_up
from cloudledger.store import Ledger
from scripts.incident import Truth, generate

MANY_CALLS = 300
"""In the whole story: some three a minute."""

ESTATES = {
    "twelve services": (7, 12, 60_000),
    "forty services": (11, 40, 60_000),
    "few records": (3, 12, 15_000),
}


@dataclass(frozen=True)
class Incident:
    """What happened, and what the library makes of it."""

    truth: Truth
    report: IngestReport
    ledger: Ledger
    models: ReadModels


@pytest.fixture(scope="module", params=ESTATES.values(), ids=list(ESTATES))
def incident(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Incident]:
    seed, services, entries = request.param
    directory: Path = tmp_path_factory.mktemp("incident")
    truth = generate(directory, seed=seed, services=services, entries=entries)
    with Ledger.open(directory / "ledger") as ledger:
        report = ingest(ledger, [FileSource(truth.native)])
        yield Incident(truth, report, ledger, catch_up(ledger))


def is_datastore(service: str, truth: Truth) -> bool:
    """A database is named by its identifier or by its host, which begins with it."""
    return service == truth.datastore or service.startswith(f"{truth.datastore}.")


def is_ingress(caller: str, callee: str, truth: Truth) -> bool:
    """A load balancer is known by its own name, or by that of its rule or proxy; all begin alike."""
    return callee in truth.load_balancers.values() and caller.startswith("shop-")


def day_of(truth: Truth) -> tuple[datetime, datetime]:
    midnight = truth.start.replace(hour=0, minute=0)
    return midnight, midnight + timedelta(days=1)


def test_every_container_line_becomes_one_event(incident: Incident) -> None:
    wanted = {
        "azure.aks.container": ("azure/container-logs/",),
        "gcp.gke.container": ("gcp/stdout/",),
        "gcp.loadbalancer": ("gcp/requests/",),
        "aws.elb.alb": ("aws/AWSLogs/214365870912/elasticloadbalancing/",),
        "aws.cloudtrail": ("aws/AWSLogs/214365870912/CloudTrail/",),
        "azure.activity": ("azure/activity/",),
    }
    stored = formats_of(incident.ledger)

    for log_format, folders in wanted.items():
        files = [file for file in incident.truth.files if file.name.startswith(folders)]
        assert stored[log_format] == sum(file.records - file.duplicates for file in files), log_format


def formats_of(ledger: Ledger) -> dict[str, int]:
    counts: dict[str, int] = {}
    for batch in ledger.read(columns=["format"]):
        for code, count in enumerate(np.bincount(batch.format.codes, minlength=len(batch.format.values)).tolist()):
            counts[batch.format.values[code]] = counts.get(batch.format.values[code], 0) + count
    return counts


def test_only_damaged_records_are_rejected_and_each_is_kept(incident: Incident) -> None:
    rejected = sum(count for source in incident.report.sources for count in source.rejected.values())

    assert incident.truth.unreadable <= rejected <= incident.truth.unreadable + incident.truth.not_utf8


def test_no_line_of_a_damaged_file_is_lost(incident: Incident, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        report = ingest(ledger, [FileSource(incident.truth.native / "broken.log")])

    assert report.appended == next(file.records for file in incident.truth.files if file.name == "broken.log")


def test_the_planted_secret_is_nowhere_in_the_ledger(incident: Incident) -> None:
    secret = incident.truth.planted_secret.encode()

    assert not [batch for batch in incident.ledger.read() for row in range(len(batch)) if secret in batch.payload[row]]


def test_the_first_suspect_of_the_first_failing_service_is_the_culprit(incident: Incident) -> None:
    truth = incident.truth

    suspects = incident.models.timeline.suspects(service=truth.first_failing, at=truth.cascade[truth.first_failing])

    assert suspects[0].deployment.endswith(truth.culprit.run)


def test_the_culprit_comes_first_for_the_resources_that_it_changed(incident: Incident) -> None:
    for resource in incident.truth.culprit.resources:
        suspects = incident.models.timeline.suspects(resource=resource, at=incident.truth.fault_at)

        assert suspects[0].deployment.endswith(incident.truth.culprit.run)


def test_the_root_cause_is_the_first_failing_service_or_its_database(incident: Incident) -> None:
    causes = incident.models.dependencies.root_causes()

    first = causes.candidates[0].service
    assert first == incident.truth.first_failing or is_datastore(first, incident.truth)


def test_the_cascade_holds_all_services_that_failed(incident: Incident) -> None:
    steps = {step.service for cascade in incident.models.dependencies.cascades() for step in cascade.steps}

    assert set(incident.truth.cascade) <= steps


def test_the_cascade_holds_no_healthy_service(incident: Incident) -> None:
    steps = {step.service for cascade in incident.models.dependencies.cascades() for step in cascade.steps}

    assert not steps & set(incident.truth.healthy)


def test_services_of_the_cascade_begin_to_fail_when_they_did(incident: Incident) -> None:
    """A service with few requests may fail too seldom for an onset to be told, or to be told at once."""
    for cascade in incident.models.dependencies.cascades():
        for step in cascade.steps:
            began = incident.truth.cascade.get(step.service)
            calls = calls_by(step.service, incident.truth)
            if began and (step.onset or calls >= MANY_CALLS):
                assert step.onset is not None, step.service
                tolerance = timedelta(minutes=5 if calls >= 3 * MANY_CALLS else 15)
                assert abs(step.onset - began) <= tolerance, step.service


def calls_by(service: str, truth: Truth) -> int:
    return sum(edge.calls for edge in [*truth.edges, *truth.datastore_edges] if edge.caller == service)


def test_the_graph_has_the_edges_that_were_called_and_no_others(incident: Incident) -> None:
    truth = incident.truth
    true = {(edge.caller, edge.callee): edge.calls for edge in truth.edges}

    found = {(edge.caller, edge.callee): edge for edge in incident.models.dependencies.graph().edges}
    of_services = {pair for pair in found if not is_datastore(pair[1], truth) and not is_ingress(*pair, truth)}

    assert len(of_services & set(true)) / len(of_services) >= 0.95
    assert len(of_services & set(true)) / len(true) >= 0.95
    assert any(caller == truth.first_failing and is_datastore(callee, truth) for caller, callee in found)
    often = [pair for pair in of_services & set(true) if true[pair] >= 100]
    assert all(found[pair].calls == pytest.approx(true[pair], rel=0.05) for pair in often)


def test_each_group_at_fault_is_found_with_what_is_wrong_with_it(incident: Incident) -> None:
    anomalies = incident.models.scaling.anomalies()

    for fault in incident.truth.scaling:
        found = {anomaly.anomaly: anomaly for anomaly in anomalies if anomaly.group.endswith(fault.group)}
        assert set(fault.classes) <= set(found)
        assert all(abs(found[name].since - fault.since) <= timedelta(minutes=10) for name in fault.classes)


def test_no_healthy_group_raises_an_alarm(incident: Incident) -> None:
    faulty = tuple(fault.group for fault in incident.truth.scaling)

    alarms = {anomaly.group for anomaly in incident.models.scaling.anomalies()}

    assert not {group for group in alarms if not group.endswith(faulty)}


def test_the_noisy_service_is_the_first_to_be_recommended_a_higher_level(incident: Incident) -> None:
    recommendation = incident.models.cost.recommendations()[0]

    assert (recommendation.service, recommendation.action) == (incident.truth.noise.service, "raise_level")


def test_each_service_is_charged_what_its_logs_cost(incident: Incident) -> None:
    """Within five per cent for every service that has at least one per cent of the cost of logging."""
    since, until = day_of(incident.truth)
    report = incident.models.cost.report(by="service", since=since, until=until)
    charged = summed((line.group["service"], float(line.total)) for line in report)

    for name, cost in costs_of(incident.truth).items():
        assert charged.get(name) == pytest.approx(cost, rel=0.05), name


def costs_of(truth: Truth) -> dict[str, float]:
    """Return what services with at least one per cent of the cost of logging cost."""
    costs = summed((share.service, share.cost) for share in truth.cost_shares)
    return {name: cost for name, cost in costs.items() if cost >= 0.01 * sum(costs.values())}


def summed(costs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Add up costs by name, those of load balancers under one name: their formats offer several."""
    sums: dict[str, float] = {}
    for name, cost in costs:
        name = "load balancers" if name.startswith("shop-") else name
        sums[name] = sums.get(name, 0.0) + cost
    return sums
