"""The traps of Cloud Logging that others fell into, one test each."""

import pytest

from cloudledger.domain.events import Flag
from tests.adapters.builders import ORIGIN, gke_entry
from tests.adapters.gcp.gcp_records import flow
from tests.adapters.native_records import TRACE, entry, gcp_audit, gcp_request, run_line
from tests.adapters.parsed import attributes_in, batch_of_records, event_of


@pytest.mark.parametrize(
    ("severity", "number"),
    [
        *[("DEFAULT", 0), ("DEBUG", 5), ("INFO", 9), ("NOTICE", 10), ("WARNING", 13), ("ERROR", 17)],
        *[("CRITICAL", 21), ("ALERT", 22), ("EMERGENCY", 24), (None, 0), (400, 13)],
    ],
)
def test_severities_are_opentelemetrys_and_absent_is_default(severity: object, number: int) -> None:
    assert event_of(gcp_request(severity=severity)).severity == number


def test_times_have_nanoseconds() -> None:
    assert event_of(run_line()).occurred_at == 1_795_168_800_123_456_789


@pytest.mark.parametrize("time", ["", None, "soon", 17])
def test_an_entry_is_never_dropped_for_a_bad_time(time: object) -> None:
    event = event_of(gcp_request(timestamp=time, receiveTimestamp=time))

    assert event.format == "gcp.loadbalancer"
    assert event.flags & Flag.TIME_UNSET
    assert event.occurred_at == ORIGIN.observed_at


def test_an_entry_without_a_time_happened_when_it_was_received() -> None:
    assert event_of(gcp_request(timestamp=None)).occurred_at == 1_795_168_801_000_000_000


def test_a_flow_happened_at_its_end_and_not_when_it_was_reported() -> None:
    assert event_of(flow(end_time="2026-11-20T09:59:30Z")).occurred_at == 1_795_168_770_000_000_000


@pytest.mark.parametrize(
    "trace",
    [TRACE, f"projects/p/traces/{TRACE}", f"{TRACE}/2703176114609722884;o=1", f"projects/8560181848/traces/{TRACE}"],
)
def test_traces_are_read_in_every_notation(trace: str) -> None:
    assert event_of(run_line(trace=trace)).trace_id == TRACE


@pytest.mark.parametrize(
    ("span", "hexadecimal"), [("2703176114609722884", "25839c5aaca21604"), ("b7ad6b7169203331",) * 2]
)
def test_spans_are_hexadecimal_or_decimal(span: str, hexadecimal: str) -> None:
    assert event_of(run_line(trace=TRACE, spanId=span)).span_id == hexadecimal


def test_ids_of_zeros_are_no_ids() -> None:
    event = event_of(run_line(trace=f"projects/p/traces/{'0' * 32}", spanId="0" * 16))

    assert (event.trace_id, event.span_id) == ("", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"httpRequest": {"latency": "soon", "status": 200}},
        {"httpRequest": {"protocol": "HTTP", "status": "x"}},
        {"trace": "projects/p/traces/no"},
        {"spanId": "zz"},
        {"severity": ["ERROR"]},
        {"resource": {"type": "http_load_balancer", "labels": {"project_id": 7}}},
    ],
)
def test_one_bad_field_does_not_cost_the_entry(fields: dict[str, object]) -> None:
    event = event_of(gcp_request(**fields))

    assert (event.format, event.name or "GET") == ("gcp.loadbalancer", "GET")


def test_numbers_in_texts_are_numbers() -> None:
    body = gcp_request(httpRequest={"status": "503", "requestSize": "29", "responseSize": "780", "latency": "0.25s"})

    found = attributes_in(body)

    assert (event_of(body).status, event_of(body).duration_us) == (503, 250_000)
    assert (found["http.request.size"], found["http.response.size"]) == (29, 780)


def test_a_machines_id_is_its_text_since_its_number_was_rounded() -> None:
    payload = {"vmInstanceIdString": "2838092002611613780", "vmInstanceId": 2838092002611613700, "queryName": "a."}

    found = attributes_in(entry("dns_query", "dns.googleapis.com%2Fdns_queries", jsonPayload=payload))

    assert found["host.id"] == "2838092002611613780"
    assert found["gcp.dns.vmInstanceId"] == 2838092002611613700


def test_the_project_is_its_id_and_not_its_number() -> None:
    event = event_of(gcp_audit(resourceName="projects/8560181848/instances/orders"))

    assert event.account == "shop-prod"
    assert event.resource == "//cloudsql.googleapis.com/projects/shop-prod/instances/orders"


def test_a_resource_is_a_full_name_and_never_the_id_of_a_log() -> None:
    for body in (gcp_request(), gcp_audit(), run_line(), flow()):
        assert event_of(body).resource.startswith("//")
        assert "%2F" not in event_of(body).resource


def test_the_log_requests_is_told_by_its_resource() -> None:
    assert event_of(entry("gae_app", "requests", httpRequest={"status": 200})).format == "gcp.appengine"
    assert (
        event_of(entry("internal_http_lb_rule", "requests", httpRequest={"status": 200})).format == "gcp.loadbalancer"
    )


def test_an_id_of_a_log_may_start_with_a_slash() -> None:
    event = event_of(entry("gae_app", "%2Fvar%2Flog%2Fgoogle_init.log", {"module_id": "shop"}, textPayload="ERROR x"))

    assert (event.format, event.service, event.severity) == ("gcp.appengine", "shop", 17)


def test_who_asked_is_the_client_and_who_connected_the_peer() -> None:
    body = gcp_request(httpRequest={"remoteIp": "192.0.2.9"}, jsonPayload={"remoteIp": "203.0.113.9"})

    found = attributes_in(body)

    assert (found["client.address"], found["network.peer.address"]) == ("192.0.2.9", "203.0.113.9")


def test_a_part_of_a_split_entry_is_marked() -> None:
    assert event_of(run_line(split={"uid": "u", "index": 0, "totalSplits": 2})).flags & Flag.PARTIAL


def test_the_identity_of_an_entry_is_log_time_and_insert_id_together() -> None:
    twice = batch_of_records(run_line("a"), run_line("b"))
    apart = batch_of_records(
        run_line(), run_line(timestamp="2026-11-20T10:00:01Z"), run_line(logName="projects/p/logs/x")
    )

    assert len({tuple(one) for one in twice.event_id.tolist()}) == 1
    assert len({tuple(one) for one in apart.event_id.tolist()}) == 3


def test_entries_without_an_insert_id_are_told_by_their_place() -> None:
    batch = batch_of_records(run_line(insertId=""), run_line(insertId=""))

    assert len({tuple(one) for one in batch.event_id.tolist()}) == 2


def test_the_entrys_own_trace_wins_over_the_text() -> None:
    event = event_of(gke_entry("trace_id=" + "1" * 32, trace=f"projects/p/traces/{TRACE}"))

    assert event.trace_id == TRACE


def test_answers_of_dns_that_google_cut_off_are_kept_as_they_are() -> None:
    payload = {"rdata": "a.\t300\tIN\ta\t192.0.2.1\n...", "responseCode": "NOERROR"}
    body = entry("dns_query", "dns.googleapis.com%2Fdns_queries", jsonPayload=payload)

    assert attributes_in(body)["dns.answer.data"].endswith("...")
    assert event_of(body).error == ""
