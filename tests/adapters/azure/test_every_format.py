"""Every log format of Azure: recognised by content, with its columns and attributes."""

import json

import pytest

from cloudledger.adapters.registry import Registry
from cloudledger.domain.events import PeerRole
from tests.adapters.azure.azure_records import AZURE, entra, messaging, nsg_flows, table_row, vnet_flows
from tests.adapters.native_records import activity, app_row, diagnostics
from tests.adapters.parsed import attributes_in, batch_of_records, event_of

FACTS = "azure.arm", "azure.autoscale", "azure.cost_export", "azure.metrics"
"""Formats of facts, tested with the parsers of facts."""


def test_every_log_format_has_an_example() -> None:
    formats = {parser.format for parser in Registry().parsers if parser.format.startswith("azure.")}

    assert formats - set(FACTS) == set(AZURE)


@pytest.mark.parametrize("name", AZURE)
def test_each_example_has_time_place_and_name(name: str) -> None:
    event = event_of(AZURE[name])

    assert event.format == name
    assert event.occurred_at // 10**9 in range(1_795_168_800, 1_795_168_860)
    assert event.provider == "azure"
    assert event.service
    assert event.account
    assert event.resource
    assert event.name or event.template


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("azure.signin", "50126"),
        ("azure.audit", "Denied"),
        ("azure.aks", "Forbidden"),
        ("azure.frontdoor", "OriginTimeout"),
        ("azure.apim", "BackendConnectionFailure"),
        ("azure.functionapp", "E"),
        ("azure.appinsights", "500"),
        ("azure.storage", "BlobNotFound"),
        ("azure.keyvault", "Forbidden"),
        ("azure.messaging", "Failed"),
        ("azure.datafactory", "2108"),
        ("azure.databricks", "denied"),
        ("azure.sql", "failed"),
        ("azure.postgresql", "42P01"),
    ],
)
def test_what_went_wrong_is_the_error(name: str, error: str) -> None:
    assert event_of(AZURE[name]).error == error


@pytest.mark.parametrize(
    ("name", "status", "duration_us"),
    [
        ("azure.appgateway", 502, 34_000),
        ("azure.frontdoor", 503, 35_000),
        ("azure.apim", 500, 120_000),
        ("azure.appservice", 503, 25_000),
        ("azure.storage", 404, 7_000),
        ("azure.keyvault", 403, None),
        ("azure.cosmosdb", 429, 12_500),
        ("azure.databricks", 403, None),
        ("azure.datafactory", 0, 2_000_000),
        ("azure.mysql", 0, 3_500_000),
    ],
)
def test_statuses_and_durations_are_columns(name: str, status: int, duration_us: int | None) -> None:
    event = event_of(AZURE[name])

    assert (event.status, event.duration_us) == (status, duration_us)


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("azure.appgateway", "10.0.0.1:80"),
        ("azure.frontdoor", "cart.example.com"),
        ("azure.apim", "pay.internal"),
        ("azure.nsgflow", "10.0.0.4"),
        ("azure.vnetflow", "203.0.113.4"),
        ("azure.firewall", "203.0.113.9"),
    ],
)
def test_who_was_called_is_the_peer(name: str, peer: str) -> None:
    event = event_of(AZURE[name])

    assert (event.peer, event.peer_role) == (peer, PeerRole.CALLEE)


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("azure.appgateway", {"server.address": "10.0.0.1", "server.port": 80, "network.protocol.version": "1.1"}),
        ("azure.frontdoor", {"url.domain": "shop.example.com", "url.query": "x=1", "server.port": 443}),
        ("azure.apim", {"http.request.method": "POST", "error.type": "BackendConnectionFailure"}),
        ("azure.signin", {"user.name": "eve@example.com", "azure.app.name": "Shop", "azure.tenant.id": "4b"}),
        ("azure.audit", {"user.name": "eve@example.com", "azure.audit.activity": "Add member to role"}),
        ("azure.vnetflow", {"source.port": 23956, "network.transport": "tcp", "azure.flow.bytes.sent": 767}),
        ("azure.firewall", {"security_rule.action": "Deny", "source.port": 52343, "destination.port": 443}),
        ("azure.functionapp", {"faas.name": "fn/pay", "exception.type": "E", "log.record.body": "boom"}),
        ("azure.storage", {"http.response.header.size": 1024, "client.port": 4430, "tls.protocol.version": "1.2"}),
        ("azure.keyvault", {"user.name": "eve@example.com", "http.response.status_code": 403}),
        ("azure.messaging", {"messaging.system": "eventhubs", "service.namespace": "orders", "client.type": "Portal"}),
        ("azure.datafactory", {"azure.datafactory.pipeline.run_id": "r-1", "error.code": "2108"}),
        ("azure.sql", {"client.address": "192.0.2.7", "azure.sql.succeeded": False}),
        ("azure.cosmosdb", {"azure.cosmosdb.operation.request_charge": 3.4, "db.namespace": "carts"}),
        ("azure.postgresql", {"db.response.status_code": "42P01"}),
        ("azure.defender", {"azure.alert.severity": "High", "log.record.uid": "a-1"}),
    ],
)
def test_attributes_have_standard_names_and_types(name: str, attributes: dict[str, object]) -> None:
    found = attributes_in(AZURE[name])

    for key, value in attributes.items():
        assert str(found[key]).startswith(str(value)) if key == "azure.tenant.id" else found[key] == value


