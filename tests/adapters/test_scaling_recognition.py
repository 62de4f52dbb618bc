"""Scaling records are recognised among everything else, and nothing else is taken for them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.adapters.aws.autoscaling_parser import AutoscalingParser
from cloudledger.adapters.azure.autoscale_parser import AutoscaleParser
from cloudledger.adapters.gcp.autoscaler_parser import AutoscalerParser
from cloudledger.adapters.kubernetes.hpa_parser import HpaParser
from cloudledger.adapters.parser import Parser, Sample
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.events import RecordRejected

PARSERS: tuple[Parser, ...] = (AutoscalingParser(), AutoscaleParser(), AutoscalerParser(), HpaParser())

EXAMPLES: dict[str, Any] = {
    "aws.autoscaling": {"Activities": [{"ActivityId": "a", "AutoScalingGroupName": "web"}]},
    "azure.autoscale": {"records": [{"category": "AutoscaleEvaluations", "operationName": "x", "property": {}}]},
    "gcp.autoscaler": [{"protoPayload": {"methodName": "v1.compute.autoscalers.resize"}}],
    "k8s.hpa": {"items": [{"reason": "SuccessfulRescale", "involvedObject": {"kind": "HorizontalPodAutoscaler"}}]},
}

KEYS = st.sampled_from(
    [
        *("source", "detail", "detail-type", "ActivityId", "category", "Type", "protoPayload", "methodName", "reason"),
        *("jsonPayload", "decision", "items", "Activities", "records", "entries", "involvedObject", "kind", "spec"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["aws.autoscaling", "Autoscale", "Event", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


def takers(body: bytes) -> list[str]:
    return [p.format for p in PARSERS if p.recognises(Sample(body, {}, Origin("export.json")))]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_record_is_taken_by_its_own_parser_only(name: str) -> None:
    assert takers(msgspec.json.encode(EXAMPLES[name])) == [name]


@pytest.mark.parametrize("name", ["aws.autoscaling", "azure.autoscale", "gcp.autoscaler"])
def test_a_document_with_other_records_is_left_to_be_taken_apart(name: str) -> None:
    """Its items are then recognised one by one; a list of Kubernetes keeps its others itself."""
    value = EXAMPLES[name]
    items = value if isinstance(value, list) else next(iter(value.values()))
    mixed = [*items * 30, {"something": "else"}]
    document = mixed if isinstance(value, list) else {next(iter(value)): mixed}

    assert takers(msgspec.json.encode(document)) == []


@pytest.mark.parametrize(
    ("parser", "good", "bad"),
    [
        (
            AutoscalingParser(),
            {"ActivityId": "a", "AutoScalingGroupName": "web"},
            {"ActivityId": "b", "AutoScalingGroupName": "web", "Cause": ["no", "text"]},
        ),
        (
            AutoscalerParser(),
            {"protoPayload": {"methodName": "v1.compute.autoscalers.resize"}},
            {"protoPayload": {"methodName": "v1.compute.autoscalers.resize", "metadata": {"newSize": "many"}}},
        ),
        (
            HpaParser(),
            {"reason": "SuccessfulRescale", "involvedObject": {"kind": "HorizontalPodAutoscaler"}},
            {"kind": "HorizontalPodAutoscaler", "spec": {"maxReplicas": "many"}},
        ),
    ],
)
def test_an_unreadable_object_of_a_list_is_rejected_and_the_rest_is_read(parser: Parser, good: Any, bad: Any) -> None:
    events = list(parser.parse(Records.of([msgspec.json.encode([good, bad, good])], Origin("export.json"))))

    assert [isinstance(event, RecordRejected) for event in events] == [False, True, False]
    assert msgspec.json.decode(events[1].payload) == bad  # type: ignore[attr-defined]


@given(JSON)
def test_recognition_never_fails(value: Any) -> None:
    assert len(takers(msgspec.json.encode(value))) <= len(PARSERS)


@given(st.binary(max_size=200))
def test_recognition_of_any_bytes_never_fails(body: bytes) -> None:
    assert takers(body) in ([], ["k8s.hpa"])
