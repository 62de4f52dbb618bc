"""Columns of times give what single values give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.timestamps import epoch_column, parse_timestamp_ns, rfc3339_column

DIGITS = st.text("0123456789", min_size=1, max_size=9)
PLAIN = st.datetimes().map(lambda when: when.strftime("%m-%dT%H:%M:%S")).map(lambda rest: f"2023-{rest}")
WRITTEN = st.one_of(
    st.builds("{}.{}{}".format, PLAIN, DIGITS, st.sampled_from(["Z", "+00:00", "+02:00", "", "z"])),
    st.builds("{}{}".format, PLAIN, st.sampled_from(["Z", "+00:00", "-0100", " "])),
    st.sampled_from(
        ["", "-", "1677-01-01T00:00:00Z", "2262-04-11T23:47:16.854775807Z", "1604907944", "2020-02-30T00:00:00Z"]
    ),
    st.text(max_size=40),
)


@given(st.lists(WRITTEN, max_size=40))
def test_a_column_of_texts_equals_its_texts_one_by_one(texts: list[str]) -> None:
    instants, readable = rfc3339_column(texts)
    expected = [parse_timestamp_ns(text) for text in texts]

    assert readable.tolist() == [instant is not None for instant in expected]
    assert instants.tolist() == [instant or 0 for instant in expected]


@given(st.text("0123456789-T:.Z+ ", min_size=18, max_size=36))
def test_texts_of_the_right_letters_are_read_alike_on_both_paths(text: str) -> None:
    instants, readable = rfc3339_column([text, "2023-01-29T00:00:00.5Z"])

    assert (instants[0] if readable[0] else None) == parse_timestamp_ns(text)
    assert readable[1]


def test_rows_without_text_are_not_readable() -> None:
    instants, readable = rfc3339_column([None, "2023-01-29T00:00:00Z"])

    assert readable.tolist() == [False, True]
    assert instants[0] == 0


def test_columns_longer_than_a_block_keep_their_rows() -> None:
    texts = [f"2023-01-29T00:{minute % 60:02d}:00.{minute:06d}Z" for minute in range(40_000)]

    instants, readable = rfc3339_column(texts)

    assert readable.all()
    assert (
        instants[[0, 32_767, 32_768, 39_999]] == [parse_timestamp_ns(texts[row]) for row in (0, 32_767, 32_768, 39_999)]
    ).all()


EPOCHS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.none(),
    st.integers(0, 2**62).map(str),
    st.sampled_from(["", "1_000", "1.5", " 7 ", "٣"]),
)


@given(st.one_of(st.lists(EPOCHS), st.lists(st.integers(0, 2**62)), st.lists(st.integers().map(str))))
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", None])
def test_a_column_of_numbers_equals_its_numbers_one_by_one(
    unit: str | None, values: list[int | float | str | None]
) -> None:
    instants, readable = epoch_column(values, unit)
    expected = [parse_timestamp_ns(value, unit=unit) for value in values]

    assert readable.tolist() == [instant is not None for instant in expected]
    assert instants.tolist() == [instant or 0 for instant in expected]
    assert instants.dtype == np.int64
