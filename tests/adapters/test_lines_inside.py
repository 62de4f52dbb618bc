"""What stands inside the lines of containers and control planes: JSON, klog, audit records, Envoy's hosts, parts."""

import json
from typing import Any

from cloudledger.adapters.attributes import attributes_of
from tests.adapters.native_records import run_line
from tests.adapters.parsed import batch_of_records, event_of

CLUSTER = "/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/AKS1"
TASK = {"ecs_task_arn": "arn:aws:ecs:eu-west-1:000123456789:task/prod/0123", "container_name": "web"}


def eks(line: str) -> str:
    return json.dumps({"log": line, "stream": "stdout", "kubernetes": {"pod_name": "pay-0", "namespace_name": "shop"}})


def aks(category: str, log: str) -> str:
    row = {"time": "2026-11-20T10:00:00Z", "resourceId": CLUSTER, "category": category, "operationName": "x"}
    return json.dumps(row | {"properties": {"log": log, "stream": "stdout", "pod": "p-1"}})


def part(log: str, ordinal: int, last: bool) -> str:
    marks = {"partial_message": "true", "partial_id": "p1", "partial_ordinal": str(ordinal)}
    return json.dumps({**TASK, "log": log, "date": 1_795_170_000.25, **marks, "partial_last": str(last).lower()})


def attributes(record: str) -> dict[str, Any]:
    return attributes_of(event_of(record))


def test_fields_of_a_json_logger_in_a_containers_line_are_attributes() -> None:
    trace = "java.io.IOException: closed\n\tat a.B.c(B.java:7)"
    line = json.dumps({"level": "error", "msg": "no", "http": {"request": {"method": "PUT"}}, "stack_trace": trace})

    found = attributes(eks(line))

    assert found["log.record.body"] == line
    assert found["aws.eks.container.msg"] == "no"
    assert (found["http.request.method"], found["exception.type"]) == ("PUT", "java.io.IOException")


def test_hosts_of_an_envoy_line_have_address_and_port() -> None:
    line = '[2026-11-20T10:00:02.100Z] "POST /pay HTTP/1.1" 503 UF via_upstream - "-" 12 91 30 - "10.1.2.3" "curl/8.0" '
    line += '"a5e1c9a4-0000-4000-8000-000000000001" "pay.shop:8080" "{}" outbound|8080||pay.shop.svc - 10.2.3.9:1 - -'

    found = attributes(eks(line.format("10.2.3.4:8081")))

    assert (found["server.address"], found["server.port"]) == ("pay.shop", 8080)
    assert (found["network.peer.address"], found["network.peer.port"]) == ("10.2.3.4", 8081)
    assert attributes(eks(line.format("[fd00::1]:80")))["network.peer.address"] == "fd00::1"


def test_audit_records_of_aks_have_the_attributes_of_those_of_eks() -> None:
    record: dict[str, Any] = {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": "a-1", "stage": "Panic"}
    record |= {
        "verb": "delete",
        "requestURI": "/api/v1/pods?limit=5",
        "user": {"username": "alice"},
        "sourceIPs": ["10.0.0.1"],
    }
    record |= {"responseStatus": {"code": 403}, "objectRef": {"resource": "pods", "namespace": "shop", "name": "p1"}}
    names = ("user.name", "client.address", "http.response.status_code", "rpc.method", "url.path", "url.query")

    in_azure, in_aws = attributes(aks("kube-audit", json.dumps(record))), attributes(json.dumps(record))

    assert [in_azure[name] for name in names] == ["alice", "10.0.0.1", 403, "delete", "/api/v1/pods", "limit=5"]
    assert [in_azure[name] for name in names] == [in_aws[name] for name in names]


def test_a_klog_line_of_the_control_plane_of_aks_says_where_it_was_written() -> None:
    found = attributes(aks("kube-scheduler", "W1120 10:00:00.123456       1 reflector.go:533] watch ended\n"))

    assert (found["code.file.path"], found["code.line.number"]) == ("reflector.go", 533)
    assert found["log.record.body"].startswith("W1120")


def test_parts_of_a_line_that_docker_cut_are_joined_behind_firelens() -> None:
    batch = batch_of_records(
        part("part one ", 1, False), part("and ERROR two", 2, True), json.dumps({**TASK, "log": "x"})
    )

    assert batch.format.to_list() == ["aws.ecs", "aws.ecs"]
    assert sorted(attributes_of(event)["log.record.body"] for event in batch) == ["part one and ERROR two", "x"]


def test_the_line_of_a_task_gives_the_attributes_of_its_form() -> None:
    found = attributes(json.dumps({**TASK, "log": "level=warn msg=slow took=2s", "source": "stderr"}))

    assert (found["aws.ecs.took"], found["log.iostream"]) == ("2s", "stderr")


def test_the_text_of_a_cloud_run_service_gives_the_attributes_of_its_form() -> None:
    record = json.loads(run_line())
    record.pop("jsonPayload", None)

    found = attributes(json.dumps(record | {"textPayload": "E1120 10:00:00.000000 1 a.go:7] no"}))

    assert (found["code.line.number"], found["log.record.body"]) == (7, "E1120 10:00:00.000000 1 a.go:7] no")


def test_a_request_of_app_engine_has_path_query_and_version() -> None:
    payload = {"@type": "type.googleapis.com/google.appengine.logging.v1.RequestLog", "httpVersion": "HTTP/1.1"}
    place = {"type": "gae_app", "labels": {"project_id": "p", "module_id": "default"}}
    entry = {"logName": "projects/p/logs/appengine.googleapis.com%2Frequest_log", "insertId": "1", "resource": place}

    found = attributes(json.dumps(entry | {"protoPayload": payload | {"method": "GET", "resource": "/x?a=b"}}))

    assert (found["url.path"], found["url.query"], found["network.protocol.version"]) == ("/x", "a=b", "1.1")
