"""Tables: grouping, canonical bytes, limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.columns import StringColumn
from cloudledger.projections.row_order import packed_words, sorting_order, starts_of_runs
from cloudledger.projections.table import Table, TableSchema
from cloudledger.projections.table_codec import decode_table, encode_table

INT64 = st.integers(-(2**63), 2**63 - 1)
key_rows = st.lists(st.tuples(st.integers(0, 3), INT64, st.integers(-(2**40), 2**40)), max_size=40)


@given(rows=key_rows)
def test_rows_are_ordered_as_tuples_are(rows: list[tuple[int, int, int]]) -> None:
    keys = [np.array([row[place] for row in rows], np.int64) for place in range(3)]
    words = packed_words(keys)

    order = sorting_order(words, len(rows))

    assert order.tolist() == sorted(range(len(rows)), key=lambda row: rows[row])
    assert len(starts_of_runs(words, order)) == len(set(rows))


@pytest.mark.parametrize("distinct", [5, 5_000, 2**60])
def test_long_keys_are_ordered_by_all_of_their_bits(distinct: int) -> None:
    random = np.random.default_rng(distinct)
    keys = [random.integers(0, 7, 9_000), random.integers(0, distinct, 9_000) << 2, random.integers(0, 2**40, 9_000)]

    order = sorting_order(packed_words(keys), 9_000)

    assert np.array_equal(order, np.lexsort(keys[::-1]))


@given(column=st.lists(INT64))
def test_a_column_comes_back_as_it_was_written(column: list[int]) -> None:
    values = np.array(column, np.int64)

    _, columns = decode_table(encode_table({}, {"n": values}))

    assert columns["n"].tolist() == column


@given(rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), min_size=1), cut=st.integers(0, 20))
def test_a_limited_table_keeps_the_first_rows_whatever_their_order(rows: list[tuple[str, int]], cut: int) -> None:
    schema = TableSchema(strings=("s",), numbers=("n",), limit=2, group=("s",), order=("n",))

    table = Table(schema)
    for part in (rows[cut:], rows[:cut]):
        column = StringColumn.of([s for s, _ in part])
        table.add({"s": column}, {"n": [n for _, n in part]}, {})

    expected = [(s, n) for s in "abc" for n in sorted({n for t, n in rows if t == s})[:2]]
    assert list(zip(table.string("s").to_list(), table.number("n").tolist(), strict=True)) == expected


@pytest.mark.parametrize("reducer", ["sum", "min", "max"])
def test_measures_of_equal_keys_are_combined(reducer: str) -> None:
    table = Table(TableSchema(numbers=("k",), measures={"n": reducer}))

    table.add({}, {"k": [1, 2, 1]}, {"n": [5, 7, 6]})
    table.add({}, {"k": [1]}, {"n": [-4]})

    assert table.measure("n").tolist() == [{"sum": 7, "min": -4, "max": 6}[reducer], 7]


def test_strings_of_rows_beyond_the_limit_leave_the_dictionary() -> None:
    """Else the bytes of a table would tell what it once held, and not only what it holds."""
    schema = TableSchema(strings=("s",), numbers=("n",), limit=1, order=("n",))
    long_way, short_way = Table(schema), Table(schema)

    long_way.add({"s": StringColumn.of(["late", "early"])}, {"n": [2, 1]}, {})
    short_way.add({"s": StringColumn.of(["early"])}, {"n": [1]}, {})

    assert long_way.encode() == short_way.encode()
