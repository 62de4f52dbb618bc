"""Lines of one stack trace that came as many records, linked to their head."""

import json
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.adapters.joining import head_of
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.events import Event, Flag
from tests.adapters.builders import ORIGIN, subscription

JAVA = [
    "2026-11-20 10:00:00 ERROR c.shop.Pay payment failed",
    "java.lang.IllegalStateException: no stock",
    "\tat c.shop.Stock.take(Stock.java:12)",
    "\tat c.shop.Pay.run(Pay.java:7)",
    "Caused by: java.io.IOException: closed",
    "\tat c.shop.Db.read(Db.java:3)",
    "\t... 2 more",
]
PYTHON = [
    "ERROR:shop:payment failed",
    "Traceback (most recent call last):",
    '  File "pay.py", line 3, in run',
    "    take()",
    "    ^^^^^^",
    "KeyError: 'sku'",
    "",
    "During handling of the above exception, another exception occurred:",
    "",
    "Traceback (most recent call last):",
    '  File "pay.py", line 9, in <module>',
    "requests.exceptions.ConnectTimeout: stock:80",
]
GO = [
    "panic: runtime error: index out of range [5] with length 3",
    "",
    "goroutine 1 [running]:",
    "main.take(...)",
    "\t/app/main.go:9 +0x1d",
    "main.main()",
    "\t/app/main.go:20 +0x2f",
    "created by main.start in goroutine 1",
    "\t/app/main.go:30 +0x2f",
    "exit status 2",
]
NODE = [
    "/app/index.js:5",
    "    throw new TypeError('no sku')",
    "    ^",
    "",
    "TypeError: no sku",
    "    at take (/app/index.js:5:9)",
    "    at node:internal/main/run_main_module:23:47",
]
DOTNET = [
    "Unhandled exception. System.InvalidOperationException: no stock",
    " ---> System.IO.IOException: closed",
    "   at Shop.Stock.Take() in /src/Stock.cs:line 12",
    "   --- End of inner exception stack trace ---",
    "   at Shop.Pay.Run() in /src/Pay.cs:line 7",
]
RUBY = ["pay.rb:3:in `take': no stock (KeyError)", "\tfrom pay.rb:9:in `<main>'"]
TRACES = {"java": JAVA, "python": PYTHON, "go": GO, "node": NODE, "dotnet": DOTNET, "ruby": RUBY}
NEXT = "2026-11-20 10:00:01 INFO c.shop.Cart order paid"


def parsed(pipeline: Pipeline, lines: list[str], origin: Origin = ORIGIN, at: int = 0) -> list[Event]:
    chunk = Records.of([line.encode() for line in lines], origin)
    chunk = Records(chunk.payloads, chunk.bodies, origin, chunk.offsets + at, chunk.ordinals, chunk.context)
    return list(EventBatch.concat(pipeline.parse(chunk, more=True)))


def heads(events: list[Event]) -> list[int]:
    """Return for each event the place of its head, -1 where it has none."""
    places = {event.event_id.hex(): place for place, event in enumerate(events)}
    return [places.get(head_of(event), -1) for event in events]


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_the_lines_of_a_trace_name_its_first_record(trace: list[str]) -> None:
    lines = [NEXT, *trace, NEXT]

    events = parsed(Pipeline(), lines)

    assert [event.payload.decode() for event in events] == lines  # type: ignore[attr-defined]
    assert heads(events) == [-1, -1, *[1] * (len(trace) - 1), -1]
    assert [bool(event.flags & Flag.CONTINUATION) for event in events] == [head >= 0 for head in heads(events)]


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
@pytest.mark.parametrize("cut", [1, 2, 4, 6])
def test_a_trace_goes_on_in_the_next_chunk(trace: list[str], cut: int) -> None:
    pipeline = Pipeline()

    events = parsed(pipeline, trace[:cut]) + parsed(pipeline, [*trace[cut:], NEXT], at=1000)

    assert heads(events) == [-1, *[0] * (len(trace) - 1), -1]


