"""Cloud Logging: audit logs, load balancers, and every other entry."""

import pytest

from cloudledger.adapters.registry import Registry
from cloudledger.domain.events import Flag, PeerRole
from tests.adapters.native_records import TRACE, entry, gcp_audit, gcp_request, run_line
from tests.adapters.parsed import batch_of_records, event_of


def test_an_audit_entry_names_its_resource_by_the_projects_id() -> None:
    event = event_of(gcp_audit())

    assert (event.service, event.name, event.account) == ("cloudsql", "cloudsql.instances.update", "shop-prod")
    assert event.resource == "//cloudsql.googleapis.com/projects/shop-prod/instances/orders"
    assert event.region == "europe-west4"
    assert {"eve@example.com", "//compute.googleapis.com/projects/shop-prod/global/networks/main"} <= set(
        event.mentions
    )


def test_a_status_code_is_an_error_by_its_name() -> None:
    assert event_of(gcp_audit(status={"code": 7, "message": "no"})).error == "PERMISSION_DENIED"
    assert event_of(gcp_audit(status={})).error == ""
    assert event_of(gcp_audit(status={"code": 10**30})).format == "gcp.audit"


def test_audited_kubernetes_objects_are_named_with_their_cluster() -> None:
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "k8s.io",
        "methodName": "io.k8s.apps.v1.deployments.patch",
        "resourceName": "apps/v1/namespaces/shop/deployments/pay",
    }
    body = entry("k8s_cluster", "cloudaudit.googleapis.com%2Factivity", {"cluster_name": "gke"}, protoPayload=payload)

    assert event_of(body).resource == "k8s://gke/shop/deployment/pay"


@pytest.mark.parametrize(
    ("severity", "number"),
    [
        ("DEFAULT", 0),
        ("DEBUG", 5),
        ("NOTICE", 10),
        ("CRITICAL", 21),
        ("ALERT", 22),
        ("EMERGENCY", 24),
        (None, 0),
        (500, 17),
    ],
)
def test_severities_have_opentelemetrys_numbers(severity: object, number: int) -> None:
    assert event_of(entry("global", "own", textPayload="x", severity=severity)).severity == number


def test_a_request_names_backend_status_duration_and_trace() -> None:
    event = event_of(gcp_request())

    assert (event.service, event.peer, event.peer_role) == ("shop", "cart", PeerRole.CALLEE)
    assert (event.status, event.duration_us, event.error) == (502, 51_000, "backend_timeout")
    assert (event.trace_id, event.span_id) == (TRACE, "25839c5aaca21604")
    assert event.resource == "//compute.googleapis.com/projects/shop-prod/global/urlMaps/shop"


@pytest.mark.parametrize("trace", [TRACE, f"projects/shop-prod/traces/{TRACE}"])
def test_traces_are_read_bare_and_as_resource_names(trace: str) -> None:
    assert event_of(run_line(trace=trace)).trace_id == TRACE


def test_ids_of_zeros_are_no_ids() -> None:
    event = event_of(run_line(trace="projects/p/traces/" + "0" * 32, spanId="0" * 16))

    assert (event.trace_id, event.span_id) == ("", "")


def test_one_bad_field_does_not_lose_the_entry() -> None:
    event = event_of(gcp_request(httpRequest={"latency": "soon", "status": "x", "protocol": 7}, trace=17))

    assert (event.format, event.status, event.duration_us) == ("gcp.loadbalancer", 0, None)
    assert event.flags & Flag.FIELD_UNREADABLE


def test_requests_of_another_resource_are_not_a_load_balancers() -> None:
    body = entry("cloud_run_revision", "run.googleapis.com%2Frequests", httpRequest={"status": 500, "latency": "0.1s"})

    event = event_of(body)

    assert (event.format, event.status, event.duration_us) == ("gcp.cloudrun", 500, 100_000)


def test_a_part_of_a_split_entry_is_marked() -> None:
    assert event_of(run_line(split={"uid": "u", "index": 1, "totalSplits": 3})).flags & Flag.PARTIAL


def test_the_entrys_id_is_name_time_and_insert_id() -> None:
    first, again, other = run_line(), run_line("other text"), run_line(insertId="x")
    batch = batch_of_records(first, again, other)

    assert len({tuple(one) for one in batch.event_id.tolist()}) == 2


def test_a_service_of_cloud_run_is_the_service_and_its_resource() -> None:
    event = event_of(run_line())

    assert (event.service, event.severity, event.region) == ("cart", 17, "europe-west4")
    assert event.resource == "//run.googleapis.com/projects/shop-prod/locations/europe-west4/services/cart"


def test_big_numbers_are_not_rounded() -> None:
    payload = {
        "responseCode": "NOERROR",
        "vmInstanceIdString": "2838092002611613780",
        "vmInstanceId": 2838092002611613700,
    }
    event = event_of(entry("dns_query", "dns.googleapis.com%2Fdns_queries", jsonPayload=payload))

    assert (event.error, event.mentions) == ("", ("2838092002611613780",))


def test_a_machine_is_known_by_its_name() -> None:
    labels = {"compute.googleapis.com/resource_name": "web-1"}
    body = entry("gce_instance", "syslog", {"instance_id": "4775836342981993096"}, textPayload="x", labels=labels)

    event = event_of(body)

    assert (event.format, event.service) == ("gcp.gce", "web-1")
    assert "4775836342981993096" in event.mentions


def test_attributes_of_flows_and_requests_have_standard_names() -> None:
    flow = entry(
        "gce_subnetwork", "compute.googleapis.com%2Fvpc_flows", jsonPayload={"connection": {"src_ip": "10.0.0.1"}}
    )
    request = run_line(httpRequest={"protocol": "HTTP/1.1", "requestSize": "29"}, sourceLocation={"line": "7"})

    registry = Registry()

    assert registry.attributes("gcp.vpcflow", flow.encode(), {})["source.address"] == "10.0.0.1"
    found = registry.attributes("gcp.cloudrun", request.encode(), {})
    assert (found["network.protocol.version"], found["http.request.size"], found["code.line.number"]) == ("1.1", 29, 7)
