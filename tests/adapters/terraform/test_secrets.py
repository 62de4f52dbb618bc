"""Secrets of plans, states and logs never reach an event."""

import json
from typing import Any

import msgspec
import pytest

from cloudledger.adapters.parser import Parser
from cloudledger.adapters.records import Origin, Records
from cloudledger.adapters.terraform import TerraformApplyLogParser, TerraformPlanParser, TerraformStateParser
from cloudledger.domain.events import LogRecorded, RecordRejected, ResourceChanged

SECRET = "c0rrect-horse-battery"


def stored(parser: Parser, *documents: bytes) -> bytes:
    batch = parser.parse(Records.of(list(documents), Origin("prod/42.json")))
    return b"\n".join(map(msgspec.json.encode, batch)) + b"".join(batch.payload.to_list())


PLACES: dict[str, tuple[dict[str, Any], Any]] = {
    "marked": ({"password": SECRET, "id": "a"}, {"password": True}),
    "named": ({"password": SECRET}, {}),
    "copied into a name": ({"name": f"db-{SECRET}", "password": SECRET}, {"password": True}),
    "copied into a setting": ({"image": f"x:{SECRET}", "password": SECRET}, {"password": True}),
    "in a nested value": ({"connection": [{"user": "a", "value": SECRET}]}, {"connection": [{"value": True}]}),
    "in a json text": (
        {"container_definitions": json.dumps([{"environment": [{"name": "DB_PASSWORD", "value": SECRET}]}])},
        {},
    ),
    "in a url": ({"endpoint": f"https://app:{SECRET}@db.example.com/x"}, {}),
    "in a list": ({"records": [SECRET]}, {"records": True}),
    "all of it": ({"id": SECRET, "name": SECRET}, True),
    "in a parameter": ({"parameter": [{"name": "auth_token", "value": SECRET}]}, {}),
    "in tags": ({"tags": {"db_password": SECRET}}, {}),
    "in user data": ({"user_data": f"export PW={SECRET}"}, {}),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("actions", [["create"], ["update"], ["delete"], ["delete", "create"], ["no-op"]])
def test_a_plan_s_secrets_are_left_out(place: str, actions: list[str]) -> None:
    values, marks = PLACES[place]
    other = {**values, "extra": "1"}
    change = {
        "actions": actions,
        "before": None if actions == ["create"] else values,
        "after": None if actions == ["delete"] else other,
        "after_unknown": {"arn": True},
        "before_sensitive": marks,
        "after_sensitive": marks,
    }
    row = {"address": "aws_db_instance.a", "type": "aws_db_instance", "mode": "managed", "change": change}
    document = {
        "format_version": "1.2",
        "variables": {"db": {"value": SECRET}},
        "resource_changes": [row],
        "resource_drift": [row],
        "prior_state": {"values": {"root_module": {"resources": [{"values": values}]}}},
        "configuration": {"root_module": {"variables": {"db": {"sensitive": True, "default": SECRET}}}},
    }

    assert SECRET.encode() not in stored(TerraformPlanParser(), json.dumps(document).encode())


@pytest.mark.parametrize("place", PLACES)
def test_a_state_s_secrets_are_left_out(place: str) -> None:
    values, marks = PLACES[place]
    names = list(values) if marks is True else list(marks)
    paths = [[{"type": "get_attr", "value": name}] for name in names]
    instance = {"attributes": values, "sensitive_attributes": paths}
    resource = {"mode": "managed", "type": "aws_db_instance", "name": "a", "instances": [instance]}
    file = {"version": 4, "serial": 1, "resources": [resource], "outputs": {"x": {"value": SECRET, "sensitive": True}}}
    shown: dict[str, Any] = {"address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance"}
    shown |= {"values": values, "sensitive_values": marks}
    show = {"format_version": "1.0", "values": {"root_module": {"resources": [shown]}}}

    for document in (file, show):
        assert SECRET.encode() not in stored(TerraformStateParser(), json.dumps(document).encode())


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "provision_progress", "hook": {"resource": {"addr": "a.b"}, "output": f"PW={SECRET}"}},
        {"type": "outputs", "outputs": {"db": {"sensitive": False, "value": SECRET}}},
        {"type": "list_resource_found", "list_resource_found": {"resource_object": {"password": SECRET}}},
        {
            "type": "diagnostic",
            "diagnostic": {
                "severity": "error",
                "summary": "local-exec provisioner error",
                "detail": f"Error running command 'x {SECRET}'",
                "snippet": {"code": SECRET, "values": [{"statement": SECRET}]},
            },
        },
        {
            "type": "diagnostic",
            "diagnostic": {"severity": "error", "summary": "bad", "detail": f"the password '{SECRET}' is short"},
        },
    ],
    ids=["provisioner", "outputs", "unknown type", "provisioner error", "quoted in an error"],
)
def test_an_apply_log_s_secrets_are_left_out(fields: dict[str, object]) -> None:
    line = {
        "@level": "error",
        "@module": "terraform.ui",
        "@message": "m",
        "@timestamp": "2026-11-20T10:00:00Z",
        **fields,
    }

    assert SECRET.encode() not in stored(TerraformApplyLogParser(), json.dumps(line).encode())


@pytest.mark.parametrize("parser", [TerraformPlanParser(), TerraformStateParser()], ids=["plan", "state"])
def test_a_torn_document_is_rejected_without_its_bytes(parser: Parser) -> None:
    text = json.dumps({"format_version": "1.2", "version": 4, "terraform_version": "1.1", "serial": 1, "x": SECRET})
    batch = parser.parse(Records.of([text[:-4].encode()], Origin("a.json")))

    assert isinstance(batch[0], RecordRejected)
    assert batch[0].payload == b""


def test_harmless_settings_are_shown_and_all_else_is_a_fingerprint() -> None:
    change = {
        "actions": ["update"],
        "before": {"instance_class": "db.r6g.large", "description": "old", "engine_version": "15.4"},
        "after": {"instance_class": "db.t3.micro", "description": "new"},
        "after_unknown": {"engine_version": True},
    }
    row = {"address": "aws_db_instance.a", "type": "aws_db_instance", "change": change}
    document = json.dumps({"format_version": "1.2", "resource_changes": [row]}).encode()
    event = TerraformPlanParser().parse(Records.of([document], Origin("a.json")))[1]

    assert isinstance(event, ResourceChanged)
    assert event.changed["instance_class"] == ("db.r6g.large", "db.t3.micro")
    assert event.changed["engine_version"] == ("15.4", "(known after apply)")
    assert all(text.startswith("#") and len(text) == 5 for text in event.changed["description"])


def test_a_line_that_tells_no_fact_stays_a_log_record() -> None:
    line = b'{"@level":"warn","@module":"terraform.ui","@message":"m","type":"policy_x"}'
    event = TerraformApplyLogParser().parse(Records.of([line], Origin("a.jsonl")))[0]

    assert isinstance(event, LogRecorded)
    assert (event.name, event.severity, event.payload) == ("policy_x", 13, b'{"type":"policy_x","message":"m"}')
