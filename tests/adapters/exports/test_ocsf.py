"""Events in OCSF: hand-checked examples of each cloud, and what the schema requires of all."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import attributes_of
from cloudledger.adapters.exports import OCSF_VERSION, to_ocsf
from cloudledger.adapters.exports.event_class import Operation, operation_of
from cloudledger.domain.events import (
    CostRecorded,
    DeploymentRecorded,
    Event,
    LogRecorded,
    MetricRecorded,
    RecordRejected,
    ResourceChanged,
    ScalingRecorded,
    SourceObserved,
)
from tests.adapters.exports.ocsf_rules import broken_rules
from tests.adapters.native_records import EXAMPLES, alb, cloudtrail, diagnostics, entry, gcp_audit
from tests.adapters.parsed import event_of
from tests.adapters.test_log_corpora import LOGS, files, parsed
from tests.adapters.test_vocabulary import RECORDS

FACTS: tuple[Event, ...] = (
    DeploymentRecorded(deployment_id="1", phase="finished", outcome="failed", tool="terraform", stack="shop"),
    ResourceChanged(deployment_id="1", phase="applied", action="create", address="aws_sqs_queue.q"),
    ScalingRecorded(phase="decision", direction="out"),
    MetricRecorded(value=1.5, name="cpu"),
    CostRecorded(charge_key="k"),
    SourceObserved(source="s", state="gap"),
    RecordRejected(reason="no", payload=b"x", format="unknown"),
)


def numbers(event: dict[str, Any]) -> tuple[int, int, int, int]:
    return event["class_uid"], event["activity_id"], event["severity_id"], event["status_id"]


@pytest.mark.parametrize("name", RECORDS)
def test_what_the_schema_requires_is_there(name: str) -> None:
    assert broken_rules(to_ocsf(event_of(RECORDS[name]))) == []


@pytest.mark.parametrize("event", FACTS, ids=lambda event: type(event).__name__)
def test_other_events_than_logs_are_valid_too(event: Event) -> None:
    assert broken_rules(to_ocsf(event)) == []


@pytest.mark.skipif(not LOGS.is_dir(), reason="the corpora are not at hand")
def test_real_records_are_valid() -> None:
    wrong = {
        (event.format, rule)
        for file in files()
        for event in parsed(str(Path(file).relative_to(LOGS)))[::3]
        for rule in broken_rules(to_ocsf(event))
    }

    assert wrong == set()


@pytest.mark.parametrize("name", RECORDS)
def test_every_attribute_is_mapped_or_unmapped(name: str) -> None:
    event = event_of(RECORDS[name])
    exported = to_ocsf(event)

    text = json.dumps(exported)
    for value in attributes_of(event).values():
        parts = value if isinstance(value, list) else [value]
        assert all(json.dumps(part).strip('"') in text for part in parts), value


def test_a_cloudtrail_call_is_api_activity() -> None:
    event = to_ocsf(event_of(cloudtrail(errorCode="AccessDenied")))

    assert numbers(event) == (6003, 3, 4, 2)
    assert event["type_uid"] == 600303
    assert event["time"] == 1_795_168_800_000
    assert event["api"] == {
        "operation": "ModifyDBInstance",
        "service": {"name": "rds.amazonaws.com"},
        "request": {"uid": "1e1d9c4a"},
        "response": {"error": "AccessDenied"},
    }
    assert event["actor"]["user"]["name"] == "deploy"
    assert event["actor"]["user"]["account"] == {"uid": "111111111111"}
    assert event["src_endpoint"] == {"ip": "198.51.100.7"}
    assert event["cloud"] == {"provider": "AWS", "account": {"uid": "012345678901"}, "region": "eu-west-1"}
    assert event["resources"] == [{"uid": "arn:aws:rds:eu-west-1:012345678901:db:orders", "region": "eu-west-1"}]
    assert event["metadata"]["version"] == OCSF_VERSION == "1.5.0"
    assert event["metadata"]["product"] == {"name": "rds", "vendor_name": "AWS"}
    assert event["metadata"]["uid"] == "6ba1cfa3-8c6c-4b3c-9f0e-0c1c1f9f6a01"


def test_a_sign_in_to_the_console_is_authentication() -> None:
    event = to_ocsf(event_of(cloudtrail(eventName="ConsoleLogin", eventSource="signin.amazonaws.com")))

    assert (event["class_uid"], event["activity_name"], event["user"]["name"]) == (3002, "Logon", "deploy")


def test_an_address_that_is_a_service_is_a_host_name() -> None:
    event = to_ocsf(event_of(cloudtrail(sourceIPAddress="cloudformation.amazonaws.com")))

    assert event["src_endpoint"] == {"hostname": "cloudformation.amazonaws.com"}


def test_a_request_of_a_load_balancer_is_http_activity() -> None:
    event = to_ocsf(event_of(alb()))

    assert numbers(event) == (4002, 3, 0, 2)
    assert event["http_request"]["url"]["url_string"] == "https://shop.example.com:443/cart"
    assert event["http_response"] == {"code": 502, "length": 366, "latency": 503}
    assert event["src_endpoint"] == {"ip": "192.0.2.9", "port": 2817}
    assert event["dst_endpoint"] == {"hostname": "shop.example.com"}
    assert event["tls"] == {"version": "1.2", "cipher": "ECDHE-RSA-AES128-GCM-SHA256"}


def test_a_method_without_a_number_is_other_and_named() -> None:
    event = to_ocsf(event_of(alb(request="PATCH https://shop.example.com:443/cart HTTP/1.1")))

    assert (event["activity_id"], event["activity_name"], event["type_uid"]) == (99, "PATCH", 400299)


def test_a_refused_flow_is_network_activity() -> None:
    event = to_ocsf(event_of(EXAMPLES["aws.vpcflow"]))

    assert (event["class_uid"], event["activity_name"]) == (4001, "Refuse")
    assert event["connection_info"] == {
        "direction_id": 0,
        "direction": "Unknown",
        "protocol_name": "tcp",
        "protocol_num": 6,
    }
    assert event["traffic"] == {"bytes": 4249, "packets": 20}
    assert (event["src_endpoint"]["port"], event["dst_endpoint"]["port"]) == (49761, 3389)


def test_a_failed_lookup_is_dns_activity() -> None:
    event = to_ocsf(event_of(EXAMPLES["aws.route53_resolver"]))

    assert numbers(event) == (4003, 6, 0, 2)
    assert event["query"] == {"hostname": "pay.internal.", "type": "A"}
    assert (event["rcode"], event["rcode_id"]) == ("NXDOMAIN", 3)


def test_an_operation_on_azure_is_api_activity() -> None:
    event = to_ocsf(event_of(EXAMPLES["azure.activity"]))

    assert numbers(event) == (6003, 3, 4, 2)
    assert event["cloud"]["provider"] == "Azure"
    assert event["metadata"]["product"]["vendor_name"] == "Microsoft"
    assert event["duration"] == 12_000 // 1000


def test_a_sign_in_to_entra_is_authentication() -> None:
    properties = {"userPrincipalName": "eve@example.com", "ipAddress": "192.0.2.7"}
    event = to_ocsf(
        event_of(diagnostics("SignInLogs", "MICROSOFT.AADIAM", resultType="50126", properties=properties, Level=4))
    )

    assert numbers(event) == (3002, 1, 1, 2)
    assert event["user"] == {"name": "eve@example.com", "email_addr": "eve@example.com"}
    assert event["src_endpoint"] == {"ip": "192.0.2.7"}


def test_an_audited_call_of_google_cloud_is_api_activity() -> None:
    event = to_ocsf(event_of(gcp_audit()))

    assert numbers(event) == (6003, 3, 2, 1)
    assert event["actor"]["user"]["email_addr"] == "Eve@example.com"
    assert event["cloud"]["account"] == {"uid": "shop-prod"}


def test_a_flow_of_google_cloud_is_network_activity() -> None:
    event = to_ocsf(event_of(EXAMPLES["gcp.vpcflow"]))

    assert (event["class_uid"], event["src_endpoint"]["ip"], event["dst_endpoint"]["ip"]) == (
        4001,
        "10.0.0.1",
        "10.0.0.2",
    )


def test_a_finding_is_new_and_has_a_title() -> None:
    finding = {
        "schemaVersion": "2.0",
        "accountId": "123456789012",
        "region": "us-east-1",
        "id": "f-1",
        "type": "Recon:EC2/PortProbeUnprotectedPort",
        "service": {"serviceName": "guardduty"},
        "severity": 8,
        "createdAt": "2026-11-20T10:00:00.000Z",
        "title": "Unprotected port",
        "description": "Port 22 is being probed.",
    }
    event = to_ocsf(event_of(json.dumps(finding)))

    assert (event["class_uid"], event["activity_name"], event["status"]) == (2004, "Create", "New")
    assert event["finding_info"]["uid"] == "f-1"


def test_a_log_line_of_an_application_is_a_base_event() -> None:
    event = to_ocsf(event_of(entry("global", "own", jsonPayload={"message": "hello"}, severity="CRITICAL")))

    assert (event["class_uid"], event["severity"], event["type_name"]) == (0, "Critical", "Base Event: Unknown")


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("RunInstances", Operation.CREATE),
        ("DescribeInstances", Operation.READ),
        ("PutObject", Operation.UPDATE),
        ("DeleteBucket", Operation.DELETE),
        ("AssumeRole", Operation.OTHER),
        ("Microsoft.Compute/virtualMachines/delete", Operation.DELETE),
        ("Microsoft.Storage/storageAccounts/listKeys/action", Operation.OTHER),
        ("v1.compute.instances.insert", Operation.CREATE),
        ("storage.objects.get", Operation.READ),
        ("google.cloud.run.v2.Services.UpdateService", Operation.UPDATE),
        ("patch", Operation.UPDATE),
        ("deletecollection", Operation.DELETE),
        ("", Operation.OTHER),
    ],
)
def test_what_was_done_is_told_by_the_name(name: str, operation: Operation) -> None:
    assert operation_of(LogRecorded(name=name)) is operation
