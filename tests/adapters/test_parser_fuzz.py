"""Whatever a record looks like: no parser raises out of the pipeline, and no record is lost."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudledger.adapters.registry import Registry
from cloudledger.domain.events import Flag, Kind
from tests.adapters.native_records import EXAMPLES
from tests.adapters.parsed import batch_of_records, event_of
from tests.growth import grows_linearly

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 2**64, 10**30, 1e308, -0.5, "", "-", "x" * 300,
    "\x00\x1b[31m", "\ud800", "N/A",
    [], {}, [[]], [None], {"a": {"b": []}}, "9999-99-99T99:99:99Z", "1677-09-21T00:12:43Z", "{'a': 'b'", '{"a":',
)  # fmt: skip
"""Values that no field expects."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_read_as_its_format(name: str) -> None:
    event = event_of(EXAMPLES[name])

    assert event.format == name
    assert event.name or event.severity or event.service
    assert event.occurred_at or name in ("aws.lambda",)


@pytest.mark.parametrize("name", EXAMPLES)
def test_attributes_of_each_example_are_decoded(name: str) -> None:
    parser = Registry().parser(name)

    assert parser is not None
    assert all(value is not None for value in parser.attributes(EXAMPLES[name].encode(), {}).values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_record_cut_anywhere_becomes_one_event(name: str) -> None:
    body = EXAMPLES[name].encode()
    cuts = [body[:at] for at in range(1, len(body), max(1, len(body) // 40))]

    assert len(batch_of_records(*cuts)) == len(cuts)


@pytest.mark.parametrize("name", [name for name, body in EXAMPLES.items() if body.startswith("{")])
def test_any_field_of_any_value_costs_no_record_and_no_attributes(name: str) -> None:
    """Each field in turn is taken out, and replaced by each odd value; a chunk of all of them keeps all."""
    record = json.loads(EXAMPLES[name])
    mutants = [json.dumps(mutant) for path in _paths(record) for mutant in _mutants(record, path)]

    batch = batch_of_records(*mutants)

    assert len(batch) == len(mutants)
    assert int((batch.kind == Kind.RECORD_REJECTED).sum()) == 0
    for log_format, payload in zip(batch.format.to_list(), batch.payload.to_list(), strict=True):
        assert Registry().attributes(log_format, payload, {})


@pytest.mark.parametrize("name", [name for name, body in EXAMPLES.items() if not body.startswith("{")])
def test_any_field_of_a_line_may_be_anything(name: str) -> None:
    separator = "\t" if name == "aws.cloudfront" else " "
    parts = EXAMPLES[name].split(separator)
    odd = ["", "-", '"', "\\", "9" * 40, "\x00", "é", "[", "a b", '"a" "b']
    mutants = [separator.join([*parts[:at], one, *parts[at + 1 :]]) for at in range(len(parts)) for one in odd]

    assert len(batch_of_records(*mutants)) == len(mutants)


@pytest.mark.parametrize(
    "context",
    [
        {"envelope": "aws.cloudwatch_logs", "owner": "1", "logGroup": "/aws/lambda/pay", "logStream": "x"},
        {"envelope": "aws.cloudwatch_logs", "logGroup": "/aws/rds/cluster/orders/error"},
        {"envelope": "aws.cloudwatch_logs", "logGroup": 17, "owner": None, "logStream": []},
        {"envelope": "csv", "header": "version account-id interface-id srcaddr dstaddr"},
        {"envelope": "csv", "header": "Date,Cost,Currency,Service"},
    ],
)
def test_whatever_the_envelope_says_no_record_is_lost(context: dict[str, Any]) -> None:
    bodies = list(EXAMPLES.values())

    assert len(batch_of_records(*bodies, context=context)) == len(bodies)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(sorted(EXAMPLES)), st.integers(0, 2**32)), min_size=1, max_size=12))
def test_mixtures_of_damaged_records_lose_none(picks: list[tuple[str, int]]) -> None:
    """Bytes are dropped, doubled and changed at random in records of all formats, mixed in one chunk."""
    bodies = [_damaged(EXAMPLES[name].encode(), Random(seed)) for name, seed in picks]

    batch = batch_of_records(*bodies)

    assert len(batch) >= len(bodies)


def test_one_impossible_field_is_left_out_and_flagged() -> None:
    record = json.loads(EXAMPLES["aws.cloudtrail"])

    event = event_of(json.dumps({**record, "awsRegion": 17, "responseElements": "none"}))

    assert (event.format, event.region, event.name) == ("aws.cloudtrail", "", "ModifyDBInstance")
    assert event.flags & Flag.FIELD_UNREADABLE


def test_a_lone_surrogate_or_a_control_character_does_not_change_the_format() -> None:
    body = EXAMPLES["gcp.audit"].replace("Eve@", "\\ud800\x01@")

    assert event_of(body).format == "gcp.audit"
    assert event_of(EXAMPLES["gcp.audit"].encode().replace(b"Eve", b"\xff")).format == "gcp.audit"


@pytest.mark.parametrize("name", ["aws.elb.alb", "aws.s3access", "aws.lambda", "app.text"])
def test_a_record_ten_times_as_long_takes_about_ten_times(name: str) -> None:
    assert grows_linearly(lambda length: batch_of_records(EXAMPLES[name] + ' "' * length), 200_000)


def _paths(record: Any, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in record.items():
        found.append((*prefix, key))
        if isinstance(value, dict):
            found += _paths(value, (*prefix, key))
    return found


def _mutants(record: dict[str, Any], path: tuple[str, ...]) -> list[dict[str, Any]]:
    def changed(value: Any, *, drop: bool = False) -> dict[str, Any]:
        copy = json.loads(json.dumps(record))
        holder = copy
        for key in path[:-1]:
            holder = holder[key]
        if drop:
            del holder[path[-1]]
        else:
            holder[path[-1]] = value
        return dict(copy)

    return [changed(None, drop=True), *[changed(value) for value in ODD]]


def _damaged(body: bytes, random: Random) -> bytes:
    data = bytearray(body)
    for _ in range(random.randrange(1, 6)):
        at = random.randrange(len(data))
        kind = random.randrange(4)
        if kind == 0:
            del data[at : at + random.randrange(1, 8)]
        elif kind == 1:
            data[at:at] = data[at : at + random.randrange(1, 8)]
        elif kind == 2:
            data[at] = random.randrange(256)
        else:
            data[at:at] = random.choice([b"{", b"}", b'"', b"\\", b"[1]", b"null", b"1e999", b"\xff"])
        data = data or bytearray(b"-")
    return bytes(data).replace(b"\n", b" ") if bytes(data).strip() else b"-"