@pytest.mark.parametrize(
    ("category", "properties", "attributes"),
    [
        (
            "ServiceHealth",
            {"title": "t", "isHIR": True},
            {"azure.servicehealth.title": "t", "azure.servicehealth.is_hir": True},
        ),
        ("ResourceHealth", {"cause": "PlatformInitiated"}, {"azure.resourcehealth.cause": "PlatformInitiated"}),
        ("Recommendation", {"recommendationRisk": "High"}, {"azure.recommendation.risk": "High"}),
        ("Policy", {"isComplianceCheck": "False"}, {"azure.policy.compliance_check": False}),
        ("Alert", {"RuleName": "cpu"}, {"azure.alert.rule.name": "cpu"}),
        ("Security", {"processId": "17", "commandLine": "x"}, {"process.pid": 17, "process.command_line": "x"}),
        (
            "Administrative",
            {"entity": "e", "statusMessage": '{"a":1}'},
            {"azure.administrative.status_message": {"a": 1}},
        ),
    ],
)
def test_each_category_of_the_activity_log_has_its_names(
    category: str, properties: dict[str, object], attributes: dict[str, object]
) -> None:
    body = activity(category=category, properties=properties)

    assert event_of(body).format == "azure.activity"
    assert attributes.items() <= attributes_in(body).items()


def test_the_flows_of_a_record_are_typed_attributes() -> None:
    body = nsg_flows(
        "1795168800,192.0.2.9,10.0.0.4,40000,443,T,I,A,E,3,767,2,1580", "1795168801,192.0.2.8,10.0.0.5,1,2,U,O,D,B,,,,"
    )

    found = attributes_in(body)

    first, second = found["azure.flows"]
    assert (first["azure.flow.bytes.received"], first["azure.flow.decision"], first["source.port"]) == (
        1580,
        "allow",
        40000,
    )
    assert (second["network.transport"], second["network.io.direction"], second["azure.flow.state"]) == (
        "udp",
        "transmit",
        "begin",
    )
    assert first["azure.flow.time_ms"] == 1_795_168_800_000
    assert (found["azure.flow.count"], found["azure.flow.packets.sent"]) == (2, 3)


def test_flows_of_virtual_networks_count_milliseconds_and_name_their_network() -> None:
    body = vnet_flows("1795168800599,10.0.0.6,203.0.113.4,23956,443,6,O,D,NX,0,0,0,0", "short,1")

    event, found = event_of(body), attributes_in(body)

    assert (event.service, event.resource.rsplit("/", 1)[-1]) == ("main", "main")
    assert found["azure.flows"][0]["azure.flow.time_ms"] == 1_795_168_800_599
    assert found["azure.flows"][0]["azure.flow.decision"] == "deny"
    assert found["azure.flow.count"] == 2


