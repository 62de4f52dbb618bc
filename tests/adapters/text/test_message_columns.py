"""What a message says of itself is read in every usual spelling, and only there."""

import pytest

from cloudledger.adapters.text import read_messages
from cloudledger.adapters.text.leading_time import leading_times
from cloudledger.adapters.text.level_words import read_severities
from cloudledger.adapters.text.named_peer import named_peers
from cloudledger.domain import to_instant_ns
from cloudledger.domain.trace_context import span_id_hex, trace_id_hex

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("message", "severity"),
    [
        ("16:42:09.574 INFO  c.c.Config ready", 9),
        ("2026-11-20 10:00:00,123 WARNING root: slow", 13),
        ("[main] FATAL gone", 21),
        ('{"level":"error","msg":"x"}', 17),
        ("ts=1 level=debug msg=y", 5),
        ("2026/11/20 10:00:00 [warn] 7#7: *1 upstream", 13),
        ("E1120 10:00:00.123456 1 reflector.go:1] failed", 17),
        ("error: cannot open", 17),
        ("Warning: deprecated", 13),
        ("severity=CRITICAL x", 21),
        ("nothing said about it", 0),
        ("an error of 3 percent is fine", 0),
        ("x" * 200 + " ERROR", 0),
        ("the answer was UNKNOWN_ERROR", 0),
        ("GET /a HTTP/1.1 DEBUG", 5),
        ("é WARN ü", 13),
        ("\ud800 lvl=warn", 13),
        ("", 0),
    ],
)
def test_the_level_word_is_found_where_loggers_put_it(message: str, severity: int) -> None:
    assert read_severities([message]).tolist() == [severity]


@pytest.mark.parametrize(
    "message",
    [
        f"INFO TraceID: {TRACE} SpanID: {SPAN} x",
        f"trace_id={TRACE} span_id={SPAN}",
        f'{{"traceId":"{TRACE}","spanId":"{SPAN}"}}',
        f'escaped \\"trace_id\\": \\"{TRACE}\\", \\"span_id\\": \\"{SPAN}\\"',
        f"TRACE_ID={TRACE} SPAN_ID={SPAN}",
        f"dd.trace_id={TRACE} dd.span_id={SPAN}",
        f"traceparent: 00-{TRACE}-{SPAN}-01",
        f"a trace of earlier days, then trace.id={TRACE} span.id={SPAN}",
    ],
)
def test_trace_and_span_are_found_behind_their_usual_names(message: str) -> None:
    columns = read_messages([message, "no ids"])

    assert trace_id_hex(*columns.trace_id[0].tolist()) == TRACE
    assert span_id_hex(int(columns.span_id[0])) == SPAN
    assert not columns.trace_id[1].any()
    assert not columns.span_id[1]


def test_a_parent_span_is_read_when_the_span_is() -> None:
    columns = read_messages([f"trace_id={TRACE} span_id={SPAN} parent_span_id=00f067aa0ba902b7"])

    assert span_id_hex(int(columns.parent_span_id[0])) == "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "message",
    [
        f"parent_span_id={'c' * 16} span_id={'b' * 16} trace_id={'a' * 32}",
        f'{{"parentSpanId":"{"c" * 16}","spanId":"{"b" * 16}"}}',
        f"PARENT_ID={'c' * 16} SPAN_ID={'b' * 16}",
        f"traceparent=00-{'a' * 32}-{'b' * 16}-01 parentId: {'c' * 16}",
    ],
)
def test_a_parent_span_that_stands_first_is_not_taken_for_the_span(message: str) -> None:
    columns = read_messages(["x", message, message.replace("c" * 16, "d" * 16)])

    assert columns.span_id.tolist() == [0, *[int("b" * 16, 16)] * 2]
    assert columns.parent_span_id.tolist() == [0, int("c" * 16, 16), int("d" * 16, 16)]


@pytest.mark.parametrize("message", ["trace_id=123", "TraceID: none", "traceId=" + "g" * 32, "race id: abc", "0" * 64])
def test_what_is_no_id_is_not_taken_for_one(message: str) -> None:
    assert not read_messages([message]).trace_id.any()


def test_the_error_class_of_a_failure_is_its_error() -> None:
    columns = read_messages(["ERROR java.net.SocketTimeoutException: Read timed out", "INFO no IOException here"])

    assert columns.error.to_list() == ["java.net.SocketTimeoutException", ""]


def test_numbers_and_ids_do_not_change_the_template_and_words_do() -> None:
    columns = read_messages(["order 17 took 12 ms", "order 9932 took 7 ms", "order 17 failed"])

    assert columns.template[0] == columns.template[1] != columns.template[2]


@pytest.mark.parametrize(
    ("message", "peer"),
    [
        ("POST http://payments.prod.svc.cluster.local:8080/charge 503", "payments.prod.svc.cluster.local:8080"),
        (
            "jdbc:postgresql://orders-db.abc.eu-west-1.rds.amazonaws.com:5432/x",
            "orders-db.abc.eu-west-1.rds.amazonaws.com:5432",
        ),
        ("mongodb://user:secret@ts-mongo:27017/db", "ts-mongo:27017"),
        ("connection to orders-db:5432 refused", "orders-db:5432"),
        ("dial tcp cart-service:80: i/o timeout", "cart-service:80"),
        ("see https://docs.example.com/errors", ""),
        ("http://localhost:8080/health", ""),
        ("file:///etc/app.conf missing", ""),
        ("connection to the database refused", ""),
    ],
)
def test_the_callee_is_the_host_that_a_failure_names(message: str, peer: str) -> None:
    assert named_peers([message], [True]).to_list() == [peer]


def test_words_of_broken_connections_are_looked_for_in_failures_only() -> None:
    assert named_peers(["connected to orders-db:5432"], [False]).to_list() == [""]


@pytest.mark.parametrize(
    ("line", "instant"),
    [
        ("2026-11-20T10:00:00Z x", "2026-11-20T10:00:00Z"),
        ("[2026-11-20 10:00:00,250] x", "2026-11-20T10:00:00.25Z"),
        ("2026/11/20 10:00:00 [error] x", "2026-11-20T10:00:00Z"),
        ("2026-11-20T10:00:00+02:00 x", "2026-11-20T08:00:00Z"),
    ],
)
def test_a_line_starts_with_its_time(line: str, instant: str) -> None:
    instants, readable = leading_times([line])

    assert readable.all()
    assert instants.tolist() == [to_instant_ns(instant)]
