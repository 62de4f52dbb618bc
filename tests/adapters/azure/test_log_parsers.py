"""Azure's logs: the activity log in both forms, resource logs of every category, and Log Analytics exports."""

import json

import pytest

from cloudledger.adapters.registry import Registry
from cloudledger.domain.events import Flag, PeerRole
from tests.adapters.builders import ORIGIN
from tests.adapters.native_records import TRACE, activity, app_row, diagnostics, kubernetes_audit
from tests.adapters.parsed import batch_of_records, event_of

SUBSCRIPTION = "0b1f6471-1bf0-4dda-aec3-cb9272f09590"


def test_a_failed_operation_names_resource_caller_code_and_status() -> None:
    event = event_of(activity(caller="eve@example.com"))

    assert (event.service, event.name) == ("microsoft.sql", "MICROSOFT.SQL/SERVERS/WRITE")
    assert event.resource == f"/subscriptions/{SUBSCRIPTION}/resourcegroups/shop/providers/microsoft.sql/servers/orders"
    assert (event.error, event.status, event.severity) == ("ServerBusy", 409, 17)
    assert (event.account, event.duration_us) == (SUBSCRIPTION, 12_000)
    assert "eve@example.com" in event.mentions


def test_the_apis_form_reads_like_the_exports() -> None:
    body = {
        "eventTimestamp": "2026-11-20T10:00:00.1234567Z",
        "eventDataId": "7",
        "category": {"value": "Administrative", "localizedValue": "Verwaltung"},
        "operationName": {"value": "Microsoft.Sql/servers/write", "localizedValue": "x"},
        "resourceProviderName": {"value": "Microsoft.Sql"},
        "status": {"value": "Failed"},
        "subStatus": {"value": "Conflict"},
        "resourceId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Sql/servers/orders",
        "level": "Warning",
    }

    event = event_of(json.dumps({"value": [body]}))

    assert (event.format, event.error, event.severity) == ("azure.activity", "Conflict", 13)
    assert event.resource == event_of(activity()).resource


def test_ids_of_any_case_are_one_resource() -> None:
    upper, lower = (
        event_of(activity(resourceId=f(json.loads(activity())["resourceId"]))) for f in (str.upper, str.lower)
    )

    assert upper.resource == lower.resource
    assert upper.account == lower.account


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-20T10:00:00.1234567Z",
        "2026-11-20T10:00:00.123456789Z",
        "11/20/2026 10:00:00 AM",
        "11/20/2026 10:00:00 AM +00:00",
    ],
)
def test_times_of_every_form_are_read(time: str) -> None:
    assert event_of(activity(time=time)).occurred_at // 10**9 == 1_795_168_800


@pytest.mark.parametrize(
    "key", ["time", "timestamp", "timeStamp", "TimeGenerated", "EventTimeString", "EventTimestamp"]
)
def test_the_time_may_stand_under_any_of_its_names(key: str) -> None:
    record = json.loads(diagnostics("SomethingNew"))
    record[key] = record.pop("time")

    event = event_of(json.dumps(record))

    assert (event.format, event.occurred_at // 10**9) == ("azure.generic", 1_795_168_800)


def test_a_record_with_an_unreadable_time_is_kept_and_flagged() -> None:
    event = event_of(activity(time="07: 45: 44 tomorrow"))

    assert event.flags & Flag.TIME_UNSET
    assert event.occurred_at == ORIGIN.observed_at


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        (diagnostics("SignInLogs", "MICROSOFT.AADIAM", Level=4), 9),
        (diagnostics("SignInLogs", "MICROSOFT.AADIAM", Level="2"), 17),
        (diagnostics("FunctionAppLogs", properties={"levelId": 2}), 9),
        (diagnostics("FunctionAppLogs", properties={"levelId": 4}), 17),
        (app_row("AppTraces", SeverityLevel=1, Message="x"), 9),
        (app_row("AppTraces", SeverityLevel=3, Message="x"), 17),
        (diagnostics("SomethingNew", level="Informational"), 9),
    ],
)
def test_numeric_levels_are_read_by_the_scale_of_their_category(body: str, severity: int) -> None:
    assert event_of(body).severity == severity


def test_application_insights_rows_are_spans_with_parents_and_callees() -> None:
    request = event_of(
        app_row("AppRequests", Id="1111111111111111", DurationMs=15.0645, ResultCode="500", Success=False)
    )
    call = event_of(
        app_row("AppDependencies", Id="2222222222222222", Target="pay.internal", Success=True, ResultCode="200")
    )
    trace = event_of(app_row("AppTraces", Message="charging"))

    assert (request.trace_id, request.span_id, request.parent_span_id) == (TRACE, "1" * 16, "00f067aa0ba902b7")
    assert (request.duration_us, request.status, request.error, request.service) == (15_064, 500, "500", "cart")
    assert (call.peer, call.peer_role, call.error) == ("pay.internal", PeerRole.CALLEE, "")
    assert (trace.span_id, trace.parent_span_id) == ("00f067aa0ba902b7", "")


