"""Lines of servers, daemons and components, read by their form: what the columns get, and what attributes tell."""

import json

import pytest

from cloudledger.adapters import attributes_of
from cloudledger.adapters.records import Origin
from cloudledger.adapters.text.line_forms import form_attributes, read_forms
from tests.adapters.builders import fluent_bit, gke_entry
from tests.adapters.parsed import event_of

SEEN = 1_795_200_000_000_000_000
INGRESS = (
    '192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] "GET /cart?id=7 HTTP/1.1" 502 150 "https://shop/" "curl/8.1" 412 0.125'
    " [shop-cart-8080] [] 10.1.2.3:8080, 10.1.2.4:8080 0, 150 0.100, 0.025 502, 502 7c1d0a9b"
)
ISTIO = (
    '[2026-11-20T10:00:00.500Z] "GET /a HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure} -'
    ' "delayed connect error: 111" 0 91 19 - "192.0.2.1" "curl/8.1" "3f0c" "pay:80" "10.0.0.1:80"'
    " outbound|80||pay.shop.svc.cluster.local - 10.0.0.9:80 10.0.0.2:41234 - default"
)
ENVOY = (
    '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http"'
    ' "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"'
)


@pytest.mark.parametrize(
    ("line", "severity", "second"),
    [
        ("I1120 10:00:00.100000       1 main.go:7] started", 9, 1_795_168_800),
        ("W1120 10:00:00.100000 1234567 k8s.io/client-go/reflector.go:7] slow", 13, 1_795_168_800),
        ("E20261120 10:00:00.100000 1 a.cc:7] glog with its year", 17, 1_795_168_800),
        ("F1120 10:00:00 1 a.go:7] no fraction", 21, 1_795_168_800),
    ],
)
def test_klog_headers_of_all_kinds_are_read(line: str, severity: int, second: int) -> None:
    [facts] = read_forms([line], SEEN)

    assert facts is not None
    assert (facts.severity, facts.instant_ns // 10**9) == (severity, second)


def test_structured_klog_gives_its_fields() -> None:
    line = 'E1120 10:00:00.1 1 kubelet.go:7] "Failed to \\"start\\"" pod="shop/cart-0" err="rpc error: timeout" n=3'

    [facts], attributes = read_forms([line], SEEN), form_attributes(line)

    assert facts is not None
    assert facts.error == "rpc error: timeout"
    assert attributes["log.record.body"] == 'Failed to "start"'
    assert (attributes["pod"], attributes["n"], attributes["code.file.path"]) == ("shop/cart-0", "3", "kubelet.go")


def test_structured_data_of_syslog_is_read() -> None:
    line = '<165>1 2026-11-20T10:00:00.003Z host app 42 ID47 [ex@32473 iut="3" src="a \\"b\\""][other@1 k="v"] \ufeffno'

    attributes = form_attributes(line)

    assert attributes["syslog.structured_data.ex@32473.src"] == 'a "b"'
    assert attributes["syslog.structured_data.other@1.k"] == "v"
    assert (attributes["log.record.body"], attributes["process.pid"]) == ("no", 42)
    assert (attributes["syslog.facility.code"], attributes["syslog.severity.code"]) == (20, 5)


@pytest.mark.parametrize(
    "line",
    [
        "<34>Nov 20 10:00:00 host sshd[7]: no",
        "Nov 20 10:00:00 host sshd[7]: no",
        "<34>2026-11-20T10:00:00.000000Z host sshd[7]: no",
        "2026-11-20T10:00:00.000000+00:00 host sshd[7]: no",
        "71 <34>1 2026-11-20T10:00:00Z host sshd 7 - - no",
    ],
)
def test_syslog_of_all_kinds_names_its_program(line: str) -> None:
    event = event_of(line, origin=Origin("x.log", observed_at=SEEN))

    assert (event.service, event.occurred_at // 10**9) == ("sshd", 1_795_168_800)


def test_ingress_nginx_tells_the_upstream_that_answered() -> None:
    event = event_of(INGRESS)

    assert (event.status, event.duration_us, event.name) == (502, 125_000, "GET")
    assert event.peer == "10.1.2.4:8080"
    attributes = form_attributes(INGRESS)
    assert attributes["nginx.proxy_upstream_name"] == "shop-cart-8080"
    assert (attributes["url.path"], attributes["url.query"]) == ("/cart", "id=7")


def test_envoy_and_istio_lines_are_read() -> None:
    event = event_of(ISTIO)

    assert (event.status, event.error, event.duration_us) == (503, "UF", 19_000)
    assert event.peer == "pay.shop.svc.cluster.local:80"
    attributes = form_attributes(ENVOY)
    assert (attributes["server.address"], attributes["user_agent.original"]) == ("locations", "nsq2http")
    assert attributes["http.response.status_code"] == 204


@pytest.mark.parametrize(
    "line",
    [
        '192.0.2.1 - frank [20/Nov/2026:10:00:00 +0000] "GET /a.gif HTTP/1.0" 200 2326',
        '::1 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 45 "-" "curl \\"quoted\\" 8"',
        'shop.example.com:443 192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 45 "-" "curl"',
        'host.example.com - - [20/Nov/2026:10:00:00 +0000] "\\x16\\x03" 200 0 "-" "-"',
    ],
)
def test_apache_and_nginx_lines_are_read(line: str) -> None:
    event = event_of(line)

    assert (event.status, event.occurred_at) == (200, 1_795_168_800_000_000_000)


@pytest.mark.parametrize("carry", [fluent_bit, gke_entry])
def test_forms_mean_the_same_inside_containers(carry: object) -> None:
    event = event_of(carry(INGRESS))  # type: ignore[operator]

    assert (event.status, event.duration_us, event.peer) == (502, 125_000, "10.1.2.4:8080")


@pytest.mark.parametrize("carry", [fluent_bit, gke_entry])
def test_json_inside_a_container_line_is_read(carry: object) -> None:
    text = json.dumps({"level": 50, "msg": "no stock", "res": {"statusCode": 503}, "err": {"type": "StockError"}})

    event = event_of(carry(text))  # type: ignore[operator]

    assert (event.severity, event.status, event.error) == (17, 503, "StockError")


def test_the_json_form_of_envoys_line_names_callee_and_duration() -> None:
    line = {
        "start_time": "2026-11-20T10:00:00.500Z", "method": "GET", "path": "/a", "response_code": 503, "duration": 19,
        "response_flags": "UF", "upstream_cluster": "outbound|80||pay.shop.svc.cluster.local", "upstream_host": None,
    }  # fmt: skip

    event = event_of(json.dumps(line))

    assert (event.status, event.duration_us, event.error) == (503, 19_000, "UF")
    assert (event.peer, event.occurred_at) == ("pay.shop.svc.cluster.local:80", 1_795_168_800_500_000_000)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("ERROR failed\njava.io.IOException: closed\n\tat a.B.c(B.java:7)", "java.io.IOException", "closed"),
        ("ERROR x\nTraceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'a'", "KeyError", "'a'"),
        ("panic: no stock\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:9", "panic", "no stock"),
        ("TypeError: no sku\n    at take (/app/a.js:5:9)", "TypeError", "no sku"),
        ("a.rb:3:in `take': no stock (KeyError)\n\tfrom a.rb:9:in `<main>'", "KeyError", "no stock"),
    ],
)
@pytest.mark.parametrize("carry", [fluent_bit, gke_entry])
def test_a_trace_in_one_record_gives_its_exception(carry: object, text: str, kind: str, message: str) -> None:
    event = event_of(carry(text))  # type: ignore[operator]

    attributes = attributes_of(event)
    assert event.error == kind
    assert (attributes["exception.type"], attributes["exception.message"]) == (kind, message)
    assert attributes["exception.stacktrace"] in text


