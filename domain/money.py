"""Money as integers: millionths of a currency's unit.

Between billing rows and the cost read model. Integers because float sums depend on the order of adding. Rows carry
more digits than a millionth (0.0000004 per request): each row is rounded half to even, so that errors do not lean to
one side.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from .errors import InvalidArgumentError

MICROS: Final = 1_000_000
"""Micro-units in one unit of money."""

_LIMIT: Final = 2**63 - 1
_CONTEXT: Final = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN, traps=[decimal.InvalidOperation])


def to_micros(amount: str | Decimal | float | int) -> int:
    """Return an amount in millionths, exact, rounded half to even.

    A float is read as the shortest decimal that means it.

    Raises:
        InvalidArgumentError: it is not a finite number or exceeds 64 bits.

    >>> to_micros("0.0000015"), to_micros("-12.34"), to_micros(0.1)
    (2, -12340000, 100000)
    """
    try:
        number = Decimal(repr(amount) if isinstance(amount, float) else amount)
        if not number.is_finite() or number.adjusted() > 13:
            raise decimal.InvalidOperation
        micros = int(_CONTEXT.multiply(number, MICROS).to_integral_value(decimal.ROUND_HALF_EVEN))
    except (decimal.InvalidOperation, ValueError, TypeError):
        raise InvalidArgumentError(
            f"{amount!r} is not an amount of money: pass a decimal number such as '12.34'"
        ) from None
    if not -_LIMIT <= micros <= _LIMIT:
        raise InvalidArgumentError(f"{amount!r} is too large: 64 bits hold up to {_LIMIT // MICROS}")
    return micros


def micros_column(amounts: Sequence[str | float | int | None]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return a column of amounts in millionths, and which could be read (0 where not, as for an empty text).

    >>> micros_column(["1.5", "", None])
    (array([1500000,       0,       0]), array([ True, False, False]))
    """
    read = [_micros_or_none(amount) for amount in amounts]
    values = np.array([micros or 0 for micros in read], dtype=np.int64)
    return values, np.array([micros is not None for micros in read], dtype=np.bool_)


def format_micros(micros: int, *, currency: str = "") -> str:
    """Return the amount as decimal text with at least two and no idle further decimals.

    >>> format_micros(12_340_000, currency="USD"), format_micros(-150)
    ('12.34 USD', '-0.00015')
    """
    units, rest = divmod(abs(int(micros)), MICROS)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{units}.{decimals}{' ' + currency if currency else ''}"


def _micros_or_none(amount: str | float | int | None) -> int | None:
    if amount is None or amount == "" or (isinstance(amount, float) and not math.isfinite(amount)):
        return None
    try:
        return to_micros(amount)
    except InvalidArgumentError:
        return None
