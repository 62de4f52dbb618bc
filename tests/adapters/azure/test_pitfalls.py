"""The traps of Azure's logs that others fell into, one test each."""

import json
from typing import Any

import pytest

from cloudledger.domain.events import Flag
from cloudledger.domain.timestamps import parse_timestamp_ns
from tests.adapters.azure.azure_records import AZURE, TENANT, entra, nsg_flows, table_row, vnet_flows
from tests.adapters.builders import ORIGIN
from tests.adapters.native_records import TRACE, activity, app_row, diagnostics
from tests.adapters.parsed import attributes_in, batch_of_records, event_of

TEN = 1_795_168_800
"""2026-11-20T10:00:00Z in seconds."""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("time", "2026-11-20T10:00:00.1234567Z"),
        ("timestamp", "2026-11-20T10:00:00.123456789Z"),
        ("timeStamp", "2026-11-20T10:00:00Z"),
        ("TimeGenerated", "2026-11-20T10:00:00"),
        ("TimeGenerated [UTC]", "11/20/2026 10:00:00 AM"),
        ("eventTimestamp", "2026-11-20T11:00:00+01:00"),
        ("EventTimeString", "11/20/2026 10:00:00 AM +00:00"),
        ("EventTimestamp", "11/20/2026 10:00:00 AM"),
        ("startTime", "2026-11-20T10:00:00.1Z"),
    ],
)
def test_the_time_stands_under_many_names_and_in_many_forms(key: str, value: str) -> None:
    record = json.loads(diagnostics("SomethingNew"))
    del record["time"]

    assert event_of(json.dumps({**record, key: value})).occurred_at // 10**9 == TEN


def test_months_stand_before_days() -> None:
    event = event_of(activity(time="1/9/2007 10:41:00 AM +01:00"))

    assert event.occurred_at == parse_timestamp_ns("2007-01-09T09:41:00Z")


@pytest.mark.parametrize("time", ["", "07: 45: 44", "soon", None, 17.5, [], {}])
def test_a_record_is_never_dropped_for_a_bad_time(time: object) -> None:
    event = event_of(diagnostics("SomethingNew", time=time))

    assert event.format == "azure.generic"
    assert event.flags & Flag.TIME_UNSET or time in ("07: 45: 44", 17.5)
    assert event.occurred_at == ORIGIN.observed_at or time in ("07: 45: 44", 17.5)


@pytest.mark.parametrize("table", ["AppTraces", "AppDependencies", "StorageBlobLogs", "AZFWDnsQuery", "SomethingNew"])
def test_exports_of_log_analytics_have_timegenerated_and_type_instead_of_time_and_category(table: str) -> None:
    event = event_of(json.dumps({"records": [json.loads(table_row(table))]}))

    assert event.format.startswith("azure.")
    assert event.occurred_at // 10**9 == TEN


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        (entra("SignInLogs", Level=4), 9),
        (entra("SignInLogs", Level=2), 17),
        (AZURE["azure.apim"], 9),
        (app_row("AppTraces", SeverityLevel=1), 9),
        (app_row("AppTraces", SeverityLevel=4), 21),
        (diagnostics("FunctionAppLogs", properties={"levelId": 2}), 9),
        (diagnostics("FunctionAppLogs", properties={"levelId": 4}), 17),
        *[
            (diagnostics("X", level=word), number)
            for word, number in {"Informational": 9, "Warning": 13, "Error": 17, "Critical": 21, "Verbose": 5}.items()
        ],
    ],
)
def test_three_scales_of_numbers_are_told_by_the_category(body: str, severity: int) -> None:
    assert event_of(body).severity == severity


def test_a_status_of_http_is_no_severity() -> None:
    assert event_of(AZURE["azure.appgateway"]).severity == 0


def test_both_spellings_of_a_level_in_one_record_do_not_disturb_each_other() -> None:
    body = '{"level":"Error","Level":4,' + AZURE["azure.datafactory"][1:]

    assert event_of(body).severity == 17


def test_network_security_groups_count_seconds_and_networks_milliseconds() -> None:
    [first] = attributes_in(nsg_flows(f"{TEN},192.0.2.9,10.0.0.4,1,2,T,I,A"))["azure.flows"]
    [second] = attributes_in(vnet_flows(f"{TEN}000,192.0.2.9,10.0.0.4,1,2,6,I,B,NX,0,0,0,0"))["azure.flows"]

    assert first["azure.flow.time_ms"] == second["azure.flow.time_ms"] == TEN * 1000
    assert first["network.transport"] == second["network.transport"] == "tcp"


