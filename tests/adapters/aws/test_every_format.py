"""Every log format of AWS: recognised by content, with its columns and its attributes in standard names."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.aws.log_groups import LOG_GROUPS
from cloudledger.adapters.aws.log_parsers import AWS_PARSERS
from cloudledger.domain.events import Flag, Kind
from tests.adapters.aws.attribute_of import attributes, log_event
from tests.adapters.aws.aws_records import AT_SECOND, REAL_TIME, RECORDS, context_of
from tests.adapters.parsed import batch_of_records
from tests.adapters.vocabulary import wrong_names, wrong_types

BY_GROUP = {group.format for group in LOG_GROUPS}
TIMELESS = {"aws.apigateway.execution"}
"""Records that leave their time to CloudWatch Logs."""

each_format = pytest.mark.parametrize("name", RECORDS)


def test_every_log_format_has_an_example() -> None:
    assert {parser.format for parser in AWS_PARSERS} - BY_GROUP <= set(RECORDS)


@each_format
def test_each_example_has_its_time_and_place(name: str) -> None:
    event = log_event(RECORDS[name], context_of(name))

    assert event.format == name
    assert event.provider == "aws"
    assert event.service or name in ("aws.elb.connection",)
    assert event.name or event.severity
    assert event.template
    assert name in TIMELESS or event.occurred_at // 10**9 == AT_SECOND
    assert not event.flags & Flag.FIELD_UNREADABLE


@each_format
def test_attributes_have_names_and_types_of_the_conventions(name: str) -> None:
    found = attributes(RECORDS[name], context_of(name))

    assert found
    assert (wrong_names(found), wrong_types(found)) == ([], [])


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("aws.elb.nlb", {"service": "edge", "peer": "172.100.100.185"}),
        ("aws.elb.connection", {"error": "ClientCertExpired", "duration_us": 4_036_000, "peer": "203.0.113.1"}),
        (
            "aws.s3access",
            {"resource": "arn:aws:s3:::invoices", "status": 403, "error": "AccessDenied", "duration_us": 7_000},
        ),
        ("aws.cloudfront", {"status": 502, "error": "OriginCommError", "duration_us": 250_000}),
        ("aws.waf", {"account": "012345678901", "region": "us-east-1", "name": "BLOCK", "peer": "192.0.2.1"}),
        ("aws.route53_resolver", {"error": "NXDOMAIN", "peer": "pay.internal."}),
        ("aws.guardduty", {"severity": 17, "name": "Recon:EC2/Portscan", "account": "012345678901"}),
        ("aws.securityhub", {"severity": 17, "region": "eu-west-1"}),
        ("aws.inspector", {"severity": 21, "error": "CVE-2026-1"}),
        ("aws.macie", {"severity": 17, "resource": "arn:aws:s3:::b"}),
        ("aws.accessanalyzer", {"resource": "arn:aws:s3:::b"}),
        ("aws.networkfirewall", {"name": "alert", "peer": "203.0.113.1"}),
        ("aws.bedrock", {"error": "ThrottlingException", "resource": "m"}),
        (
            "aws.apigateway.access",
            {"status": 502, "duration_us": 120_000, "trace_id": "583372811d84f3d73c47ec4e58577259"},
        ),
        ("aws.ecs", {"service": "cart", "severity": 17, "resource": "arn:aws:ecs:eu-west-1:012345678901:task/prod/a"}),
        ("aws.stepfunctions", {"error": "States.Timeout", "account": "012345678901", "region": "eu-west-1"}),
        ("aws.sns", {"severity": 17, "status": 500, "duration_us": 100_000, "peer": "https://shop.example.com/hook"}),
        ("aws.appsync", {"status": 500, "duration_us": 242_000}),
        ("aws.iot", {"severity": 17, "error": "AUTHORIZATION_FAILURE"}),
        ("aws.clientvpn", {"error": "authentication-failed"}),
        ("aws.elasticache", {"duration_us": 12_500, "service": "carts-001", "peer": "10.0.0.1:4444"}),
        ("aws.cognito", {"severity": 17}),
        ("aws.config", {"resource": "arn:aws:ec2:eu-west-1:012345678901:instance/i-1"}),
        ("aws.cloudtrail.insight", {"name": "Run", "service": "ec2.amazonaws.com"}),
        ("aws.lambda", {"service": "cart", "severity": 17}),
    ],
)
def test_what_a_record_says_is_in_its_columns(name: str, columns: dict[str, Any]) -> None:
    event = log_event(RECORDS[name], context_of(name))

    assert {column: getattr(event, column) for column in columns} == columns


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "aws.cloudtrail",
            {
                "rpc.method": "ModifyDBInstance",
                "client.address": "198.51.100.7",
                "user.name": "deploy",
                "aws.request.parameters.dBInstanceIdentifier": "orders",
            },
        ),
        (
            "aws.elb.alb",
            {
                "http.response.status_code": 502,
                "aws.elb.target_processing_time": 0.5,
                "client.port": 2817,
                "destination.address": "10.0.0.1",
                "aws.elb.actions_executed": ["forward"],
                "tls.protocol.version": "1.2",
            },
        ),
        ("aws.elb.nlb", {"aws.elb.received_bytes": 98, "aws.elb.connection_time": 5, "tls.protocol.version": "1.2"}),
        ("aws.s3access", {"aws.s3.bucket": "invoices", "url.query": "x=1", "http.response.body.size": 113}),
        (
            "aws.cloudfront",
            {"http.response.size": 392, "aws.cloudfront.time_taken": 0.25, "tls.protocol.version": "1.2"},
        ),
        ("aws.waf", {"client.address": "192.0.2.1", "aws.waf.terminating_rule.id": "Default_Action"}),
        (
            "aws.networkfirewall",
            {"source.address": "10.0.0.1", "network.transport": "tcp", "aws.networkfirewall.alert.action": "blocked"},
        ),
        ("aws.route53_resolver", {"dns.question.name": "pay.internal.", "host.id": "i-0123456789abcdef0"}),
        ("aws.bedrock", {"gen_ai.usage.input_tokens": 7, "gen_ai.request.model": "m"}),
        ("aws.apigateway.access", {"http.route": "/cart", "http.response.status_code": 502}),
        (
            "aws.globalaccelerator",
            {"client.address": "203.0.113.9", "destination.port": 443, "network.transport": "tcp"},
        ),
    ],
)
def test_attributes_are_decoded_by_name(name: str, expected: dict[str, Any]) -> None:
    assert expected.items() <= attributes(RECORDS[name], context_of(name)).items()


def test_a_real_time_line_of_cloudfront_needs_no_header() -> None:
    event, found = log_event(REAL_TIME), attributes(REAL_TIME)

    assert (event.format, event.status, event.duration_us) == ("aws.cloudfront", 503, 250_000)
    assert event.occurred_at == (AT_SECOND * 1000 + 250) * 10**6
    assert (found["user_agent.original"], found["http.response.body.size"]) == ("curl/8", 78)


def test_fields_that_the_user_chose_for_cloudfront_are_read_by_the_files_header() -> None:
    context = {"envelope": "csv", "header": "#Fields: timestamp(ms) c-ip sc-status cs(User-Agent) DistributionId"}
    body = f"{AT_SECOND}123\t192.0.2.4\t504\tcurl%2F8\tE1"

    event, found = log_event(body, context), attributes(body, context)

    assert (event.status, event.resource, event.occurred_at // 10**6 % 1000) == (504, "E1", 123)
    assert found["user_agent.original"] == "curl/8"


@each_format
def test_a_record_cut_anywhere_becomes_one_event(name: str) -> None:
    body = RECORDS[name].encode()
    cuts = [body[:at] for at in range(1, len(body), max(1, len(body) // 15))]

    assert len(batch_of_records(*cuts, context=context_of(name))) == len(cuts)


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**64,
    1e308,
    "",
    "-",
    "\x00\ud800",
    [],
    {},
    [None],
    {"a": []},
    "9999-99-99T99:99:99Z",
)


@pytest.mark.parametrize("name", [name for name, body in RECORDS.items() if body.startswith("{")])
def test_a_field_of_any_value_costs_no_record(name: str) -> None:
    record = json.loads(RECORDS[name])
    mutants = [json.dumps({**record, key: odd}) for key in record for odd in ODD]

    batch = batch_of_records(*mutants, context=context_of(name))

    assert len(batch) == len(mutants)
    assert not (batch.kind == Kind.RECORD_REJECTED).any()


@pytest.mark.parametrize("name", [name for name, body in RECORDS.items() if not body.startswith("{")])
def test_a_field_of_a_line_may_be_anything(name: str) -> None:
    separator = "\t" if "\t" in RECORDS[name] else " "
    parts = RECORDS[name].split(separator)
    odd = ("", "-", '"', "9" * 40, "\x00", "[", 'a" "b')
    mutants = [separator.join([*parts[:at], one, *parts[at + 1 :]]) for at in range(len(parts)) for one in odd]

    assert len(batch_of_records(*mutants, context=context_of(name))) == len(mutants)


def test_every_format_stands_in_the_documentation() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "aws-formats.md").read_text()

    assert [parser.format for parser in AWS_PARSERS if f"`{parser.format}`" not in page] == []
