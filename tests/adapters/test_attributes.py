"""Attributes of stored events are decoded again from their payloads."""

import pytest

from cloudledger.adapters.attributes import attributes_of
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.domain import LogRecorded
from tests.adapters.builders import container_log_v2, fluent_bit, gke_entry, records, subscription


@pytest.mark.parametrize(
    "body", [subscription(fluent_bit("ERROR x")), container_log_v2("ERROR x"), gke_entry("ERROR x"), "ERROR x"]
)
def test_the_body_of_a_record_comes_back_whatever_carried_it(body: str) -> None:
    [[event]] = Pipeline().parse(records(body))
    assert isinstance(event, LogRecorded)

    attributes = attributes_of(event)

    assert attributes["log.record.body"] == "ERROR x"


def test_kubernetes_facts_have_their_semantic_convention_names() -> None:
    for body in (subscription(fluent_bit("x")), container_log_v2("x"), gke_entry("x")):
        [[event]] = Pipeline().parse(records(body))
        assert isinstance(event, LogRecorded)

        attributes = attributes_of(event)

        assert attributes["k8s.namespace.name"] == "shop"
        assert attributes["k8s.pod.name"]
        assert attributes["service.name"] in {"cart", "pay", "mail"}


def test_log_groups_are_arrays_as_the_semantic_conventions_say() -> None:
    [[event]] = Pipeline().parse(records(subscription(fluent_bit("x"))))
    assert isinstance(event, LogRecorded)

    assert attributes_of(event)["aws.log.group.names"] == ["/aws/containerinsights/prod/application"]
