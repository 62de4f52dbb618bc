"""Trace ids of every notation, alone and as columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.trace_context import (
    TraceContext,
    gcp_span_id,
    parse_azure_operation,
    parse_b3,
    parse_gcp_trace,
    parse_trace_context,
    parse_traceparent,
    parse_xray,
    span_id_column,
    span_id_hex,
    trace_id_column,
    trace_id_hex,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
GUID = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
XRAY = "1-4bf92f35-77b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "text",
    [
        f"00-{TRACE}-{SPAN}-01",
        XRAY,
        f"Root={XRAY};Parent={SPAN};Sampled=1",
        f"Self=1-67891234-12456789abcdef0123456780;Root={XRAY}",
        f"Root={XRAY};Parent={SPAN};Sampled=1;Lineage=a87bd80c:0",
        f"projects/shop/traces/{TRACE}",
        f"//cloudtrace.googleapis.com/projects/shop/traces/{TRACE}",
        f"{TRACE}/2703176114609722884;o=1",
        TRACE,
        TRACE.upper(),
        GUID,
        f"|{TRACE}.{SPAN}.",
        f"{TRACE}-{SPAN}-1",
    ],
)
def test_one_trace_is_found_in_every_notation(text: str) -> None:
    context = parse_trace_context(text)

    assert context is not None
    assert context.trace_id == TRACE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "0" * 32,
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"projects/p/traces/{'0' * 32}",
        "1-00000000-" + "0" * 24,
        "|legacy.1.2.",
        "Root=",
        "00000000-0000-0000-0000-000000000000",
        f"{'0' * 32}-{SPAN}-1",
    ],
)
def test_ids_of_zeros_and_broken_notations_are_no_trace(text: str) -> None:
    assert parse_trace_context(text) is None


def test_later_versions_of_traceparent_may_append_fields() -> None:
    assert parse_traceparent(f"01-{TRACE}-{SPAN}-00-more") == TraceContext(TRACE, SPAN, sampled=False)


def test_the_parent_of_an_xray_header_is_the_parent_not_the_span() -> None:
    assert parse_xray(f"Root={XRAY};Parent={SPAN};Sampled=0") == TraceContext(TRACE, "", SPAN, sampled=False)


def test_googles_header_has_a_decimal_span() -> None:
    assert parse_gcp_trace(f"{TRACE}/67667974448284343;o=0") == TraceContext(TRACE, SPAN, sampled=False)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        (SPAN, SPAN),
        (SPAN.upper(), SPAN),
        ("67667974448284343", SPAN),
        ("2703176114609722884", "25839c5aaca21604"),
        ("1234567890123456", "1234567890123456"),
        ("74", "000000000000004a"),
        ("18446744073709551615", "f" * 16),
        ("18446744073709551616", ""),
        ("0", ""),
        ("", ""),
        ("0" * 16, ""),
        ("not a span", ""),
    ],
)
def test_google_span_ids_are_hex_when_they_have_sixteen_digits_and_decimal_else(text: str, span: str) -> None:
    assert gcp_span_id(text) == span


def test_azure_hierarchies_give_their_last_span() -> None:
    assert parse_azure_operation(f"|{TRACE}.{'a' * 16}.{SPAN}.") == TraceContext(TRACE, SPAN)
    assert parse_azure_operation(GUID) == TraceContext(TRACE)


def test_short_b3_trace_ids_are_padded() -> None:
    assert parse_b3(f"{SPAN}-{SPAN}-0") == TraceContext("0" * 16 + SPAN, SPAN, sampled=False)
    assert parse_b3("0") is None


@given(st.lists(st.one_of(st.just(0), st.integers(0, 2**128 - 1))))
def test_trace_ids_survive_their_column(numbers: list[int]) -> None:
    texts = [f"{number:032x}" if number else "" for number in numbers]

    column = trace_id_column(texts)

    assert column.shape == (len(texts), 2)
    assert [trace_id_hex(high, low) for high, low in column] == texts


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_span_ids_survive_their_column(numbers: list[int]) -> None:
    assert span_id_column([f"{number:016x}" for number in numbers]).tolist() == numbers
    assert [span_id_hex(number) for number in span_id_column([f"{n:x}" for n in numbers])] == [
        f"{number:016x}" if number else "" for number in numbers
    ]


def test_columns_normalise_and_leave_bad_rows_zero() -> None:
    column = trace_id_column([TRACE, GUID, XRAY, TRACE.upper(), "", None, "x" * 32, " " * 32, "abc", "a" * 33])

    assert [trace_id_hex(*row) for row in column] == [TRACE] * 4 + [""] * 4 + ["abc".zfill(32), ""]
    assert column.dtype == np.uint64


@given(st.lists(st.text(max_size=34)))
def test_no_text_breaks_a_column(texts: list[str]) -> None:
    assert len(trace_id_column([*texts, TRACE])) == len(texts) + 1
    assert span_id_hex(span_id_column([*texts, SPAN])[-1]) == SPAN
