"""Every log format of Google Cloud: recognised by log, resource or payload, with its columns and attributes."""

import json

import pytest

from cloudledger.adapters.registry import Registry
from cloudledger.domain.events import Flag, PeerRole
from tests.adapters.gcp.gcp_records import CONNECTION, GCP, flow
from tests.adapters.native_records import entry, gcp_audit, gcp_request, run_line
from tests.adapters.parsed import attributes_in, batch_of_records, event_of

FACTS = "gcp.autoscaler", "gcp.billing_export", "gcp.gke.events", "gcp.monitoring"
"""Formats of facts, tested with the parsers of facts."""


def test_every_log_format_has_an_example() -> None:
    formats = {parser.format for parser in Registry().parsers if parser.format.startswith("gcp.")}

    assert formats - set(FACTS) == set(GCP)


@pytest.mark.parametrize("name", GCP)
def test_each_example_has_time_place_and_id(name: str) -> None:
    event = event_of(GCP[name])

    assert event.format == name
    assert event.occurred_at // 10**9 in range(1_795_168_700, 1_795_168_860)
    assert (event.provider, event.account) == ("gcp", "shop-prod")
    assert event.service
    assert event.name or event.severity or event.template
    assert event.event_id == event_of(GCP[name]).event_id
    assert attributes_in(GCP[name])["log.record.uid"] == "b0a1c812"


@pytest.mark.parametrize(
    ("name", "peer", "role"),
    [
        ("gcp.vpcflow", "203.0.113.9", PeerRole.CALLEE),
        ("gcp.firewall", "203.0.113.9", PeerRole.CALLEE),
        ("gcp.firewall.threat", "10.0.0.1", PeerRole.CALLEE),
        ("gcp.nat", "203.0.113.9", PeerRole.CALLEE),
        ("gcp.nlb", "192.0.2.9", PeerRole.CALLER),
        ("gcp.nlb.proxy", "192.0.2.9", PeerRole.CALLER),
        ("gcp.healthcheck", "10.0.0.1", PeerRole.CALLEE),
    ],
)
def test_the_other_end_of_a_connection_is_the_peer_and_an_address(name: str, peer: str, role: PeerRole) -> None:
    event = event_of(GCP[name])

    assert (event.peer, event.peer_role) == (peer, role)
    assert event.flags & Flag.ORIGIN_EXTERNAL


@pytest.mark.parametrize(
    ("name", "event_name"),
    [
        ("gcp.vpcflow", "SRC"),
        ("gcp.firewall", "DENIED"),
        ("gcp.nat", "DROPPED"),
        ("gcp.dns", "A"),
        ("gcp.appengine", "GET"),
        ("gcp.gke", "BackOff"),
        ("gcp.healthcheck", "UNHEALTHY"),
    ],
)
def test_what_happened_is_the_name(name: str, event_name: str) -> None:
    assert event_of(GCP[name]).name == event_name


def test_a_flow_happened_when_it_ended_and_lasted_since_its_start() -> None:
    event = event_of(flow())

    assert event.occurred_at == 1_795_168_770_500_000_000
    assert event.duration_us == 30_500_000
    assert "web-1" in event.mentions


def test_a_flow_without_an_end_happened_when_it_was_reported() -> None:
    assert event_of(flow(end_time=None)).occurred_at == 1_795_168_800_123_456_789
    assert event_of(flow(end_time="soon")).occurred_at == 1_795_168_800_123_456_789


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        (
            "gcp.vpcflow",
            {
                "source.address": "10.0.0.1",
                "destination.port": 443,
                "network.transport": "tcp",
                "gcp.vpc.flow.bytes_sent": 38144,
                "gcp.vpc.flow.source.instance.vm.name": "web-1",
            },
        ),
        ("gcp.firewall", {"security_rule.action": "DENIED", "host.name": "web-1", "source.port": 40000}),
        ("gcp.nat", {"gcp.nat.allocation_status": "DROPPED", "host.name": "web-1"}),
        ("gcp.nlb.proxy", {"client.port": 4000, "gcp.load_balancing.proxy_nlb.server.bytes_sent": 12}),
        ("gcp.dns", {"dns.question.name": "pay.", "dns.response_code": "NXDOMAIN", "gcp.dns.server.latency": 4}),
        (
            "gcp.audit",
            {
                "gcp.audit.method.name": "cloudsql.instances.update",
                "rpc.jsonrpc.error_code": 7,
                "user.email": "Eve@example.com",
                "client.address": "198.51.100.7",
                "gcp.project": "shop-prod",
            },
        ),
        (
            "gcp.loadbalancer",
            {
                "gcp.load_balancing.status.details": "backend_timeout",
                "http.response.status_code": 502,
                "http.request.size": 29,
                "http.request.server.duration": 0.051,
            },
        ),
        (
            "gcp.appengine",
            {"http.request.method": "GET", "http.response.status_code": 500, "client.address": "192.0.2.9"},
        ),
        ("gcp.gke", {"k8s.event.reason": "BackOff", "k8s.pod.name": "pay-1", "k8s.cluster.name": "gke"}),
        ("gcp.pubsub", {"messaging.message.id": "1", "gcp.label.topic_id": "orders"}),
    ],
)
def test_attributes_have_standard_names_and_types(name: str, attributes: dict[str, object]) -> None:
    assert attributes.items() <= attributes_in(GCP[name]).items()


