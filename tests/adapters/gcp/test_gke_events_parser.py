"""Events of GKE's clusters in Cloud Logging: scaling as from the cluster itself, everything else as entries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudledger.adapters import Registry
from cloudledger.adapters.records import Records
from cloudledger.domain import Event, LogRecorded, ScalingRecorded
from tests.adapters.builders import ORIGIN
from tests.adapters.parsed import batch_of_records

RESCALE = {
    "kind": "Event",
    "apiVersion": "v1",
    "reason": "SuccessfulRescale",
    "message": "New size: 5; reason: cpu resource utilization (percentage of request) above target",
    "involvedObject": {"kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "pay"},
    "metadata": {"name": "pay.1", "namespace": "shop", "uid": "u-1"},
    "lastTimestamp": "2026-11-20T12:00:00Z",
}
BACK_OFF = {
    **RESCALE,
    "reason": "BackOff",
    "message": "Back-off restarting",
    "involvedObject": {"kind": "Pod", "name": "p"},
}


def entry(payload: Any, **fields: Any) -> dict[str, Any]:
    labels = {"project_id": "shop-prod", "cluster_name": "eu", "location": "europe-west1"}
    told = {
        "insertId": "a",
        "jsonPayload": payload,
        "logName": "projects/shop-prod/logs/events",
        "resource": {"type": "k8s_cluster", "labels": labels},
        "timestamp": "2026-11-20T12:00:01.5Z",
    }
    return told | fields


def events(*told: Any) -> list[Event]:
    return list(batch_of_records(*[json.dumps(one) for one in told]))


def test_a_rescale_is_a_scaling_event_of_its_cluster() -> None:
    [event] = events(entry(RESCALE))

    assert isinstance(event, ScalingRecorded)
    assert (event.new_size, event.direction, event.format) == (5, "out", "k8s.hpa")
    assert (event.provider, event.account, event.region) == ("gcp", "shop-prod", "europe-west1")
    assert event.resource == "k8s://eu/shop/horizontalpodautoscaler/pay"


def test_it_has_the_id_that_the_cluster_s_own_event_has() -> None:
    [from_log], [from_cluster] = events(entry(RESCALE)), events(RESCALE)

    assert from_log.event_id == from_cluster.event_id


def test_other_events_beside_it_stay_entries() -> None:
    """Whichever comes first: they look alike, so that one parser must read both."""
    for told in ([entry(BACK_OFF, insertId="b"), entry(RESCALE)], [entry(RESCALE), entry(BACK_OFF, insertId="b")]):
        kinds = {type(one): one.format for one in events(*told)}
        assert kinds == {ScalingRecorded: "k8s.hpa", LogRecorded: "gcp.gke"}


def test_events_without_a_uid_are_told_apart_by_their_entries() -> None:
    bare = {name: value for name, value in RESCALE.items() if name not in ("metadata", "lastTimestamp")}
    found = events(entry(bare), entry(bare, insertId="b"), entry({**bare, "metadata": 1}, insertId="c"))

    assert len({one.event_id for one in found}) == 3
    assert len({one.occurred_at for one in found}) == 1
    assert all(isinstance(one, ScalingRecorded) and not one.flags for one in found)


def test_an_entry_without_labels_takes_what_is_known_of_its_origin() -> None:
    [event] = events(entry(RESCALE, resource={"type": "k8s_cluster", "labels": None}))

    assert event.account == ORIGIN.metadata.get("account", "")


def test_an_event_that_cannot_be_read_as_scaling_stays_an_entry() -> None:
    [event] = events(entry({**RESCALE, "metadata": {"creationTimestamp": []}, "lastTimestamp": {}, "series": 7}))

    assert isinstance(event, LogRecorded | ScalingRecorded)


@pytest.mark.parametrize(
    "told",
    [
        entry(RESCALE, logName="projects/p/logs/stdout"),
        entry(RESCALE, resource={"type": "global"}),
        entry(RESCALE, resource=None),
        entry("words"),
        entry({"reason": "SuccessfulRescale"}),
    ],
)
def test_what_is_no_event_of_a_cluster_is_not_taken_for_one(told: dict[str, Any]) -> None:
    assert not any(isinstance(one, ScalingRecorded) for one in events(told))


def test_records_of_other_formats_are_refused_and_attributes_are_those_of_entries() -> None:
    parser = Registry().parser("gcp.gke.events")
    assert parser is not None
    with pytest.raises(ValueError, match="no entry"):
        parser.parse(Records.of([b'{"a":1}'], ORIGIN))
    body = json.dumps(entry(BACK_OFF)).encode()
    assert parser.attributes(body, {}) == Registry().attributes("gcp.gke", body, {})
