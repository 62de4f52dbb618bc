"""Amounts are exact millionths."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.money import format_micros, micros_column, to_micros


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_formatted_amounts_read_back(micros: int) -> None:
    assert to_micros(format_micros(micros)) == micros


@pytest.mark.parametrize(("text", "micros"), [("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2), ("-0.0000015", -2)])
def test_halves_are_rounded_to_even(text: str, micros: int) -> None:
    assert to_micros(text) == micros


def test_a_float_means_the_decimal_that_it_prints() -> None:
    assert to_micros(0.1) == to_micros("0.1") == to_micros(Decimal("0.1")) == 100_000
    assert sum(to_micros(0.1) for _ in range(10)) == to_micros(1)


def test_billing_rows_in_exponent_form_are_read() -> None:
    assert to_micros("1.2E-5") == 12


@pytest.mark.parametrize("amount", ["", "12,3", "NaN", "Infinity", "1e30", "1e999999999", float("inf"), 10**30])
def test_what_is_not_an_amount_says_what_to_pass(amount: str | float) -> None:
    with pytest.raises(InvalidArgumentError, match=r"pass|bits"):
        to_micros(amount)


def test_a_column_keeps_its_bad_rows_apart() -> None:
    values, readable = micros_column(["1.5", "", "x", None, 2, float("nan")])

    assert values.tolist() == [1_500_000, 0, 0, 0, 2_000_000, 0]
    assert readable.tolist() == [True, False, False, False, True, False]


@given(st.text(max_size=30))
def test_no_text_breaks_a_column(text: str) -> None:
    micros_column([text])
