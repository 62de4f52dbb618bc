"""Application logs of the usual loggers and servers, as JSON and as text."""

import json
from typing import Any

import pytest

from cloudledger.adapters.records import Origin
from cloudledger.domain.events import Flag
from tests.adapters.builders import subscription
from tests.adapters.native_records import TRACE
from tests.adapters.parsed import event_of

AT = 1_795_168_800_500_000_000


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        ({"level": "error", "ts": 1_795_168_800.5, "msg": "no", "logger": "zap"}, 17),
        ({"level": "warning", "time": "2026-11-20T10:00:00.5Z", "msg": "logrus"}, 13),
        ({"level": 50, "time": 1_795_168_800_500, "msg": "pino", "v": 1}, 17),
        ({"levelname": "ERROR", "asctime": "2026-11-20 10:00:00,500", "message": "python"}, 17),
        ({"levelno": 40, "timestamp": "2026-11-20T10:00:00.5Z", "message": "python"}, 17),
        ({"@timestamp": "2026-11-20T10:00:00.5Z", "log": {"level": "WARN"}, "message": "ecs"}, 13),
        ({"@timestamp": "2026-11-20T10:00:00.5Z", "log.level": "WARN", "message": "ecs"}, 13),
        ({"timeUnixNano": str(AT), "severityNumber": 18, "body": {"stringValue": "otel"}}, 18),
        ({"@t": "2026-11-20T10:00:00.5Z", "@l": "Warning", "@m": "serilog"}, 13),
        (
            {
                "instant": {"epochSecond": 1_795_168_800, "nanoOfSecond": 500_000_000},
                "level": "FATAL",
                "message": "log4j",
            },
            21,
        ),
        ({"date": 1_795_168_800.5, "log": "E1120 10:00:00.1 1 a.go:7] klog inside", "container_name": "c"}, 17),
    ],
)
def test_loggers_are_understood_by_their_names(record: dict[str, Any], severity: int) -> None:
    event = event_of(json.dumps(record))

    assert (event.format, event.severity, event.occurred_at) == ("app.json", severity, AT)
    assert not event.flags & Flag.TIME_UNSET


@pytest.mark.parametrize(
    ("record", "service"),
    [
        ({"service": "cart"}, "cart"),
        ({"service": {"name": "cart", "version": "1"}}, "cart"),
        ({"service.name": "cart"}, "cart"),
        ({"resource": {"attributes": {"service.name": "cart"}}}, "cart"),
    ],
)
def test_services_are_found_flat_and_nested(record: dict[str, Any], service: str) -> None:
    assert event_of(json.dumps({"msg": "x", **record})).service == service


def test_a_request_gives_status_duration_and_method() -> None:
    record = {"msg": "done", "http": {"method": "GET", "status_code": 503}, "duration": "1.5s"}

    event = event_of(json.dumps(record))

    assert (event.status, event.duration_us, event.name) == (503, 1_500_000, "GET")


@pytest.mark.parametrize(
    ("value", "duration"), [({"duration": 12}, None), ({"duration_ms": 12}, 12_000), ({"latency": "12ms"}, 12_000)]
)
def test_a_duration_without_a_unit_is_not_guessed(value: dict[str, Any], duration: int | None) -> None:
    assert event_of(json.dumps({"msg": "x", **value})).duration_us == duration


@pytest.mark.parametrize(
    "record",
    [
        {"trace_id": TRACE},
        {"trace": {"id": TRACE}},
        {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
        {"logging.googleapis.com/trace": f"projects/p/traces/{TRACE}"},
        {"dd.trace_id": str(int(TRACE[16:], 16))},
    ],
)
def test_traces_are_found_in_every_notation(record: dict[str, Any]) -> None:
    assert event_of(json.dumps({"msg": "x", **record})).trace_id[16:] == TRACE[16:]


def test_a_record_of_a_log_group_belongs_to_the_application_it_is_named_after() -> None:
    event = event_of(subscription('{"msg":"x"}', group="/ecs/cart"))

    assert (event.format, event.service, event.provider, event.mentions) == ("app.json", "cart", "aws", ("/ecs/cart",))


def test_an_unreadable_time_is_flagged_and_the_envelopes_taken() -> None:
    event = event_of(subscription('{"msg":"x","time":"soon"}', group="g"))

    assert event.flags & Flag.FIELD_UNREADABLE
    assert event.occurred_at == 1_795_168_800_000_000_000


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            '192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 502 23 "-" "curl" 0.250',
            (502, 250_000, "GET", 0),
        ),
        (
            '[2026-11-20T10:00:00.500Z] "GET /a HTTP/2" 503 UF 154 0 226 100 "-" "ua" "id" "pay" "10.0.2.1:80"',
            (503, 226_000, "GET", 0),
        ),
        ("ts=2026-11-20T10:00:00Z level=warn service=cart msg=slow status=500 duration=12ms", (500, 12_000, "", 13)),
        ("<11>1 2026-11-20T10:00:00Z host cart 7 - - no stock", (0, None, "", 17)),
        ("W1120 10:00:00.100000       1 reflector.go:7] slow", (0, None, "", 13)),
    ],
)
def test_lines_of_servers_and_daemons_say_what_their_form_says(line: str, expected: tuple[object, ...]) -> None:
    event = event_of(line, origin=Origin("x.log", observed_at=1_795_200_000_000_000_000))

    assert (event.status, event.duration_us, event.name, event.severity) == expected
    assert event.occurred_at // 10**9 == 1_795_168_800


def test_a_time_without_a_year_is_the_latest_that_had_come() -> None:
    origin = Origin("x.log", observed_at=1_767_225_600_000_000_000)  # 2026-01-01

    assert event_of("Dec 31 23:59:59 host sshd[7]: no", origin=origin).occurred_at == 1_767_225_599_000_000_000


def test_an_outbound_line_of_a_mesh_names_its_callee() -> None:
    line = (
        '[2026-11-20T10:00:00.500Z] "GET /a HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 19 3 - "-" "ua" "id" "pay:80"'
        ' "-" outbound|80||pay.shop.svc.cluster.local - 10.0.0.1:80 10.0.0.2:41234 - default'
    )

    event = event_of(line)

    assert (event.peer, event.status, event.error) == ("pay.shop.svc.cluster.local:80", 503, "UH")
