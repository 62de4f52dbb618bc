"""Documents of odd shape become events or rejections, never exceptions."""

import json
import random
from typing import Any

import pytest

from cloudledger.adapters.parser import Parser
from cloudledger.adapters.records import Origin, Records
from cloudledger.adapters.terraform import TerraformApplyLogParser, TerraformPlanParser, TerraformStateParser

PLAN = {
    "format_version": "1.2",
    "timestamp": "2026-11-20T10:00:00Z",
    "variables": {"a": {"value": 1}},
    "resource_changes": [
        {
            "address": "aws_vpc.a",
            "type": "aws_vpc",
            "previous_address": "aws_vpc.b",
            "action_reason": "x",
            "change": {
                "actions": ["update"],
                "before": {"id": "a", "tags": {"app": "x"}, "list": [{"name": "n", "value": 1}]},
                "after": {"id": "a", "name": "x"},
                "after_unknown": {"list": [{"value": True}]},
                "before_sensitive": {"list": [{"value": True}]},
                "after_sensitive": False,
                "importing": {"id": "x"},
            },
        }
    ],
    "deferred_changes": [{"reason": "x", "resource_change": {}}],
    "configuration": {"root_module": {"resources": [{"address": "a.b", "expressions": {}}], "module_calls": {}}},
}
STATE = {
    "version": 4,
    "serial": 1,
    "outputs": {"a": {"value": "x", "sensitive": True}},
    "resources": [
        {
            "mode": "managed",
            "type": "aws_vpc",
            "name": "a",
            "instances": [
                {
                    "index_key": 0,
                    "attributes": {"id": "x", "tags": {}},
                    "sensitive_attributes": [[{"type": "get_attr", "value": "id"}]],
                    "dependencies": ["a.b"],
                }
            ],
        }
    ],
}
SHOWN = {
    "format_version": "1.0",
    "values": {"root_module": {"resources": [{"address": "a.b", "type": "a", "values": {}}], "child_modules": [{}]}},
}
OLD = {
    "version": 3,
    "modules": [{"path": ["root"], "resources": {"a.b": {"type": "a", "primary": {"id": "x", "attributes": {}}}}}],
}
LINE = {
    "@module": "terraform.ui",
    "@timestamp": "2026-11-20T10:00:00Z",
    "@level": "info",
    "type": "apply_complete",
    "hook": {"resource": {"addr": "a.b"}, "action": "create", "id_value": "x"},
    "change": {"resource": {"addr": "a.b"}, "action": "create", "previous_resource": {"addr": "x"}},
    "changes": {"add": 1, "operation": "apply"},
    "diagnostic": {"severity": "error", "summary": "x", "address": "a.b"},
}
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "aws_vpc.a",
    [],
    [None],
    ["x"],
    {},
    {"": None},
    {"a": []},
    [[]],
    [{}],
]
KINDS = [
    "apply_start",
    "apply_errored",
    "refresh_complete",
    "planned_change",
    "resource_drift",
    "change_summary",
    "diagnostic",
    "x",
]


def mutated(value: Any, chance: random.Random) -> Any:
    """Return a copy with some values replaced by odd ones."""
    if chance.random() < 0.08:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {name: mutated(item, chance) for name, item in value.items() if chance.random() > 0.03}
    return [mutated(item, chance) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("parser", "document", "kept"),
    [
        (TerraformPlanParser(), PLAN, {"format_version": "1.2"}),
        (TerraformStateParser(), STATE, {"version": 4}),
        (TerraformStateParser(), SHOWN, {"format_version": "1.0"}),
        (TerraformStateParser(), OLD, {"version": 3}),
        *((TerraformApplyLogParser(), LINE, {"@module": "terraform.ui", "type": kind}) for kind in KINDS),
    ],
)
def test_a_document_of_odd_shape_leaves_events(parser: Parser, document: dict[str, Any], kept: dict[str, Any]) -> None:
    chance = random.Random(1)
    for _ in range(150):
        odd = mutated(document, chance)
        body = json.dumps({**(odd if isinstance(odd, dict) else {}), **kept}).encode()

        assert len(parser.parse(Records.of([body], Origin("a.json")))) >= 1
