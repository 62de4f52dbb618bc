"""Traps in AWS's logs that other parsers fell into: one record each, written by hand."""

import base64
import gzip
import json

import pytest

from cloudledger.domain.events import Flag
from tests.adapters.aws.attribute_of import attributes, in_group, log_event
from tests.adapters.aws.aws_records import AT_SECOND, FLOW, RECORDS
from tests.adapters.builders import subscription
from tests.adapters.native_records import NLB, S3_ACCESS, alb, cloudtrail, waf
from tests.adapters.parsed import batch_of_records, event_of


def message(text: str, timestamp: object = AT_SECOND * 1000) -> str:
    return json.dumps(
        {
            "messageType": "DATA_MESSAGE",
            "owner": "012345678901",
            "logGroup": "own",
            "logStream": "s",
            "subscriptionFilters": ["f"],
            "logEvents": [{"id": "1", "timestamp": timestamp, "message": text}],
        }
    )


@pytest.mark.parametrize("timestamp", [AT_SECOND * 1000, str(AT_SECOND * 1000)])
def test_milliseconds_of_cloudwatch_may_be_a_number_or_a_text(timestamp: object) -> None:
    assert event_of(message("plain", timestamp)).occurred_at == AT_SECOND * 10**9


@pytest.mark.parametrize(
    ("fields", "instant_ns"),
    [
        ({"requestTimeEpoch": AT_SECOND}, AT_SECOND * 10**9),
        ({"requestTimeEpoch": str(AT_SECOND * 1000 + 5)}, (AT_SECOND * 1000 + 5) * 10**6),
        ({"requestTime": "20/Nov/2026:10:00:00 +0000"}, AT_SECOND * 10**9),
    ],
)
def test_api_gateway_counts_seconds_or_milliseconds_or_writes_apaches_time(
    fields: dict[str, object], instant_ns: int
) -> None:
    body = {"requestId": "a", "ip": "192.0.2.1", "httpMethod": "GET", **fields}

    assert log_event(body).occurred_at == instant_ns


def test_seconds_of_firelens_are_a_fraction_in_scientific_notation() -> None:
    assert log_event(RECORDS["aws.ecs"]).occurred_at // 10**6 == AT_SECOND * 1000 + 848


def test_cloudtrails_own_time_and_account_win_over_the_envelopes() -> None:
    event = event_of(message(cloudtrail(), (AT_SECOND + 600) * 1000))

    assert event.occurred_at == AT_SECOND * 10**9
    assert event.account == "012345678901"


def test_a_record_with_an_unreadable_time_is_kept_and_marked() -> None:
    event = log_event(cloudtrail(eventTime="yesterday"))

    assert (event.format, event.name) == ("aws.cloudtrail", "ModifyDBInstance")
    assert event.flags & Flag.TIME_UNSET


def test_a_status_of_http_is_no_severity_but_an_error_code_is() -> None:
    assert log_event(alb(code="503")).severity == 0
    assert log_event(cloudtrail(errorCode="AccessDenied")).severity == 17


@pytest.mark.parametrize(
    ("web_acl", "region", "resource"),
    [
        ("arn:aws:wafv2:us-east-1:012345678901:global/webacl/shop/ba65", "us-east-1", "global/webacl/shop/ba65"),
        ("arn:aws:wafv2:eu-west-1:012345678901:regional/webacl/shop/ba65", "eu-west-1", "regional/webacl/shop/ba65"),
    ],
)
def test_a_web_acl_of_cloudfront_lies_in_us_east_1(web_acl: str, region: str, resource: str) -> None:
    event = log_event(waf(webaclId=web_acl))

    assert (event.account, event.region) == ("012345678901", region)
    assert event.resource.endswith(resource)


def test_headers_labels_and_rule_lists_of_a_verdict_are_kept() -> None:
    body = json.loads(
        waf(labels=[{"name": "bot"}], rateBasedRuleList=[{"limitKey": "IP"}], ruleGroupList=[{"ruleGroupId": "g"}])
    )
    body["httpRequest"]["headers"] = [{"name": "Host", "value": "shop"}, {"name": "X-A", "value": "1"}]

    found = attributes(body)

    assert found["http.request.header.host"] == ["shop"]
    assert found["aws.waf.labels"] == [{"name": "bot"}]
    assert found["aws.waf.rateBasedRuleList"] == [{"limitKey": "IP"}]
    assert found["aws.waf.ruleGroupList"] == [{"ruleGroupId": "g"}]


def test_the_name_of_a_load_balancer_becomes_its_arn() -> None:
    assert log_event(alb()).resource == (
        "arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/shop/50dc6c495c0c9188"
    )


def test_an_x_ray_id_loses_its_version_and_dashes() -> None:
    event = log_event(
        alb(trace="Self=1-1-1;Root=1-58337281-1d84f3d73c47ec4e58577259;Parent=53995c3f42cd8ad8;Sampled=1")
    )

    assert (event.trace_id, event.parent_span_id) == ("583372811d84f3d73c47ec4e58577259", "53995c3f42cd8ad8")


def test_a_protocol_list_in_quotes_does_not_shift_the_fields_behind_it() -> None:
    found = attributes(NLB)

    assert found["aws.elb.alpn_client_preference_list"] == ["h2", "http/1.1"]
    assert found["aws.elb.tls_connection_creation_time"] == "2020-04-01T08:51:20"