def test_versions_of_tuples_are_told_by_what_they_hold() -> None:
    for line, state in (
        (f"{TEN},192.0.2.9,10.0.0.4,1,2,T,I,A", None),
        (f"{TEN},192.0.2.9,10.0.0.4,1,2,T,I,A,C,1,2,3,4", "continuing"),
        (f"{TEN}000,192.0.2.9,10.0.0.4,1,2,17,I,E,X,1,2,3,4,and,more", "end"),
    ):
        assert attributes_in(nsg_flows(line)).get("azure.flow.state") == state


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda text: text])
def test_a_resource_is_the_same_in_any_case_and_kept_as_written(change: Any) -> None:
    written = change("/subscriptions/0B1F/resourceGroups/Shop/providers/Microsoft.Sql/servers/Orders")

    event = event_of(activity(resourceId=written))

    assert event.resource == "/subscriptions/0b1f/resourcegroups/shop/providers/microsoft.sql/servers/orders"
    assert event.account == "0b1f"
    assert attributes_in(activity(resourceId=written))["cloud.resource_id"] == written


def test_tenants_are_the_account_where_there_is_no_subscription() -> None:
    assert event_of(entra("SignInLogs")).account == TENANT.split("/")[2]


def test_an_operations_id_is_a_trace_and_a_correlation_id_is_none() -> None:
    guid = "0af76519-16cd-43dd-8448-eb211c80319c"

    assert event_of(app_row("AppRequests", OperationId=TRACE)).trace_id == TRACE
    assert event_of(app_row("AppRequests", OperationId=guid)).trace_id == TRACE
    assert event_of(diagnostics("X", correlationId=guid)).trace_id == ""


@pytest.mark.parametrize("missing", ["", "-", None, "N/A"])
def test_numbers_in_texts_are_numbers_and_markers_of_nothing_are_nothing(missing: object) -> None:
    properties = {"httpStatus": "502", "serverStatus": missing, "timeTaken": "0.5", "sentBytes": "17"}
    body = diagnostics("ApplicationGatewayAccessLog", properties=properties)

    found = attributes_in(body)

    assert (event_of(body).status, event_of(body).duration_us, found["http.response.size"]) == (502, 500_000, 17)
    assert "azure.agw.backend.status_code" not in found


@pytest.mark.parametrize(
    "properties",
    ['{"message": "it\'s", "levelId": 4}', "{'message': 'it\\'s', 'levelId': 4}", {"message": "it's", "levelId": 4}],
)
def test_properties_are_read_as_object_as_json_and_as_pseudo_json(properties: object) -> None:
    body = diagnostics("FunctionAppLogs", properties=properties)

    assert event_of(body).severity == 17
    assert attributes_in(body)["log.record.body"] == "it's"


def test_properties_that_are_no_json_are_kept_under_another_name() -> None:
    body = diagnostics("SomethingNew", level="Error", properties="half a {")

    assert event_of(body).severity == 17
    assert attributes_in(body)["azure.properties"] == "half a {"


@pytest.mark.parametrize(("message", "key"), [('{"a": 1}', "status_message"), ("plain", "status_message.text")])
def test_a_text_that_is_json_and_one_that_is_not_have_different_names(message: str, key: str) -> None:
    assert f"azure.administrative.{key}" in attributes_in(activity(properties={"statusMessage": message}))


def test_keys_that_differ_in_case_only_keep_the_first() -> None:
    properties = {"errorInfo": "OriginTimeout", "ErrorInfo": "NoError"}

    assert event_of(diagnostics("FrontDoorAccessLog", properties=properties)).error == "OriginTimeout"


def test_version_1_of_gateways_counts_milliseconds_and_version_2_seconds() -> None:
    def took(instance: str, value: float) -> int | None:
        properties = {"instanceId": instance, "timeTaken": value}
        return event_of(diagnostics("ApplicationGatewayAccessLog", properties=properties)).duration_us

    assert (took("ApplicationGatewayRole_IN_0", 205), took("appgw_2", 0.034)) == (205_000, 34_000)


def test_the_size_of_a_responses_header_is_not_that_of_the_requests() -> None:
    properties = {"requestHeaderSize": 2048, "responseHeaderSize": 1024}
    found = attributes_in(diagnostics("StorageRead", properties=properties))

    assert (found["http.request.header.size"], found["http.response.header.size"]) == (2048, 1024)


def test_a_delivery_twice_is_one_event_and_equal_flows_are_two() -> None:
    row = app_row("AppTraces", Message="x")
    twice = batch_of_records(row, row)
    flows = batch_of_records(nsg_flows(f"{TEN},a,b,1,2,T,I,A"), nsg_flows(f"{TEN},a,b,1,2,T,I,A"))

    assert len({tuple(one) for one in twice.event_id.tolist()}) == 1
    assert len({tuple(one) for one in flows.event_id.tolist()}) == 2


@pytest.mark.parametrize(
    "body",
    [
        diagnostics(
            "StorageRead", uri="https://x.blob.core.windows.net/a?sv=1&sig=abcDEF0123456789abcDEF0123456789%3D"
        ),
        diagnostics("AppServiceHTTPLogs", properties={"Cookie": "session=abcDEF0123456789"}),
    ],
)
def test_secrets_do_not_reach_the_event(body: str) -> None:
    assert b"abcDEF0123456789" not in batch_of_records(body).payload.data
