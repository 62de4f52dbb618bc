"""Arguments of queries that are no times: taken as they are, or refused with what to give instead.

At the front doors of the store and of the read models; times are in `timestamps`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .errors import InvalidArgumentError

__all__ = ["check_choice", "check_count", "check_number", "check_type"]


def check_count(name: str, value: int, *, least: int = 0) -> int:
    """Return an argument that counts something.

    >>> check_count("limit", 3)
    3

    Raises:
        InvalidArgumentError: it is no whole number, or less than the least.
    """
    try:
        number = -1 if isinstance(value, bool) else value.__index__()  # numpy's integers count too
    except AttributeError:
        raise InvalidArgumentError(f"{name}={value!r} is no whole number: give {least} or more") from None
    if number < least:
        raise InvalidArgumentError(f"{name}={value!r} is too small: give {least} or more")
    return number


def check_number(name: str, value: float, least: float, most: float) -> float:
    """Return an argument that is a number within bounds.

    >>> check_number("min_confidence", 0.5, 0.0, 1.0)
    0.5

    Raises:
        InvalidArgumentError: it is no number, or outside.
    """
    try:
        if least <= value <= most:
            return value
    except TypeError:
        pass
    raise InvalidArgumentError(f"{name}={value!r}: pass a number from {least:g} to {most:g}")


def check_type(name: str, value: Any, kinds: type | tuple[type, ...], advice: str) -> None:
    """Refuse an argument of another type.

    >>> check_type("service", "cart", str, "give its name")

    Raises:
        InvalidArgumentError: it is of none of these types; the message ends with the advice.
    """
    if not isinstance(value, kinds):
        raise InvalidArgumentError(f"{name}={value!r:.80} is of type {type(value).__name__}: {advice}")


def check_choice(name: str, value: str, known: Iterable[str]) -> str:
    """Return an argument that is one of some names.

    >>> check_choice("order", "newest", ["time", "newest"])
    'newest'

    Raises:
        InvalidArgumentError: it is another one; the message lists the known ones.
    """
    listed = list(known)
    if value not in listed:
        raise InvalidArgumentError(f"unknown {name} {value!r:.80}: known are {', '.join(listed) or 'none yet'}")
    return value
