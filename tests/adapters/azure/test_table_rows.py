"""Rows of Log Analytics that name their table only, and names that the collector adds to the conventions."""

import json
from typing import Any

import pytest

from cloudledger.adapters.attributes import attributes_of
from tests.adapters.parsed import event_of

CLUSTER = "/subscriptions/0/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks1"


def row(table: str, **columns: Any) -> str:
    return json.dumps({"Type": table, "TimeGenerated": "2026-11-20T10:00:00Z", **columns})


@pytest.mark.parametrize("table", ["KubeEvents", "MyOwnTable_CL", "ContainerAppConsoleLogs_CL", "Syslog"])
def test_a_row_that_names_its_table_and_no_resource_is_azures(table: str) -> None:
    event = event_of(row(table))

    assert event.format.startswith("azure.")
    assert event.occurred_at == 1_795_168_800_000_000_000


def test_an_event_of_kubernetes_finds_its_cluster_by_the_clusters_own_column() -> None:
    about = {"Name": "pay-0", "Namespace": "shop", "ObjectKind": "Pod"}
    columns = {"KubeEventType": "Warning", "Reason": "BackOff", **about}

    event = event_of(row("KubeEvents", ClusterId=CLUSTER, **columns))

    assert (event.resource, event.account, event.severity) == ("k8s://aks1/shop/pod/pay-0", "0", 13)


def test_columns_of_a_custom_table_are_read_without_the_suffix_of_their_type() -> None:
    event = event_of(row("ContainerAppConsoleLogs_CL", Log_s="level=error msg=boom", ContainerAppName_s="cart"))

    assert (event.service, event.severity) == ("cart", 17)
    assert attributes_of(event)["log.record.body"] == "level=error msg=boom"


def test_sizes_of_headers_are_numbers_and_not_headers_of_that_name() -> None:
    place = {"resourceId": "/subscriptions/0/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"}
    sizes = {"properties": {"requestHeaderSize": 512, "responseHeaderSize": 1024}}

    record = {"time": "2026-11-20T10:00:00Z", "category": "StorageRead", **place, **sizes}
    found = attributes_of(event_of(json.dumps(record)))

    assert (found["http.request.header.size"], found["http.response.header.size"]) == (512, 1024)


def test_the_portals_time_is_read() -> None:
    place = {"resourceId": "/subscriptions/0", "category": "Administrative"}

    event = event_of(json.dumps({"time": "11/20/2026, 10:00:00.123 AM", **place}))

    assert event.occurred_at == 1_795_168_800_123_000_000
