"""Records of many formats in one file each become what they become alone, whichever stands first."""

import json
from collections.abc import Iterator
from itertools import permutations

import pytest

from cloudledger.adapters.pipeline import Pipeline
from cloudledger.domain.batch import EventBatch
from tests.adapters.builders import records

ACTIVITY = {
    "eventTimestamp": "2026-11-20T10:00:00Z",
    "eventDataId": "a1",
    "category": {"value": "Administrative", "localizedValue": "Administrative"},
    "operationName": {"value": "Microsoft.Compute/virtualMachines/write"},
    "resourceProviderName": {"value": "Microsoft.Compute"},
    "resourceId": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/v",
    "properties": {},
}
SCALE_SET = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/virtualMachineScaleSets/v"
AUTOSCALE = ACTIVITY | {
    "eventDataId": "a2",
    "category": {"value": "Autoscale", "localizedValue": "Autoscale"},
    "operationName": {"value": "Microsoft.Insights/AutoscaleSettings/Scaleup/Action"},
    "properties": {"ResourceName": SCALE_SET, "OldInstancesCount": "2", "NewInstancesCount": "3"},
}
COMMON = {"time": "2026-11-20T10:00:00Z", "resourceId": SCALE_SET, "operationName": "x", "properties": {}}


def audit(method: str, **payload: object) -> dict[str, object]:
    return {
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Fsystem_event",
        "resource": {"type": "gce_autoscaler", "labels": {"project_id": "p"}},
        "timestamp": "2026-11-20T10:00:00Z",
        "insertId": method,
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "methodName": method,
            "resourceName": "projects/p/zones/z/autoscalers/cart",
            **payload,
        },
    }


RESIZED = audit("compute.autoscalers.resize", metadata={"oldSize": 1, "newSize": 2})
PATCHED = audit("v1.compute.autoscalers.patch", metadata={})
GOOGLE = RESIZED | {"logName": "projects/p/logs/mine", "resource": {"type": "mine", "labels": {}}, "insertId": "g"}
GOOGLE = {key: value for key, value in GOOGLE.items() if key != "protoPayload"} | {"textPayload": "ready"}
CONTAINER = GOOGLE | {
    "logName": "projects/p/logs/stdout",
    "insertId": "c",
    "resource": {"type": "k8s_container", "labels": {"namespace_name": "n", "pod_name": "cart-5fcd447d84-wxwjd"}},
}
APPLICATION = {"message": "ready", "level": "info", "timestamp": "2026-11-20T10:00:00Z"}
FOCUS = {"BilledCost": 1, "ChargeCategory": "Usage", "ChargePeriodStart": "2026-11-01T00:00:00Z", "ServiceName": "x"}
CUR = {"line_item_usage_type": "DataProcessing-Bytes", "line_item_unblended_cost": "1", "line_item_product_code": "x"}
AZURE_COST = {"meterCategory": "Log Analytics", "costInBillingCurrency": 1, "date": "11/01/2026"}
GOOGLE_COST = {"sku": {"id": "1"}, "usage_start_time": "2026-11-01T00:00:00Z", "cost": 1}
PLAN = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": []}
STATE = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "l", "resources": []}
POSTGRES = b"2026-11-20 10:00:00 UTC:10.0.0.1(5):app@shop:[7]:ERROR:  deadlock detected"

NATIVE = {
    "azure.activity": ACTIVITY,
    "azure.autoscale": AUTOSCALE,
    "gcp.audit": PATCHED,
    "gcp.autoscaler": RESIZED,
    "gcp.generic": GOOGLE,
    "gcp.gke.container": CONTAINER,
    "app.json": APPLICATION,
    "focus.charges": FOCUS,
    "aws.cur": CUR,
    "azure.cost_export": AZURE_COST,
    "gcp.billing_export": GOOGLE_COST,
    "terraform.plan": PLAN,
    "terraform.state": STATE,
    "aws.rds": POSTGRES,
    "app.text": b"plain words",
    "azure.appservice": {"records": [{**COMMON, "category": "AppServiceAppLogs"}]},
}


def body(record: object) -> bytes:
    return record if isinstance(record, bytes) else json.dumps(record).encode()


def events(*bodies: bytes) -> Iterator[tuple[str, int, str]]:
    batch = EventBatch.concat(Pipeline().parse(records(*bodies)))
    return zip(batch.format.to_list(), batch.kind.tolist(), batch.name.to_list(), strict=True)


@pytest.mark.parametrize("name", NATIVE)
def test_a_record_alone_is_of_its_format(name: str) -> None:
    assert {found for found, _, _ in events(body(NATIVE[name]))} == {name}


@pytest.mark.parametrize(("first", "second"), list(permutations(NATIVE, 2)))
def test_the_first_record_of_a_file_does_not_decide_for_the_others(first: str, second: str) -> None:
    one, other = body(NATIVE[first]), body(NATIVE[second])

    assert sorted(events(one, other, other, one)) == sorted([*events(one), *events(other)] * 2)


def test_a_list_of_the_activity_log_keeps_its_autoscale_records() -> None:
    assert [found for found, _, _ in events(body([ACTIVITY, AUTOSCALE]))] == ["azure.activity", "azure.autoscale"]