@pytest.mark.parametrize(
    "record",
    [
        {"level": "ERROR", "message": "x", "stack_trace": "java.io.IOException: closed\n\tat a.B.c(B.java:7)"},
        {"level": 50, "msg": "x", "err": {"type": "java.io.IOException", "message": "closed", "stack": "-"}},
        {"level": "error", "msg": "x", "thrown": {"name": "java.io.IOException", "message": "closed"}},
        {"@l": "Error", "@m": "x", "@t": "2026-11-20T10:00:00Z", "@x": "java.io.IOException: closed\n   at A.B()"},
    ],
)
def test_exceptions_of_json_loggers_have_one_name(record: dict[str, object]) -> None:
    event = event_of(json.dumps(record))

    assert (event.severity, event.error) == (17, "java.io.IOException")
    assert attributes_of(event)["exception.message"] == "closed"


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        ({"@t": "2026-11-20T10:00:00Z", "@mt": "paid"}, 9),
        ({"version": "1.1", "host": "a", "short_message": "no", "level": 3}, 17),
        ({"ts": 1_795_168_800.5, "caller": "a.go:7", "msg": "x", "v": 4}, 9),
        ({"ts": 1_795_168_800.5, "caller": "a.go:7", "msg": "x", "err": "no"}, 17),
        ({"EventId": 0, "LogLevel": "Warning", "Category": "Shop", "Message": "slow"}, 13),
        ({"loglevel": "CRITICAL", "event": "structlog"}, 21),
        ({"severity": "ALERT", "text": "x"}, 22),
        ({"level_value": 40000, "level": "ERROR", "message": "logstash"}, 17),
    ],
)
def test_levels_of_json_loggers_are_understood(record: dict[str, object], severity: int) -> None:
    assert event_of(json.dumps(record)).severity == severity


@pytest.mark.parametrize(
    "record",
    [
        {"headers": {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}},
        {"req": {"headers": {"b3": "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1"}}},
        {"X-Amzn-Trace-Id": "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Sampled=1"},
        {"headers": {"x-cloud-trace-context": "4bf92f3577b34da6a3ce929d0e0e4736/67667974448284343;o=1"}},
    ],
)
def test_trace_ids_are_read_from_headers(record: dict[str, object]) -> None:
    assert event_of(json.dumps({"msg": "x", **record})).trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "text",
    [
        "X-Amzn-Trace-Id: Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Sampled=1",
        "x-cloud-trace-context: 4bf92f3577b34da6a3ce929d0e0e4736/67667974448284343;o=1",
        "traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "uber-trace-id: 4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7:0:1",
        "X-B3-TraceId: 4bf92f3577b34da6a3ce929d0e0e4736",
    ],
)
def test_trace_ids_are_read_from_headers_in_text(text: str) -> None:
    assert event_of(f"INFO GET /cart {text} done").trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