@pytest.mark.parametrize(
    ("sentence", "attributes"),
    [
        (
            "HTTPS request from 10.0.0.4:61234 to example.com:443. Action: Allow. Rule Collection: c. Rule: r",
            {"server.address": "example.com", "security_rule.ruleset.name": "c", "security_rule.name": "r"},
        ),
        (
            "TCP request from 192.0.2.9:1 to 198.51.100.1:443 was DNAT'ed to 10.0.0.5:3389",
            {"azure.firewall.translated.address": "10.0.0.5", "security_rule.action": "DNAT"},
        ),
        (
            "DNS Request: 10.0.0.4:5353 - 1234 A IN example.com. udp 41 false 512 NXDOMAIN qr,rd,ra 93 0.001s",
            {"dns.question.name": "example.com", "dns.response_code": "NXDOMAIN", "source.port": 5353},
        ),
        ("nothing known", {"log.record.body": "nothing known"}),
    ],
)
def test_sentences_of_the_firewall_are_read(sentence: str, attributes: dict[str, object]) -> None:
    body = diagnostics(
        "AzureFirewallApplicationRule", "MICROSOFT.NETWORK/AZUREFIREWALLS/FW", properties={"msg": sentence}
    )

    assert attributes.items() <= attributes_in(body).items()


def test_tables_of_log_analytics_read_like_diagnostic_settings() -> None:
    row = table_row("AZFWNetworkRule", SourceIp="10.0.0.4", DestinationIp="203.0.113.9", Action="Deny", Protocol="TCP")
    old = table_row(
        "AzureDiagnostics",
        Category="AzureFirewallNetworkRule",
        msg_s="TCP request from 10.0.0.4:1 to 203.0.113.9:2. Action: Deny",
    )

    for body in (row, old):
        event = event_of(body)
        assert (event.format, event.name, event.peer) == ("azure.firewall", "Deny", "203.0.113.9")
        assert attributes_in(body)["source.address"] == "10.0.0.4"


def test_events_of_kubernetes_name_their_object_reason_and_severity() -> None:
    cluster = "microsoft.containerservice/managedclusters/aks"
    body = table_row(
        "KubeEvents",
        cluster,
        ObjectKind="Pod",
        Name="pay-1",
        Namespace="shop",
        Reason="BackOff",
        KubeEventType="Warning",
        Message="x",
    )

    event = event_of(body)

    assert (event.format, event.name, event.severity, event.resource) == (
        "azure.aks",
        "BackOff",
        13,
        "k8s://aks/shop/pod/pay-1",
    )


def test_a_success_with_a_reason_is_no_error() -> None:
    body = entra("AuditLogs", properties={"result": "success", "resultReason": "User registered"})

    assert event_of(body).error == ""


def test_diagnostic_errors_of_messaging_are_errors() -> None:
    event = event_of(messaging("DiagnosticErrorLogs", TaskName="Send", OperationResult="ServerBusy"))

    assert (event.severity, event.error, event.service) == (17, "ServerBusy", "paid")


@pytest.mark.parametrize("table", ["AppTraces", "AppDependencies", "AppExceptions", "AppPageViews", "AppMetrics"])
def test_rows_with_timegenerated_only_are_read(table: str) -> None:
    assert event_of(app_row(table)).format == "azure.appinsights"


def test_all_fields_of_a_category_that_nobody_knows_are_attributes() -> None:
    body = diagnostics("BrandNew", properties={"a": {"b": 1}, "c": [1, {"d": 2}], "e": "x", "g": False}, other="y")

    found = attributes_in(body)

    assert found["azure.properties.a.b"] == 1
    assert (found["azure.properties.c"], found["azure.other"], found["azure.properties.g"]) == (
        [1, {"d": 2}],
        "y",
        False,
    )


def test_every_example_in_one_file_keeps_its_format() -> None:
    records = [json.loads(body) for body in AZURE.values()]

    batch = batch_of_records(json.dumps({"records": records}))

    assert batch.format.to_list() == list(AZURE)
