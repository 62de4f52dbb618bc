"""Arguments of queries are taken as they are, or refused with what to give instead."""

import numpy as np
import pytest

from cloudledger.domain.arguments import check_choice, check_count, check_number, check_type
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.timestamps import window_ns


@pytest.mark.parametrize("value", [-1, 1.5, "3", None, True])
def test_what_counts_nothing_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError, match=r"limit=.* give 0 or more"):
        check_count("limit", value)  # type: ignore[arg-type] # wrong on purpose


def test_integers_of_numpy_count() -> None:
    assert check_count("limit", np.int64(3)) == 3  # type: ignore[arg-type] # stubs do not know it as an int


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "x", None])
def test_a_number_outside_its_bounds_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgumentError, match="pass a number from 0 to 1"):
        check_number("min_confidence", value, 0.0, 1.0)  # type: ignore[arg-type] # wrong on purpose


def test_another_type_is_refused_with_advice() -> None:
    with pytest.raises(InvalidArgumentError, match="service=5 is of type int: give a text"):
        check_type("service", 5, str, "give a text")


def test_an_unknown_choice_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidArgumentError, match="unknown order 'odd': known are time, newest"):
        check_choice("order", "odd", ["time", "newest"])


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    assert window_ns(5, 5) == (5, 5)
    with pytest.raises(InvalidArgumentError, match="pass the earlier time as since"):
        window_ns(6, 5)
