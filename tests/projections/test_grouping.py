"""Grouping and choosing rows: the same as the plain, slow way, whatever the numbers."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.projections.earliest_rows import earliest_of_groups
from cloudledger.projections.grouping import Grouping, is_among

INT64 = st.integers(-(2**63), 2**63 - 1)
UINT64 = st.integers(0, 2**64 - 1)
key_rows = st.lists(st.tuples(st.integers(0, 3), INT64, UINT64, st.integers(-5, 2**40)), min_size=1, max_size=60)


def grouped(rows: list[tuple[int, int, int, int]]) -> Grouping:
    small, signed, unsigned, wide = zip(*rows, strict=True)
    return Grouping.of(
        {
            "small": np.array(small, np.uint32),
            "signed": np.array(signed, np.int64),
            "unsigned": np.array(unsigned, np.uint64),
            "wide": np.array(wide, np.int64),
        }
    )


@given(rows=key_rows)
def test_equal_keys_and_only_they_share_a_group_in_the_order_of_keys(rows: list[tuple[int, int, int, int]]) -> None:
    groups = grouped(rows * 2)

    distinct = sorted(set(rows))
    assert groups.group_of.tolist() == [distinct.index(row) for row in rows * 2]
    assert [(rows * 2)[row] for row in groups.examples.tolist()] == distinct


@pytest.mark.parametrize("distinct", [3, 2_000, 40_000])
def test_hashes_that_collide_are_told_apart(distinct: int) -> None:
    random = np.random.default_rng(distinct)
    values = random.integers(0, 2**64, distinct, np.uint64)[random.integers(0, distinct, 60_000)]

    groups = Grouping.of({"template": values})

    found, numbers = np.unique(values, return_inverse=True)
    assert np.array_equal(groups.group_of, numbers)
    assert np.array_equal(values[groups.examples], found)


def test_measures_are_exact_and_may_look_at_some_rows_only() -> None:
    groups = Grouping.of({"k": np.array([1, 0, 1, 1])})
    values = np.array([2**60, 5, 2**60 + 1, 3])

    assert groups.sums(values).tolist() == [5, 2**61 + 4]
    assert (groups.minima(values).tolist(), groups.maxima(values).tolist()) == ([5, 3], [5, 2**60 + 1])
    some = np.array([0, 2])
    assert (groups.counts(some).tolist(), groups.minima(values, some, absent=2**62).tolist()) == (
        [0, 2],
        [2**62, 2**60],
    )


@pytest.mark.parametrize(("count", "span"), [(0, 9), (5_000, 2_000), (5_000, 2**62)])
def test_numbers_among_others_are_found(count: int, span: int) -> None:
    random = np.random.default_rng(count)
    values, others = random.integers(-span, span, count), random.integers(-span, span, 3_000)
    others[::7] = np.resize(values, 3_000)[::7] if count else 0

    assert np.array_equal(is_among(values, others), np.isin(values, others))


@pytest.mark.parametrize("order", ["rising", "falling", "random"])
def test_the_earliest_rows_of_each_group_are_found_in_any_order_of_time(order: str) -> None:
    random = np.random.default_rng(7)
    times = random.integers(0, 3_000, 20_000)
    times = {"rising": np.sort(times), "falling": np.sort(times)[::-1], "random": times}[order]
    group_of, places = random.integers(0, 40, 20_000), np.arange(20_000)

    rows = earliest_of_groups(group_of, 40, times, places, 4)

    by_group = sorted(zip(group_of.tolist(), times.tolist(), places.tolist(), strict=True))
    expected = [
        place for _, of_group in itertools.groupby(by_group, lambda row: row[0]) for *_, place in list(of_group)[:4]
    ]
    assert rows.tolist() == expected
