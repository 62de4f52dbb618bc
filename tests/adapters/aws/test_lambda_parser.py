"""Log groups of Lambda functions: the runtime's lines and the function's, as text and as JSON."""

import json

from cloudledger.adapters.aws.lambda_parser import LambdaParser
from tests.adapters.builders import subscription
from tests.adapters.parsed import batch_of_records, event_of

REQUEST = "8f5f8d5e-7a1c-4c1e-8d2f-000000000001"


def test_a_report_says_how_long_and_how_much() -> None:
    report = f"REPORT RequestId: {REQUEST}\tDuration: 512.50 ms\tBilled Duration: 513 ms\tMax Memory Used: 70 MB\t"
    report += "\nXRAY TraceId: 1-58337281-1d84f3d73c47ec4e58577259\tSegmentId: 00f067aa0ba902b7\tSampled: true"

    [event] = batch_of_records(subscription(report, group="/aws/lambda/pay"))

    assert (event.format, event.service, event.name) == ("aws.lambda", "pay", "REPORT")
    assert (event.duration_us, event.trace_id) == (512_500, "583372811d84f3d73c47ec4e58577259")
    assert event.span_id == "00f067aa0ba902b7"


def test_text_and_json_lines_of_one_stream_are_all_read() -> None:
    managed = {"timestamp": "2026-11-20T10:00:00Z", "level": "WARN", "requestId": REQUEST, "message": "slow"}
    platform = {
        "time": "2026-11-20T10:00:01Z",
        "type": "platform.report",
        "record": {
            "requestId": REQUEST,
            "status": "error",
            "errorType": "Sandbox.Timedout",
            "metrics": {"durationMs": 7},
        },
    }

    batch = batch_of_records(
        subscription(
            f"START RequestId: {REQUEST} Version: $LATEST",
            f"2026-11-20T10:00:00.000Z\t{REQUEST}\tERROR\tno stock",
            f"[WARNING]\t2026-11-20T10:00:00.500Z\t{REQUEST}\tslow",
            json.dumps(managed),
            json.dumps(platform),
            "plain text",
            group="/aws/lambda/pay",
        )
    )

    assert set(batch.format.to_list()) == {"aws.lambda"}
    assert batch.severity.tolist() == [9, 17, 13, 13, 17, 0]
    assert batch.duration_us.tolist()[4] == 7_000
    assert batch.error.to_list()[4] == "Sandbox.Timedout"
    assert batch.occurred_at.tolist()[2] == 1_795_168_800_500_000_000


def test_a_timeout_is_an_error_with_its_duration() -> None:
    body = subscription(
        f"2026-11-20T10:00:03.000Z {REQUEST} Task timed out after 3.00 seconds", group="/aws/lambda/pay"
    )

    event = event_of(body)

    assert (event.error, event.duration_us, event.severity) == ("Task timed out", 3_000_000, 17)


def test_the_function_is_the_resource_and_its_group_a_mention() -> None:
    body = json.loads(subscription("x", group="/aws/lambda/pay"))

    event = event_of(json.dumps(body), None)

    assert event.service == "pay"
    assert "/aws/lambda/pay" in event.mentions


def test_a_line_without_a_time_has_the_time_of_its_log_event() -> None:
    assert event_of(subscription("plain", group="/aws/lambda/pay")).occurred_at == 1_795_168_800_000_000_000


def test_attributes_name_the_function_the_version_and_the_invocation() -> None:
    context = {"logGroup": "/aws/lambda/pay", "logStream": "2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef"}
    found = LambdaParser().attributes(f"START RequestId: {REQUEST} Version: 4".encode(), context)

    assert (found["faas.name"], found["faas.version"], found["faas.invocation_id"]) == ("pay", "$LATEST", REQUEST)
