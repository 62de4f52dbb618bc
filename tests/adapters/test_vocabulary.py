"""Attributes of every format: names and types of the conventions, and no field of a record out of reach."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudledger.adapters.attribute_types import application_attributes, conventional, measured, of_type
from cloudledger.adapters.attributes import attributes_of, body_of
from cloudledger.adapters.records import decode_context
from cloudledger.adapters.semantic_conventions import NAMESPACES, TYPES, type_of
from cloudledger.adapters.tolerant_json import read_json
from cloudledger.adapters.unnamed_fields import leaves_of, unnamed_fields
from cloudledger.domain.events import DeploymentRecorded, Event, LogRecorded, RecordRejected
from tests.adapters.builders import container_log_v2, fluent_bit, gke_entry, lambda_trigger, subscription
from tests.adapters.native_records import EXAMPLES
from tests.adapters.parsed import event_of
from tests.adapters.test_log_corpora import LOGS, files, parsed
from tests.adapters.vocabulary import wrong_names, wrong_types

TABLE = LOGS.parents[1] / "reference" / "tables" / "semconv_attributes.tsv"

RECORDS = {
    **EXAMPLES,
    "aws.eks.container": subscription(fluent_bit("ERROR x")),
    "aws.lambda trigger": lambda_trigger(subscription(EXAMPLES["aws.cloudtrail"])),
    "azure.container": container_log_v2("x"),
    "gcp.gke.container": gke_entry("x"),
}

each_format = pytest.mark.parametrize("name", RECORDS)


@each_format
def test_names_and_types_are_those_of_the_conventions(name: str) -> None:
    attributes = attributes_of(event_of(RECORDS[name]))

    assert attributes
    assert wrong_names(attributes) == []
    assert wrong_types(attributes) == []


@each_format
def test_no_field_of_a_record_is_out_of_reach(name: str) -> None:
    """Every value of the payload is under some name, whatever its path."""
    assert missing_values(event_of(RECORDS[name])) == []


@each_format
def test_fields_that_a_provider_adds_are_reached_too(name: str) -> None:
    if not RECORDS[name].startswith("{"):
        pytest.skip("lines have no names of their own")
    record = json.loads(RECORDS[name]) | {"zz_new": {"inner": [{"deep": "x-13"}], "flag": False}, "zz": 7}

    event = event_of(json.dumps(record))

    assert missing_values(event) == []
    assert wrong_names(attributes_of(event)) == []


@pytest.mark.skipif(not LOGS.is_dir(), reason="the corpora are not at hand")
def test_real_records_have_conventional_names_and_all_their_fields() -> None:
    wrong: set[Any] = set()
    for file in files():
        for event in parsed(str(Path(file).relative_to(LOGS))):
            attributes = attributes_of(event)
            wrong |= {(event.format, name) for name in wrong_names(attributes) if not in_their_spaces(name)}
            wrong |= {(event.format, name, kind) for name, kind, _ in wrong_types(attributes)}
            wrong |= {(event.format, str(value)[:60]) for value in missing_values(event)}

    assert wrong == set()


@pytest.mark.skipif(not TABLE.is_file(), reason="the reference table is not at hand")
def test_the_names_are_those_of_the_reference_table() -> None:
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]

    for name, kind, _ in rows:
        wanted = "string" if kind.startswith("enum") else kind
        assert wanted == "int[]" or type_of(name if "template[" not in kind else f"{name}.key") in (
            wanted,
            wanted[9:-1],
        )
    assert {name for name in TYPES if not name.startswith("gen_ai.")} <= {row[0] for row in rows}


def test_events_that_are_no_logs_have_their_own_fields_under_the_library_s_prefix() -> None:
    deployment = DeploymentRecorded(deployment_id="run-7", phase="started", tool="terraform", summary={"create": 2})

    assert attributes_of(deployment) == {
        "cloudledger.deployment.recorded.deployment_id": "run-7",
        "cloudledger.deployment.recorded.phase": "started",
        "cloudledger.deployment.recorded.tool": "terraform",
        "cloudledger.deployment.recorded.summary": {"create": 2},
    }
    assert attributes_of(RecordRejected(reason="no", payload=b"\xff")) == {
        "cloudledger.record.rejected.reason": "no",
        "cloudledger.record.rejected.offset": 0,
        "cloudledger.record.rejected.payload": "\ufffd",
    }


def test_a_damaged_record_still_has_its_text() -> None:
    event = LogRecorded(format="aws.cloudtrail", payload=b'{"eventName":"Stop')

    assert attributes_of(event) == {"log.record.body": '{"eventName":"Stop'}


def test_what_cannot_have_the_conventions_type_stands_under_the_prefix() -> None:
    assert conventional({"http.response.status_code": "-1x", "client.port": True}, "aws.x") == {
        "aws.x.http.response.status_code": "-1x",
        "aws.x.client.port": True,
    }


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("aws.elb.sent_bytes", "0", 0),
        ("azure.durationMs", "1.5", 1.5),
        ("gcp.latency", "0.5s", "0.5s"),
        ("aws.account", "012345678901", "012345678901"),
        ("aws.x.port", "0443", "0443"),
        ("azure.resultCode", "00000", "00000"),
        ("gcp.label.enabled", "true", "true"),
        ("gcp.label.size", "7", "7"),
        ("azure.isRequestSuccess", "False", False),
        ("aws.count", "9" * 30, "9" * 30),
    ],
)
def test_numbers_and_truth_values_in_texts_are_read_where_the_name_says_so(
    name: str, value: str, expected: object
) -> None:
    found = measured(name, value)

    assert found == expected
    assert type(found) is type(expected)


@given(
    st.sampled_from(sorted(set(TYPES.values()))), st.none() | st.booleans() | st.floats() | st.text() | st.integers()
)
def test_any_value_becomes_the_type_or_nothing(kind: str, value: object) -> None:
    typed = of_type(value, kind)

    assert typed is None or kind == "any" or wrong_types({name_of(kind): typed}) == []


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(min_size=1, max_size=4), DOCUMENTS, max_size=5))
def test_any_object_of_an_application_is_reached_whole(record: dict[str, Any]) -> None:
    payload = json.dumps(record).encode()

    event = LogRecorded(format="app.json", payload=payload)

    assert missing_values(event) == []
    assert wrong_names(attributes_of(event)) == []


def test_a_field_is_not_taken_for_another_with_the_same_short_value() -> None:
    named = {"source.port": 443}

    assert unnamed_fields({"source_port": 443, "destination_port": 443}, named, "gcp.x") == {
        "gcp.x.destination_port": 443,
    }


def test_an_applications_own_names_are_dotted_and_its_text_is_the_body() -> None:
    assert application_attributes({"message": "a", "msg": "b"}) == {"log.record.body": "a", "msg": "b"}


def in_their_spaces(name: str) -> bool:
    """Say whether a name is in a namespace of the conventions: real records may have what no example has."""
    return "." in name and name.partition(".")[0] in NAMESPACES


def name_of(kind: str) -> str:
    return next(name for name, own in TYPES.items() if own == kind)


def missing_values(event: Event) -> list[Any]:
    """Return the values of a record's JSON payload that stand in no attribute."""
    if not isinstance(event, LogRecorded):
        return []
    try:
        record = read_json(body_of(event, decode_context(event.context))[0])
    except ValueError:
        return []
    held = {plain(value) for value in attributes_of(event).values()}
    text = json.dumps(list(attributes_of(event).items()), ensure_ascii=False, default=str).casefold()
    return [
        value
        for _, value in leaves_of(record if isinstance(record, dict) else {})
        if plain(value) not in held and not all(within(one, text) for one in scalars(value))
    ]


def within(value: Any, text: str) -> bool:
    """Say whether a value stands in the attributes' text; a text of JSON by its parts."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return all(within(one, text) for one in scalars(json.loads(value)))
        except ValueError:
            pass
    return json.dumps(value, ensure_ascii=False).strip('"').casefold() in text


def scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in scalars(inner)]
    return [one for inner in value for one in scalars(inner)] if isinstance(value, list) else [value]


def plain(value: Any) -> str:
    return str(value).casefold()