def test_bytes_of_tls_and_the_version_of_a_log_are_not_those_of_http() -> None:
    found = attributes(NLB)

    assert not found.keys() & {"http.request.size", "http.response.size", "network.protocol.version"}
    assert found["aws.elb.log.version"] == "2.0"


@pytest.mark.parametrize("fields", [29, 30, 33, 40])
def test_a_line_of_a_balancer_may_grow(fields: int) -> None:
    tail = "".join(f" x{number}" for number in range(fields - 29))

    assert log_event(alb(tail=tail)).status == 502


def test_fields_of_rewritten_requests_are_named() -> None:
    found = attributes(alb(tail=' TID_1 "shop.internal" "https://shop.internal/x" TransformSuccess'))

    assert found["aws.elb.transformed_host"] == "shop.internal"
    assert found["aws.elb.request_transform_status"] == "TransformSuccess"


def test_an_access_log_of_s3_may_have_any_number_of_fields_and_quotes_in_its_user_agent() -> None:
    for line in (S3_ACCESS, S3_ACCESS.rsplit(" ", 4)[0], S3_ACCESS + " new fields"):
        event = log_event(line)
        assert (event.format, event.status, event.error) == ("aws.s3access", 403, "AccessDenied")


def test_the_query_is_no_part_of_the_path_and_http_no_scheme() -> None:
    found = attributes(S3_ACCESS)

    assert (found["url.path"], found["url.query"]) == ("/invoices/a/b.pdf", "x=1")
    assert "url.scheme" not in found


def test_a_dash_is_a_path_but_no_error() -> None:
    event = log_event(S3_ACCESS.replace("AccessDenied", "-").replace("a/b.pdf", "-", 1))

    assert event.error == ""


def test_a_message_that_cloudwatch_cut_is_kept_as_text() -> None:
    cut = cloudtrail()[:200]

    batch = batch_of_records(message(cut))

    assert len(batch) == 1
    assert cut.encode()[:50] in batch.payload[0].replace(b"\\", b"")


def test_an_audit_record_that_eks_truncated_is_kept() -> None:
    text = RECORDS["aws.eks.audit"][:-30] + "[Truncated...]"

    assert (
        len(batch_of_records(text, context=in_group("/aws/eks/prod/cluster", "kube-apiserver-audit-0123456789abcdef")))
        == 1
    )


def test_one_record_delivered_twice_has_one_id_and_one_of_another_account_its_own() -> None:
    first, again, other = (event_of(body) for body in (cloudtrail(), cloudtrail(), cloudtrail(recipientAccountId="2")))

    assert first.event_id == again.event_id != other.event_id


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
                    "logEvents": [{"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health"}]}),
        "Enable AccessLog for ELB: shop at 2026-11-20T10:00:00.000Z",
        json.dumps({"awsAccountId": "1", "digestStartTime": "2026-11-20T10:00:00Z", "logFiles": []}),
        json.dumps({"Records": []}),
    ],
)  # fmt: skip
def test_what_carries_no_record_gives_no_event_and_no_error(body: str) -> None:
    assert len(batch_of_records(body)) == 0


def test_centralised_log_groups_say_account_and_region_per_event() -> None:
    envelope = json.loads(message("plain"))
    envelope["logEvents"][0]["extractedFields"] = {"@aws.account": "999999999999", "@aws.region": "ap-south-1"}

    event = event_of(json.dumps(envelope))

    assert (event.account, event.region) == ("999999999999", "ap-south-1")


def test_a_compressed_subscription_in_a_lambda_trigger_is_read() -> None:
    data = base64.b64encode(gzip.compress(subscription(FLOW).encode())).decode()

    assert event_of(json.dumps({"awslogs": {"data": data}})).format == "aws.vpcflow"


def test_an_alias_is_no_part_of_a_functions_name() -> None:
    event = log_event(
        "START RequestId: x", in_group("/aws/lambda/pay", "2026/11/20/pay[live]0123456789abcdef0123456789abcdef")
    )

    assert event.resource == "arn:aws:lambda:eu-west-1:123456789012:function:pay"


def test_cookies_and_tokens_in_a_requests_fields_are_redacted() -> None:
    body = json.loads(waf())
    body["httpRequest"]["headers"] = [{"name": "authorization", "value": "Bearer abcdefghijklmnopqrstuvwxyz0123456789"}]

    assert b"abcdefghijklmnopqrstuvwxyz0123456789" not in log_event(body).payload


def test_an_event_of_lambdas_runtime_is_known_by_its_content() -> None:
    body = {
        "time": "2026-11-20T10:00:00.123Z",
        "type": "platform.report",
        "record": {
            "requestId": "6d2b9b3e-7a1c-4c1e-8d2f-000000000001",
            "status": "timeout",
            "metrics": {"durationMs": 3000.5, "billedDurationMs": 3001, "maxMemoryUsedMB": 70},
            "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1-58337281-1d84f3d73c47ec4e58577259"},
        },
    }

    event = log_event(body)

    assert (event.format, event.name, event.error) == ("aws.lambda", "platform.report", "timeout")
    assert (event.duration_us, event.trace_id) == (3_000_500, "583372811d84f3d73c47ec4e58577259")