def test_a_trace_is_linked_within_its_log_stream_whatever_else_was_written_meanwhile() -> None:
    lines = [(f"pod-{place % 2}", line) for pair in zip(JAVA, JAVA, strict=True) for place, line in enumerate(pair)]
    events = list(
        EventBatch.concat(
            Pipeline().parse(Records.of([fluent_bit_line(line, pod).encode() for pod, line in lines], ORIGIN))
        )
    )

    assert heads(events) == [-1, -1, *[0, 1] * (len(JAVA) - 1)]


def fluent_bit_line(line: str, pod: str, stream: str = "stdout", second: int = 0) -> str:
    kubernetes = {"pod_name": pod, "namespace_name": "shop", "container_name": "server"}
    time = f"2026-11-20T10:00:{second:02d}.000000000Z"
    return json.dumps({"log": line + "\n", "stream": stream, "time": time, "kubernetes": kubernetes})


def test_outputs_of_one_container_are_told_apart() -> None:
    lines = [
        fluent_bit_line("ERROR failed", "a", "stderr"),
        fluent_bit_line("INFO paid", "a", "stdout"),
        fluent_bit_line("java.io.IOException: closed", "a", "stderr"),
        fluent_bit_line("\tat a.B.c(B.java:7)", "a", "stderr"),
    ]

    events = list(EventBatch.concat(Pipeline().parse(Records.of([line.encode() for line in lines], ORIGIN))))

    assert heads(events) == [-1, -1, 0, 0]


def test_lines_long_after_a_failure_are_not_part_of_it() -> None:
    lines = [fluent_bit_line("ERROR failed", "a"), fluent_bit_line("java.io.IOException: x", "a", second=40)]

    events = list(EventBatch.concat(Pipeline().parse(Records.of([line.encode() for line in lines], ORIGIN))))

    assert heads(events) == [-1, -1]


def test_an_export_that_is_newest_first_is_linked_by_time() -> None:
    lines = [fluent_bit_line(line, "a", second=second) for second, line in enumerate(JAVA)]

    events = list(EventBatch.concat(Pipeline().parse(Records.of([line.encode() for line in lines[::-1]], ORIGIN))))

    assert heads(events) == [*[len(JAVA) - 1] * (len(JAVA) - 1), -1]


def test_a_json_record_heads_the_plain_lines_that_follow_it() -> None:
    lines = ['{"level":"error","msg":"failed"}', *JAVA[1:], '{"level":"info","msg":"paid"}']

    events = parsed(Pipeline(), lines)

    assert heads(events) == [-1, *[0] * (len(JAVA) - 1), -1]


def test_plain_lines_are_never_linked() -> None:
    lines = [NEXT, "order: paid", "Error in the message, not of it", " INFO indented", "  2026-11-20 10:00:00 x"]

    assert heads(parsed(Pipeline(), lines)) == [-1] * len(lines)


def test_messages_of_a_subscription_are_linked_by_their_stream() -> None:
    body = subscription(*JAVA, group="/ecs/pay").encode()

    events = list(EventBatch.concat(Pipeline().parse(Records.of([body], ORIGIN))))

    assert heads(events) == [-1, *[0] * (len(JAVA) - 1)]


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 40), max_size=4))
def test_links_do_not_depend_on_chunks_or_on_other_writers(seed: int, cuts: list[int]) -> None:
    """Each line of a trace names the first record of its own writer, however writers mix and chunks are cut."""
    random = Random(seed)
    queues = {f"pod-{place}": list(random.choice(list(TRACES.values()))) for place in range(3)}
    lines: list[tuple[str, str]] = []
    while any(queues.values()):
        pod = random.choice([pod for pod, queue in queues.items() if queue])
        lines.append((pod, queues[pod].pop(0)))
    bounds = sorted({0, len(lines), *(cut for cut in cuts if cut < len(lines))})
    pipeline = Pipeline()

    events = [
        event
        for start, end in pairwise(bounds)
        for event in parsed(pipeline, [fluent_bit_line(line, pod) for pod, line in lines[start:end]], at=start * 1000)
    ]

    assert len(events) == len(lines)
    first = {pod: next(place for place, (own, _) in enumerate(lines) if own == pod) for pod in queues}
    expected = [-1 if first[pod] == place else first[pod] for place, (pod, _) in enumerate(lines)]
    assert heads(events) == expected