def test_a_correlation_id_is_not_a_trace() -> None:
    assert event_of(activity(correlationId=TRACE)).trace_id == ""


def test_the_billed_size_is_the_size_and_the_item_the_id() -> None:
    first, again = (event_of(app_row("AppTraces", _BilledSize=1024, Message=text)) for text in ("a", "b"))

    assert first.size_bytes == 1024
    assert first.event_id == again.event_id


@pytest.mark.parametrize(
    "properties",
    [{"ScStatus": 503, "TimeTaken": 25}, '{"ScStatus": 503, "TimeTaken": 25}', "{'ScStatus': 503, 'TimeTaken': 25}"],
)
def test_properties_are_read_as_object_as_json_text_and_as_pseudo_json(properties: object) -> None:
    event = event_of(diagnostics("AppServiceHTTPLogs", properties=properties))

    assert (event.format, event.status, event.duration_us, event.service) == ("azure.appservice", 503, 25_000, "shop")


def test_gateways_of_version_1_count_milliseconds_and_of_version_2_seconds() -> None:
    def took(instance: str, time_taken: float) -> int | None:
        properties = {"instanceId": instance, "timeTaken": time_taken, "httpStatus": 200}
        return event_of(diagnostics("ApplicationGatewayAccessLog", properties=properties)).duration_us

    assert took("ApplicationGatewayRole_IN_0", 205) == 205_000
    assert took("appgw_1", 0.034) == 34_000


def test_attributes_of_a_request_have_standard_names_and_types() -> None:
    properties = {"clientIP": "192.0.2.7", "clientPort": "46886", "httpStatus": 404, "receivedBytes": "65", "odd": 1}
    body = diagnostics("ApplicationGatewayAccessLog", properties=properties)

    parser = Registry().parser("azure.appgateway")

    assert parser is not None
    found = parser.attributes(body.encode(), {})
    assert (found["client.address"], found["client.port"], found["http.request.size"]) == ("192.0.2.7", 46886, 65)
    assert (found["http.response.status_code"], found["azure.properties.odd"]) == (404, 1)


def test_keys_that_differ_in_case_only_do_not_clobber() -> None:
    event = event_of(
        diagnostics("FrontDoorAccessLog", properties={"errorInfo": "OriginTimeout", "ErrorInfo": "NoError"})
    )

    assert event.error == "OriginTimeout"


def test_a_category_that_nobody_knows_keeps_time_resource_severity_and_text() -> None:
    event = event_of(diagnostics("BrandNew", level="Error", properties={"message": "disk full"}))

    assert (event.format, event.severity, event.service) == ("azure.generic", 17, "shop")
    assert all((event.occurred_at, event.resource, event.template))


def test_entra_records_with_an_activitys_category_are_no_activity_log() -> None:
    record = {
        "time": "2026-11-20T10:00:00Z",
        "resourceId": "/tenants/t/providers/Microsoft.aadiam",
        "category": "Policy",
    }

    assert event_of(json.dumps(record)).format == "azure.audit"


def test_records_of_many_categories_in_one_file_each_get_their_format() -> None:
    records = [activity(), diagnostics("StorageRead", statusCode=404), diagnostics("X"), app_row("AppTraces")]

    batch = batch_of_records(json.dumps({"records": [json.loads(one) for one in records]}))

    assert batch.format.to_list() == ["azure.activity", "azure.storage", "azure.generic", "azure.appinsights"]


def test_an_audited_object_of_a_cluster_is_found_inside_the_text_of_the_record() -> None:
    cluster = "MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/AKS"

    event = event_of(
        diagnostics("kube-audit", cluster, properties={"log": kubernetes_audit(), "pod": "kube-apiserver-1"})
    )

    assert (event.format, event.name, event.status, event.error) == ("azure.aks", "patch", 403, "Forbidden")
    assert event.resource == "k8s://aks/shop/deployment/pay"
    assert any(one.endswith("/managedclusters/aks") for one in event.mentions)


def test_an_audit_record_that_its_carrier_cut_off_is_kept() -> None:
    event = event_of(diagnostics("kube-audit", properties={"log": kubernetes_audit()[:90]}))

    assert event.format == "azure.aks"


def test_a_signature_in_a_storage_uri_does_not_reach_the_event() -> None:
    uri = "https://shop.blob.core.windows.net/a/b?sv=2022-11-02&sig=abcDEF0123456789abcDEF0123456789%3D"

    event = event_of(diagnostics("StorageRead", "MICROSOFT.STORAGE/STORAGEACCOUNTS/SHOP", uri=uri, statusCode=200))

    assert event.format == "azure.storage"
    assert b"abcDEF0123456789" not in event.payload  # type: ignore[attr-defined]
