"""Deployments of Resource Manager and their operations saved to files: outcomes, links, bad fields, no values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudledger.adapters import Origin
from cloudledger.adapters.arm import DeploymentsParser
from cloudledger.adapters.arm.failure_reason import failure_reason
from cloudledger.adapters.arm.kept_fields import without_values
from cloudledger.adapters.records import Records
from cloudledger.domain import Kind
from cloudledger.domain.events import Flag
from tests.adapters.parsed import attributes_in, batch_of_records

GROUP = "/subscriptions/0b1f2c3d-1111-4222-8333-444455556666/resourceGroups/Shop"
RUN = f"{GROUP}/providers/Microsoft.Resources/deployments/main"
STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/Carts"
SECOND = 1_000_000_000


def events_of(value: Any, context: dict[str, Any] | None = None) -> list[Any]:
    return list(batch_of_records(json.dumps(value), context=context))


def run(state: str = "Succeeded", **properties: Any) -> dict[str, Any]:
    told = {
        "provisioningState": state,
        "timestamp": "2026-11-20T10:00:30.5Z",
        "duration": "PT30.5S",
        "correlationId": "c-1",
        "templateHash": "77",
        "mode": "Incremental",
        "parameters": {"password": {"type": "String", "value": "hunter2-hunter2"}},
        "outputResources": [{"id": STORE}],
        "error": None,
        **properties,
    }
    return {"id": RUN, "name": "main", "type": "Microsoft.Resources/deployments", "properties": told}


def operation(doing: str = "Create", state: str = "Succeeded", **properties: Any) -> dict[str, Any]:
    told = {
        "provisioningOperation": doing,
        "provisioningState": state,
        "timestamp": "2026-11-20T10:00:20Z",
        "duration": "PT10S",
        "trackingId": "t-1",
        "statusCode": "Created",
        "statusMessage": None,
        "targetResource": {
            "id": STORE,
            "resourceType": "Microsoft.Storage/storageAccounts",
            "resourceName": "Carts",
        },
        **properties,
    }
    return {"id": f"{RUN}/operations/A1B2", "operationId": "A1B2", "properties": told}


def test_a_saved_list_of_deployments_and_one_of_operations_tell_one_run() -> None:
    [deployment] = events_of([run()])
    [change] = events_of({"value": [operation()]})

    assert deployment.format == change.format == "azure.arm"
    assert (deployment.phase, deployment.outcome, deployment.tool) == ("finished", "succeeded", "arm")
    assert (deployment.stack, deployment.workspace, deployment.change_set) == ("main", "shop", "c-1")
    assert deployment.ended_at - deployment.started_at == 30.5 * SECOND
    assert deployment.occurred_at == deployment.ended_at
    assert deployment.mentions == (STORE.lower(), "template:77")
    assert deployment.account == "0b1f2c3d-1111-4222-8333-444455556666"
    assert change.deployment_id == deployment.deployment_id == RUN.lower()
    assert (change.phase, change.action, change.action_reason) == ("applied", "create", "Create Created")
    assert change.resource == STORE.lower()
    assert change.identifiers == (f"azure.id:{STORE.lower()}",)
    assert change.address == "Microsoft.Storage/storageAccounts/Carts"
    assert change.ended_at - change.started_at == 10 * SECOND
    assert (change.stack, change.status, change.mentions) == ("main", 201, (RUN.lower(),))


def test_one_list_may_hold_deployments_and_operations() -> None:
    kinds = [type(one).__name__ for one in events_of({"value": [run(), operation()], "nextLink": None})]

    assert kinds == ["DeploymentRecorded", "ResourceChanged"]


def test_the_correlation_that_a_carrier_tells_parts_runs_of_one_name() -> None:
    told = {"correlationId": "c-2"}
    [deployment], [change] = events_of(run(), told), events_of(operation(), told)

    assert change.deployment_id == deployment.deployment_id == f"{RUN.lower()}/c-2"
    assert change.change_set == "c-2"
    assert change.event_id == events_of(operation())[0].event_id


def test_a_nested_deployment_is_a_resource_of_the_outer_one() -> None:
    nested = RUN.replace("main", "inner")
    target = {"id": nested, "resourceType": "Microsoft.Resources/deployments", "resourceName": "inner"}

    [change] = events_of(operation(targetResource=target))
    [inner] = events_of(run() | {"id": nested, "name": "inner"})

    assert change.resource == inner.resource == inner.deployment_id
    assert change.deployment_id == RUN.lower()


def test_what_goes_on_has_begun_and_its_end_is_another_event() -> None:
    [running], [ended] = events_of(run("Running")), events_of(run())
    [changing] = events_of(operation(state="Running"))

    assert (running.phase, running.outcome, running.ended_at) == ("started", "", None)
    assert running.occurred_at == running.started_at == ended.started_at
    assert running.event_id != ended.event_id
    assert events_of(run("Accepted"))[0].event_id == running.event_id
    assert (changing.phase, changing.ended_at) == ("started", None)


def test_a_failure_names_its_cause() -> None:
    inner = {"status": "Failed", "error": {"code": "SkuNotAvailable", "message": "no Standard_D2 here"}}
    details = [{"code": "Conflict", "message": json.dumps(inner, indent=2)}]
    error = {"code": "DeploymentFailed", "message": "At least one operation failed.", "details": details}

    [deployment] = events_of(run("Failed", error=error))
    [change] = events_of(operation(state="Failed", statusCode="Conflict", statusMessage=inner))

    assert (deployment.outcome, deployment.error) == ("failed", "SkuNotAvailable: no Standard_D2 here")
    assert (change.phase, change.error, change.message) == ("failed", "SkuNotAvailable", "no Standard_D2 here")
    assert (change.status, change.severity) == (409, 17)


def test_a_cancelled_deployment_is_no_failure() -> None:
    assert events_of(run("Canceled"))[0].outcome == "cancelled"
    assert events_of(operation(state="Canceled"))[0].phase == "failed"


@pytest.mark.parametrize("doing", ["EvaluateDeploymentOutput", "Action", "AzureAsyncOperationWaiting"])
def test_what_changes_no_resource_is_a_log_line(doing: str) -> None:
    [line] = events_of(operation(doing, targetResource=None))

    assert type(line).__name__ == "LogRecorded"
    assert line.resource == RUN.lower()
    assert line.name == f"arm.{doing.lower()}.succeeded"
    assert json.loads(line.payload)["operationId"] == "A1B2"


@pytest.mark.parametrize(("doing", "action"), [("Delete", "delete"), ("Read", "read")])
def test_operations_are_actions(doing: str, action: str) -> None:
    assert events_of(operation(doing))[0].action == action


def test_what_a_run_reads_and_writes_has_two_addresses() -> None:
    [written], [read] = events_of(operation()), events_of(operation("Read"))

    assert read.address == f"existing {written.address}"
    assert read.resource == written.resource


def test_bicep_is_the_tool_where_the_template_says_so() -> None:
    template = {"metadata": {"_generator": {"name": "bicep", "version": "0.30"}}, "resources": []}

    assert events_of(run(template=template))[0].tool == "bicep"


def test_no_value_of_a_parameter_is_kept() -> None:
    error = {"code": "Bad", "message": "hunter2-hunter2 is wrong", "details": ["hunter2-hunter2"]}
    outputs = {"hosts": {"value": [{"name": "secret-host"}, 3]}, "odd": "secret-odd"}
    told = run("Failed", error=error, outputs=outputs, statusMessage={"properties": {"key": "secret-key"}})

    kept = json.dumps(without_values(told)) + repr(events_of(told)) + repr(attributes_in(json.dumps(told)))

    assert "hunter2" not in kept
    assert "secret-" not in kept
    assert events_of(told)[0].error == "Bad: *** is wrong"


def test_a_deployment_of_a_subscription_has_its_region_and_no_group() -> None:
    key = "/subscriptions/0b1f/providers/Microsoft.Resources/deployments/land"
    [one] = events_of(run() | {"id": key, "name": None, "type": None, "location": "West Europe"})

    assert (one.stack, one.workspace, one.region, one.account) == ("land", "", "westeurope", "0b1f")


def test_a_deployment_of_the_tenant_has_no_subscription() -> None:
    key = "/providers/Microsoft.Resources/deployments/land"
    [one] = events_of(run() | {"id": key, "name": ""})
    [change] = events_of(operation() | {"id": f"{key}/operations/1"})

    assert (one.stack, one.account, one.deployment_id) == ("land", "", key.lower())
    assert (change.stack, change.deployment_id) == ("land", key.lower())


@pytest.mark.parametrize("odd", [None, "", 7, "x", [], [[]], {}, {"a": 1}, "9999-99-99T00:00:00Z", "P99999D"])
@pytest.mark.parametrize("made", [run, operation])
def test_a_field_of_any_value_costs_no_record(made: Any, odd: Any) -> None:
    fields = made()
    mutants = [fields | {"properties": fields["properties"] | {name: odd}} for name in fields["properties"]]
    mutants += [fields | {name: odd} for name in fields if name != "properties"]

    batch = batch_of_records(*(json.dumps(one) for one in mutants))

    assert len(batch) == len(mutants)
    assert not (batch.kind == Kind.RECORD_REJECTED).any()


def test_a_target_without_an_id_changes_no_known_resource() -> None:
    [line] = events_of(operation(targetResource={"id": 3, "resourceName": "x"}))
    [bare] = events_of(operation(targetResource={"id": STORE}))

    assert type(line).__name__ == "LogRecorded"
    assert (bare.address, bare.resource_type) == (bare.resource_type, "microsoft.storage/storageaccounts")


def test_a_deployment_without_a_time_says_so() -> None:
    [one] = events_of(run(timestamp="soon", duration="long"))

    assert one.flags & Flag.TIME_UNSET
    assert (one.started_at, one.ended_at) == (None, None)


def test_a_template_with_a_nested_deployment_is_no_deployment() -> None:
    template = {"type": "Microsoft.Resources/deployments", "name": "x", "properties": {"mode": "Incremental"}}

    assert events_of(template)[0].format == "app.json"


def test_what_is_neither_is_refused() -> None:
    for body in (b'{"a":1}', b'{"id":"/x","properties":{}}'):
        with pytest.raises(ValueError, match="no deployment"):
            DeploymentsParser().parse(Records.of([body], Origin("x")))


def test_attributes_are_the_records_fields_under_their_names() -> None:
    assert attributes_in(json.dumps(run()))["azure.arm.correlationId"] == "c-1"
    assert DeploymentsParser().attributes(b"[]", {}) == {}


@pytest.mark.parametrize("told", ["{", "{broken}", '{"a":', {"error": {"error": None}}, 3, [], {"details": "x"}])
def test_an_error_of_any_shape_has_no_code(told: Any) -> None:
    assert failure_reason(told).code == ""


def test_errors_within_errors_without_end_are_read_to_a_depth() -> None:
    told: dict[str, Any] = {}
    for number in range(40):
        told = {"code": f"E{number}", "details": [told]}

    assert failure_reason(told).code == "E28"
