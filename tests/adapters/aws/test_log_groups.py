"""Text and JSON in the log groups that AWS's services name, and events of EventBridge."""

import pytest

from cloudledger.domain.events import PeerRole
from tests.adapters.aws.attribute_of import attributes, in_group, log_event
from tests.adapters.parsed import batch_of_records

REQUEST = "6d2b9b3e-7a1c-4c1e-8d2f-000000000001"
GATEWAY = in_group("API-Gateway-Execution-Logs_a1b2c3/prod")


def eventbridge(source: str, kind: str, **detail: object) -> dict[str, object]:
    return {
        "version": "0",
        "id": "9bcdac79",
        "detail-type": kind,
        "source": source,
        "account": "012345678901",
        "time": "2026-11-20T10:00:00Z",
        "region": "us-west-2",
        "resources": ["arn:aws:ecs:us-west-2:012345678901:task/prod/abc"],
        "detail": detail,
    }


@pytest.mark.parametrize(
    ("group", "stream", "log_format", "service", "resource"),
    [
        ("/aws/eks/prod/cluster", "authenticator-0123456789abcdef", "aws.eks.control_plane", "authenticator", "r/prod"),
        ("/aws/codebuild/shop", "s", "aws.codebuild", "shop", ":project/shop"),
        ("/aws/apprunner/shop/8fe1e103/application", "s", "aws.apprunner", "shop", ":service/shop/8fe1e103"),
        ("/aws/redshift/cluster/dwh/connectionlog", "s", "aws.redshift", "dwh", ":cluster:dwh"),
        ("/aws/OpenSearchService/domains/logs/application-logs", "s", "aws.opensearch", "logs", ":domain/logs"),
        ("/aws/docdb/orders/audit", "s", "aws.documentdb", "orders", ":cluster:orders"),
        ("dms-tasks-copy", "s", "aws.dms", "copy", ":rep:copy"),
        ("/aws/cloudhsm/cluster-1", "s", "aws.cloudhsm", "cluster-1", ":cluster/cluster-1"),
        ("/aws/elasticbeanstalk/shop/var/log/web.stdout.log", "s", "aws.elasticbeanstalk", "shop", ":environment/shop"),
        ("airflow-etl-Task", "s", "aws.mwaa", "etl", ":environment/etl"),
        ("/aws/emr-serverless/jobs", "s", "aws.emr", "jobs", ""),
        ("/aws/amazonmq/broker/b-1/general", "s", "aws.mq", "b-1", ":broker:b-1"),
        ("/var/log/syslog", "i-1", "aws.ec2", "syslog", ""),
    ],
)  # fmt: skip
def test_a_services_own_log_group_names_format_service_and_resource(
    group: str, stream: str, log_format: str, service: str, resource: str
) -> None:
    batch = batch_of_records(
        "E1120 10:00:00.123456 10 a.go:1] no", '{"level":"error"}', context=in_group(group, stream)
    )

    assert batch.format.to_list() == [log_format] * 2
    assert batch.service.to_list() == [service] * 2
    assert batch.severity.tolist() == [17, 17]
    assert all(one.endswith(resource) if resource else not one for one in batch.resource.to_list())
    assert set(batch.account.to_list()) == {"123456789012"}


def test_execution_logs_of_api_gateway_tell_status_failure_latency_target_and_trace() -> None:
    lines = {
        "status": f"({REQUEST}) Method completed with status: 502",
        "error": f"({REQUEST}) Execution failed due to configuration error: Invalid permissions on Lambda function",
        "duration_us": f"({REQUEST}) Received response. Status: 200, Integration latency: 50 ms",
        "peer": f"({REQUEST}) Endpoint request URI: https://pay.example.com/charge",
        "trace_id": f"({REQUEST}) Response headers: {{X-Amzn-Trace-Id=Root=1-58337281-1d84f3d73c47ec4e58577259}}",
    }

    told = {column: getattr(log_event(line, GATEWAY), column) for column, line in lines.items()}

    assert told == {
        "status": 502,
        "error": "configuration error",
        "duration_us": 50_000,
        "peer": "pay.example.com",
        "trace_id": "583372811d84f3d73c47ec4e58577259",
    }
    assert attributes(lines["status"], GATEWAY)["aws.request_id"] == REQUEST
    assert log_event(lines["status"], GATEWAY).resource == "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod"


def test_a_stopped_task_whose_container_failed_is_a_warning_with_its_reason() -> None:
    body = eventbridge(
        "aws.ecs",
        "ECS Task State Change",
        lastStatus="STOPPED",
        stoppedReason="OutOfMemory",
        containers=[{"exitCode": 137}],
    )

    event = log_event(body)

    assert (event.format, event.name, event.service) == ("aws.eventbridge", "ECS Task State Change", "ecs")
    assert (event.severity, event.error) == (13, "OutOfMemory")
    assert event.resource == "arn:aws:ecs:us-west-2:012345678901:task/prod/abc"
    assert (event.account, event.region) == ("012345678901", "us-west-2")


@pytest.mark.parametrize(
    ("detail", "severity", "error"),
    [
        ({"status": "FAILED", "error": "States.Timeout"}, 17, "States.Timeout"),
        ({"build-status": "FAILED"}, 17, "FAILED"),
        ({"state": {"value": "ALARM", "reason": "x"}}, 17, "ALARM"),
        ({"state": "SUCCEEDED"}, 9, ""),
        ({"status": "STOPPED"}, 13, ""),
        ({}, 9, ""),
    ],
)
def test_what_an_event_reports_is_its_severity(detail: dict[str, object], severity: int, error: str) -> None:
    event = log_event(eventbridge("aws.states", "Status Change", **detail))

    assert (event.severity, event.error) == (severity, error)


def test_details_with_a_format_of_their_own_keep_it() -> None:
    finding = {"accountId": "1", "type": "Recon:EC2/Portscan", "severity": 8, "service": {"serviceName": "guardduty"}}

    event = log_event(eventbridge("aws.guardduty", "GuardDuty Finding", **finding))

    assert (event.format, event.severity) == ("aws.guardduty", 17)


def test_public_dns_queries_name_zone_resolver_and_answer() -> None:
    line = "1.0 2026-11-20T10:00:00.130Z Z123412341234 shop.example A NXDOMAIN UDP FRA6 192.0.2.1 -"

    event, found = log_event(line), attributes(line)

    assert (event.format, event.error, event.peer, event.peer_role) == (
        "aws.route53_public",
        "NXDOMAIN",
        "192.0.2.1",
        PeerRole.CALLER,
    )
    assert (found["dns.question.name"], found["network.transport"]) == ("shop.example", "udp")


@pytest.mark.parametrize("message", ["[]", '{"Records": []}', '{"value": []}'])
def test_an_empty_list_that_a_program_logged_is_an_event(message: str) -> None:
    assert len(batch_of_records(message, context=in_group("/aws/lambda/pay"))) == 1
    assert len(batch_of_records(message)) == 0
