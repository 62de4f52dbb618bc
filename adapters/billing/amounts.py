"""Amounts of money and quantities as billing exports write them, without loss.

Between a billing row and `CostRecorded`. FOCUS and CUR rows carry up to 15 decimals, so the part below a micro-unit is
kept beside the micro-units: hourly storage rows of 0.0000003 would otherwise vanish from every sum.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from ...domain.errors import InvalidArgumentError
from ...domain.money import to_micros
from ..parser import UnreadableRecordError

_MILLION = Decimal(1_000_000)


class Amount(NamedTuple):
    """Micro-units, and the rest in millionths of a micro-unit."""

    micros: int = 0
    picos: int = 0


NOTHING = Amount()


def amount_of(value: str | float | int | Decimal | None) -> Amount:
    """Return an amount of money; a missing one is zero.

    >>> amount_of("0.0000003265"), amount_of(None)
    (Amount(micros=0, picos=326500), Amount(micros=0, picos=0))

    Raises:
        UnreadableRecordError: text that is no number.
    """
    if value is None or value == "":
        return NOTHING
    return _amount(repr(value) if isinstance(value, float) else value)


def micros_of(value: str | float | int | None) -> int | None:
    """Return an amount in micro-units, None where there is none.

    >>> micros_of("0.25"), micros_of("")
    (250000, None)
    """
    return None if value is None or value == "" else amount_of(value).micros


def number_of(value: str | float | int | None) -> Decimal:
    """Return a quantity; a missing one is zero.

    >>> number_of("1.50")
    Decimal('1.50')

    Raises:
        UnreadableRecordError: text that is no number.
    """
    if value is None or value == "":
        return Decimal(0)
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError):
        raise UnreadableRecordError(f"{value!r} is no number") from None
    if not number.is_finite():
        raise UnreadableRecordError(f"{value!r} is no number")
    return number


@lru_cache(maxsize=65_536)
def _amount(value: str | int | Decimal) -> Amount:
    try:
        micros = to_micros(value)
    except InvalidArgumentError as error:
        raise UnreadableRecordError(str(error)) from None
    rest = Decimal(value) * _MILLION - micros
    return Amount(micros, int((rest * _MILLION).to_integral_value()))
