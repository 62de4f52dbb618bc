"""Every parser of the registry, shown damaged records of all formats: nothing raises, hangs or is lost."""

import json
from random import Random
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudledger.adapters.envelope import Envelope
from cloudledger.adapters.parser import Parser, Sample
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.registry import Registry
from cloudledger.domain.batch import EventBatch
from tests.adapters.builders import ORIGIN
from tests.adapters.fuzzing import CONTEXTS, FILLERS, LINES, RECORDS, in_context, mutants, prolonged

REGISTRY = Registry()
ROUTES: tuple[Envelope | Parser, ...] = (
    *REGISTRY.carriers,
    *REGISTRY.parsers,
    *REGISTRY.lists,
    *REGISTRY.generic,
)
PARSERS: dict[str, Parser] = {parser.format: parser for parser in (*REGISTRY.parsers, *REGISTRY.generic)}

SLACK = 6
"""How much more than ten times a record of ten times the length may take. Quadratic time would be ten times more."""


def parsed(bodies: list[bytes], context: dict[str, Any]) -> EventBatch:
    return EventBatch.concat(Pipeline().parse(in_context(bodies, context)))


def damaged(seed: int, count: int) -> list[bytes]:
    random = Random(seed)
    return [body for name in RECORDS for body in mutants(RECORDS[name], random, count)]


@pytest.mark.parametrize("name", RECORDS)
def test_damaged_records_of_each_format_become_an_event_each(name: str) -> None:
    bodies = mutants(RECORDS[name], Random(name), 20)

    assert len(parsed(bodies, {})) >= len(bodies)


@pytest.mark.parametrize("context", CONTEXTS, ids=str)
def test_whatever_an_envelope_says_damaged_records_are_kept(context: dict[str, Any]) -> None:
    bodies = [*damaged(1, 1), *[body for line in LINES for body in mutants(line, Random(2), 20)]]

    assert len(parsed(bodies, context)) >= len(bodies)


def test_no_recogniser_raises() -> None:
    bodies = [
        *damaged(3, 2),
        b"",
        b" ",
        b"\x00",
        b"\xff\xfe",
        b"[]",
        b"[[[[]]]]",
        b'"',
        b"{",
        b"1",
        b"null",
        b'{"a":1}{',
    ]

    odd: dict[str, Any] = {"logGroup": 7, "header": None, "envelope": []}
    for body in bodies:
        for context in (CONTEXTS[0], CONTEXTS[1], CONTEXTS[-1], odd):
            sample = Sample(body, context, ORIGIN)
            for route in ROUTES:
                assert route.recognises(sample) in (True, False)


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_refuses_a_record_or_gives_events_that_have_attributes(name: str) -> None:
    """A parser may raise an ordinary exception, which the pipeline answers; what it takes it can describe."""
    parser = PARSERS[name]
    taken = 0
    for body in [body.encode() for body in RECORDS.values()] + damaged(4, 1):
        sample = Sample(body, {}, ORIGIN)
        if not parser.recognises(sample):
            continue
        try:
            batch = parser.parse(in_context([body], {}))
        except Exception:
            continue
        taken += len(batch)
        assert isinstance(parser.attributes(body, {}), dict)
    assert taken or name not in RECORDS


PICKS = st.lists(st.tuples(st.sampled_from(sorted(RECORDS)), st.integers(0, 2**32)), min_size=1, max_size=10)
UNHURRIED = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(PICKS, st.sampled_from(CONTEXTS))
def test_mixtures_of_damaged_records_lose_none(picks: list[tuple[str, int]], context: dict[str, Any]) -> None:
    bodies = [mutants(RECORDS[name], Random(seed), 1)[0] for name, seed in picks]

    assert len(parsed(bodies, context)) >= len(bodies)


@UNHURRIED
@given(PICKS)
def test_a_list_of_damaged_records_loses_none(picks: list[tuple[str, int]]) -> None:
    """Also where one of them nests too deep, or counts too far, for the list to be read as JSON."""
    bodies = [mutants(RECORDS[name], Random(seed), 1)[0] for name, seed in picks]
    valid = [body for body in bodies if is_json(body)]

    assert len(parsed([b"[" + b",".join(valid) + b"]"], {})) >= len(valid)


def is_json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def seconds(body: str, context: dict[str, Any]) -> float:
    started = process_time()
    parsed([body.encode("utf-8", "surrogatepass")], context)
    return process_time() - started


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_of_ten_times_the_length_takes_about_ten_times(name: str) -> None:
    """Each filler is the worst case of some pattern: runs of quotes, brackets, digits, words."""
    filler = FILLERS[sorted(RECORDS).index(name) % len(FILLERS)]
    short, long = (prolonged(RECORDS[name], filler, length) for length in (20_000, 200_000))
    base = min(seconds(short, {}) for _ in range(2)) + 0.002  # what a call costs whatever it reads
    assert seconds(long, {}) < base * 10 * SLACK, filler
