"""Check: what a source finds out about its own configuration and rights before it is trusted to run."""

from __future__ import annotations

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One thing that a source needs; `remedy` says what to do where it is missing.

    >>> Check("logs:FilterLogEvents", ok=True).ok
    True
    """

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""


def missing(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Return what is not there.

    >>> missing((Check("a", ok=True), Check("b", ok=False))) == (Check("b", ok=False),)
    True
    """
    return tuple(check for check in checks if not check.ok)
