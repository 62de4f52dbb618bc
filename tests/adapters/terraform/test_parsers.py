"""Facts of plans, apply logs and states, as their documentation describes them."""

import json
from typing import Any

import pytest

from cloudledger.adapters.parser import Sample, UnreadableRecordError
from cloudledger.adapters.records import Origin, Records
from cloudledger.adapters.terraform import PARSERS, TerraformApplyLogParser, TerraformPlanParser, TerraformStateParser
from cloudledger.adapters.terraform.configuration_references import dependencies_of_configuration
from cloudledger.domain.events import DeploymentRecorded, Event, Flag, LogRecorded, RecordRejected, ResourceChanged
from cloudledger.domain.timestamps import to_instant_ns

ORIGIN = Origin("prod/42.json", {"account": "012345678901", "region": "eu-west-1", "actor": "ana"})


def planned(*rows: dict[str, Any], **more: Any) -> list[Event]:
    document = {"format_version": "1.2", "resource_changes": list(rows), "timestamp": "2026-11-20T10:00:00Z", **more}
    return list(TerraformPlanParser().parse(Records.of([json.dumps(document).encode()], ORIGIN)))


def row(actions: list[str], before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    change = {"actions": actions, "before": before, "after": after} | more.pop("change", {})
    return {
        "address": "module.m.aws_sqs_queue.q[0]",
        "type": "aws_sqs_queue",
        "mode": "managed",
        "change": change,
        **more,
    }


def logged(*lines: dict[str, Any]) -> list[Event]:
    texts = [
        json.dumps({"@module": "terraform.ui", "@level": "info", "@message": "m", **line}).encode() for line in lines
    ]
    return list(TerraformApplyLogParser().parse(Records.of(texts, ORIGIN)))


def observed(document: dict[str, Any]) -> list[Event]:
    return list(TerraformStateParser().parse(Records.of([json.dumps(document).encode()], ORIGIN)))


@pytest.mark.parametrize(
    ("body", "recognised"),
    [
        (b'{"format_version":"1.2","resource_changes":[]}', "terraform.plan"),
        (b'{"format_version":"0.1","planned_values":{}}', "terraform.plan"),
        (b'{"format_version":"1.2","terraform_version":"1.1","resource_ch', "terraform.plan"),
        (b'{"@level":"info","@module":"terraform.ui","type":"version"}', "terraform.apply_log"),
        (b'{"version":4,"serial":1,"lineage":"x","resources":[]}', "terraform.state"),
        (b'{"version":3,"serial":1,"modules":[]}', "terraform.state"),
        (b'{"format_version":"1.0","terraform_version":"1.1","values":{}}', "terraform.state"),
        (b'{"format_version":"1.0"}', ""),
        (b'{"version":4,"resources":[]}', ""),
        (b'{"@level":"info","@module":"sdk.proto"}', ""),
        (b"[1]", ""),
        (b"text", ""),
    ],
)
def test_documents_are_recognised_by_their_content(body: bytes, recognised: str) -> None:
    sample = Sample(body, {}, Origin("x"))

    assert [parser.format for parser in PARSERS if parser.recognises(sample)] == ([recognised] if recognised else [])


@pytest.mark.parametrize(
    ("actions", "more", "expected"),
    [
        (["create"], {}, ["create"]),
        (["delete", "create"], {}, ["no-op", "replace"]),
        (["create", "delete"], {}, ["no-op", "replace"]),
        (["no-op"], {}, ["no-op"]),
        (["no-op"], {"previous_address": "aws_sqs_queue.old"}, ["move"]),
        (["update"], {"previous_address": "aws_sqs_queue.old"}, ["update"]),
        (["no-op"], {"change": {"importing": {"id": "x"}}}, ["import"]),
        (["forget"], {}, ["forget"]),
        (["read"], {}, ["read"]),
    ],
)
def test_actions_are_named_by_one_word(actions: list[str], more: dict[str, Any], expected: list[str]) -> None:
    events = planned(row(actions, {"name": "a"}, {"name": "b"}, **more))[1:]

    assert [event.action for event in events if isinstance(event, ResourceChanged)] == expected


def test_a_plan_begins_with_its_deployment_and_counts() -> None:
    head, change = planned(row(["create"], None, {"name": "q"}, action_reason="why"))

    assert isinstance(head, DeploymentRecorded)
    assert (head.deployment_id, head.phase, head.summary, head.actor) == ("prod/42", "planned", {"create": 1}, "ana")
    assert isinstance(change, ResourceChanged)
    assert (change.component, change.action_reason, change.phase) == ("module.m", "why", "planned")
    assert change.resource == "arn:aws:sqs:eu-west-1:012345678901:q"
    assert change.occurred_at == to_instant_ns("2026-11-20T10:00:00Z")


def test_the_two_objects_of_a_replacement_keep_their_own_names() -> None:
    old, new = planned(row(["delete", "create"], {"name": "a"}, {"name": "b"}))[1:]

    assert isinstance(old, ResourceChanged)
    assert isinstance(new, ResourceChanged)
    assert ("aws.name:sqs/a" in old.identifiers, "aws.name:sqs/a" in new.identifiers) == (True, False)
    assert (old.phase, new.phase) == ("observed", "planned")


def test_drift_and_deferred_changes_are_kept_apart() -> None:
    drift, deferred = (
        row(["update"], {"name": "a"}, {"name": "b"}),
        {"reason": "absent", "resource_change": row(["create"])},
    )
    changes = [
        e for e in planned(resource_drift=[drift], deferred_changes=[deferred]) if isinstance(e, ResourceChanged)
    ]

    assert [(c.phase, c.action_reason) for c in changes] == [("observed", "drift"), ("planned", "deferred: absent")]


@pytest.mark.parametrize("version", ["2.0", "3.1", "", "x"])
def test_an_unknown_major_version_is_rejected(version: str) -> None:
    body = json.dumps({"format_version": version, "resource_changes": [row(["create"])]}).encode()
    [event] = TerraformPlanParser().parse(Records.of([body], ORIGIN))

    assert isinstance(event, RecordRejected)
    assert event.reason.startswith("unsupported plan")


def test_references_lead_through_variables_and_outputs() -> None:
    child = {
        "resources": [{"address": "aws_sqs_queue.q", "expressions": {"name": {"references": ["var.prefix"]}}}],
        "outputs": {"url": {"expression": {"references": ["aws_sqs_queue.q.url", "aws_sqs_queue.q"]}}},
    }
    root = {
        "resources": [
            {"address": "aws_kms_key.k"},
            {"address": "aws_sns_topic.t", "expressions": {"a": [{"b": {"references": ["module.m.url", "module.m"]}}]}},
        ],
        "module_calls": {"m": {"expressions": {"prefix": {"references": ["aws_kms_key.k.arn"]}}, "module": child}},
    }

    assert dependencies_of_configuration({"root_module": root}) == {
        "aws_kms_key.k": (),
        "aws_sns_topic.t": ("module.m.aws_sqs_queue.q",),
        "module.m.aws_sqs_queue.q": ("aws_kms_key.k",),
    }


HOOK = {"resource": {"addr": "aws_vpc.v", "resource_type": "aws_vpc"}}
ID = {"id_key": "id", "id_value": "vpc-0123456789abcdef0"}


@pytest.mark.parametrize(
    ("kind", "phase"), [("apply_start", "started"), ("apply_complete", "applied"), ("apply_errored", "failed")]
)
def test_lines_of_the_apply_become_phases_of_a_change(kind: str, phase: str) -> None:
    line = {"type": kind, "@timestamp": "2026-11-20T19:00:00.5+09:00", "hook": {**HOOK, **ID, "action": "update"}}
    [event] = logged(line)

    assert isinstance(event, ResourceChanged)
    assert (event.phase, event.action, event.resource) == (phase, "update", "vpc-0123456789abcdef0")
    assert event.occurred_at == to_instant_ns("2026-11-20T10:00:00.5Z")
    assert (event.started_at, event.ended_at).count(None) == 1


def test_a_refresh_tells_the_identity() -> None:
    [event] = logged({"type": "refresh_complete", "hook": {**HOOK, **ID}})

    assert isinstance(event, ResourceChanged)
    assert (event.phase, event.identifiers) == ("observed", ("aws.id:vpc-0123456789abcdef0",))


def test_words_of_the_log_are_those_of_the_plan() -> None:
    lines = [{"type": "planned_change", "change": {**HOOK, "action": word}} for word in ("noop", "remove", "move")]

    assert [e.action for e in logged(*lines) if isinstance(e, ResourceChanged)] == ["no-op", "forget", "move"]


def test_a_summary_ends_the_run() -> None:
    changes = {"add": 1, "change": 0, "remove": 2, "operation": "apply"}
    [event] = logged({"type": "change_summary", "@timestamp": "2026-11-20T10:00:00Z", "changes": changes})

    assert isinstance(event, DeploymentRecorded)
    assert (event.phase, event.outcome, event.summary) == ("finished", "succeeded", {"add": 1, "remove": 2})


def test_an_error_is_told_of_its_resource_or_of_the_run() -> None:
    with_address = {"severity": "error", "summary": "no", "address": "aws_vpc.v"}
    events = logged(
        {"type": "diagnostic", "diagnostic": with_address}, {"type": "diagnostic", "diagnostic": {"severity": "error"}}
    )

    assert [type(event) for event in events] == [LogRecorded, ResourceChanged, LogRecorded, DeploymentRecorded]


def test_a_line_of_another_program_is_left_to_the_pipeline() -> None:
    with pytest.raises(UnreadableRecordError):
        TerraformApplyLogParser().parse(Records.of([b'{"@module":"other"}'], ORIGIN))


def test_a_state_lists_managed_instances_with_their_keys() -> None:
    instances = [
        {"index_key": "a/b", "attributes": {"name": "x"}, "dependencies": ["module.m.aws_kms_key.k"]},
        {"index_key": 1, "attributes": {"name": "y"}, "status": "tainted"},
    ]
    resource = {
        "module": 'module.m["é"]',
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "q",
        "instances": instances,
    }
    data = {**resource, "mode": "data"}
    events = [
        e
        for e in observed({"version": 4, "serial": 1, "resources": [resource, data]})
        if isinstance(e, ResourceChanged)
    ]

    assert [event.address for event in events] == [
        'module.m["é"].aws_sqs_queue.q["a/b"]',
        'module.m["é"].aws_sqs_queue.q[1]',
    ]
    assert [event.action_reason for event in events] == ["", "tainted"]
    assert events[0].dependencies == ("module.m.aws_kms_key.k",)
    assert all(event.flags & Flag.TIME_UNSET and event.occurred_at == 0 for event in events)


def test_a_state_without_resources_still_leaves_an_event() -> None:
    [event] = observed({"version": 4, "serial": 7, "lineage": "l", "resources": []})

    assert isinstance(event, LogRecorded)
    assert event.payload == b'{"serial":7,"lineage":"l","resources":0}'


def test_values_of_dynamic_type_are_unwrapped() -> None:
    value = {"value": {"arn": "arn:aws:s3:::logs"}, "type": ["object", {"arn": "string"}]}
    resource = {
        "mode": "managed",
        "type": "terraform_data",
        "name": "b",
        "instances": [{"attributes": {"input": value}}],
    }
    _, event = observed({"version": 4, "serial": 1, "resources": [resource]})

    assert isinstance(event, ResourceChanged)
    assert event.identifiers == ("aws.arn:arn:aws:s3:::logs",)


def test_states_of_old_versions_are_read() -> None:
    resources = {
        "aws_vpc.v.1": {"type": "aws_vpc", "primary": {"id": "vpc-12345678", "attributes": {}}},
        "data.x.y": {},
    }
    _, event = observed({"version": 3, "serial": 1, "modules": [{"path": ["root", "net"], "resources": resources}]})

    assert isinstance(event, ResourceChanged)
    assert (event.address, event.identifiers) == ("module.net.aws_vpc.v[1]", ("aws.id:vpc-12345678",))


def test_reading_a_file_again_gives_the_same_ids() -> None:
    first, second = (planned(row(["create"]), row(["update"])) for _ in range(2))

    assert [event.event_id for event in first] == [event.event_id for event in second]
    assert len({event.event_id for event in first}) == len(first)
