import re

from hypothesis import given
from hypothesis import strategies as st

from cloudledger.adapters.text import read_messages
from cloudledger.adapters.text.chunk_text import ChunkText
from cloudledger.adapters.text.labelled_ids import LabelledId, labelled_ids
from cloudledger.domain.trace_context import trace_id_column

TRACE = "6f3cbf058c2765548a39ad724905d6a1"
SPAN = "0e76f999a8154457"
PIECES = [
    *("trace_id=", "TraceID: ", 'traceId\\":\\"', "TRACE_ID=", "trace-id = 0x", "race", "spanId=", "SpanID: ", "pan"),
    *(
        TRACE,
        TRACE + "ff",
        "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        SPAN,
        SPAN + "z",
        "0" * 32,
        "é",
        "中文",
        " ",
        "\n",
        "",
    ),
    *("é", "中文", " ", "\n", ""),
    *("parentSpanId: ", "parent_id=", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "\u00a0", "a" * 70),
]
MESSAGES = st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=12)


@given(MESSAGES)
def test_messages_read_together_name_the_ids_that_each_names_alone(messages: list[str]) -> None:
    together = read_messages(messages)
    for row, message in enumerate(messages):
        alone = read_messages([message])
        assert together.trace_id[row].tolist() == alone.trace_id[0].tolist()
        assert together.span_id[row] == alone.span_id[0]
        assert together.parent_span_id[row] == alone.parent_span_id[0]


@given(MESSAGES, st.sampled_from(["race", "://", "00-", "文"]))
def test_a_literal_is_found_in_the_messages_that_hold_it(messages: list[str], literal: str) -> None:
    rows = ChunkText(messages).rows_with(literal)
    assert rows == [row for row, message in enumerate(messages) if literal in message]


def test_an_id_is_not_read_across_the_end_of_a_message() -> None:
    label = LabelledId("race", re.compile(r"race_id=\s*([0-9a-f]{32})(?![0-9a-zA-Z])"), 32, trace_id_column)
    found, _ = labelled_ids(ChunkText([f"trace_id=\n{TRACE}", "trace_id=", TRACE]), label)
    assert found.tolist() == [True, False, False]


def test_more_layouts_than_are_read_together_are_all_read() -> None:
    messages = [f"{'x' * n}race_id{' ' * n}={TRACE}" for n in range(20)]
    assert read_messages(messages).trace_id.all()