def test_verdicts_of_cloud_armor_are_attributes_of_the_request() -> None:
    policy = {
        "name": "waf",
        "priority": 1,
        "configuredAction": "DENY",
        "outcome": "DENY",
        "rateLimitAction": {"key": "k"},
    }
    payload = {"enforcedSecurityPolicy": policy, "previewSecurityPolicy": {"name": "next"}, "remoteIp": "192.0.2.9"}

    found = attributes_in(gcp_request(jsonPayload=payload))

    assert found["gcp.armor.security_policy.name"] == "waf"
    assert found["gcp.armor.security_policy.type"] == "enforcedSecurityPolicy"
    assert found["gcp.armor.security_policy.rate_limit.action.key"] == "k"
    assert found["gcp.armor.security_policy.type.preview"] == {"gcp.armor.security_policy.name": "next"}
    assert found["network.peer.address"] == "192.0.2.9"


def test_what_grants_hold_beyond_the_usual_is_kept() -> None:
    grants = [{"permission": "p", "granted": True, "resource": "r", "resourceAttributes": {"service": "s"}}]

    found = attributes_in(gcp_audit(authorizationInfo=grants))

    assert found["gcp.audit.authorization"] == [{"permission": "p", "granted": True, "resource": "r"}]
    assert found["gcp.audit.authorizationInfo"] == grants


def test_functions_of_the_second_generation_are_told_from_services_of_cloud_run() -> None:
    batch = batch_of_records(run_line(labels={"goog-managed-by": "cloudfunctions"}), run_line())

    assert batch.format.to_list() == ["gcp.functions", "gcp.cloudrun"]


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        (
            run_line(split={"uid": "u", "index": 1, "totalSplits": 3}),
            {"gcp.split": {"uid": "u", "index": 1, "total_splits": 3}},
        ),
        (run_line(errorGroups=[{"id": "e-1"}]), {"gcp.error_group": ["e-1"]}),
        (run_line(operation={"id": "o", "first": True}), {"gcp.operation.id": "o", "gcp.operation.first": True}),
        (run_line(logName="folders/7/logs/x"), {"gcp.folder": "7"}),
        (run_line(somethingNew={"a": 1}), {"gcp.somethingNew.a": 1}),
    ],
)
def test_fields_of_every_entry_are_attributes(body: str, attributes: dict[str, object]) -> None:
    assert attributes.items() <= attributes_in(body).items()


def test_a_log_that_nobody_knows_keeps_all_its_fields() -> None:
    body = entry(
        "new.googleapis.com/Thing",
        "new.googleapis.com%2Flog",
        {"x": "y"},
        jsonPayload={"a": {"b": [1]}, "connection": CONNECTION},
    )

    found = attributes_in(body)

    assert event_of(body).format == "gcp.generic"
    assert (found["gcp.payload.a.b"], found["gcp.label.x"], found["gcp.payload.connection.src_ip"]) == (
        [1],
        "y",
        "10.0.0.1",
    )


def test_every_example_in_one_dump_keeps_its_format() -> None:
    entries = [json.loads(body) for body in GCP.values()]

    batch = batch_of_records(json.dumps({"entries": entries}))

    assert batch.format.to_list() == list(GCP)
