"""Billed quantities in bytes, so that they can be compared with what was measured.

A gigabyte is 10^9 bytes at Azure (Microsoft Learn, cost-meters) and 2^30 at Google ("gibibyte"). AWS does not say;
2^30 is what its calculator uses. Only calibration depends on it, and calibration fits the factor anyway.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache

_UNITS = {
    "bytes": 1,
    "byte": 1,
    "by": 1,
    "kb": 10**3,
    "mb": 10**6,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
    "gibibyte": 2**30,
    "gibibytes": 2**30,
    "mebibyte": 2**20,
    "gigabytes": 2**30,
}
_GIGABYTE = {"azure": 10**9}


@lru_cache(maxsize=65_536)
def bytes_of_quantity(quantity: str, unit: str, provider: str) -> int:
    """Return a quantity in bytes, 0 where its unit is none of data.

    >>> bytes_of_quantity("2", "GB", "azure"), bytes_of_quantity("837", "bytes", "gcp")
    (2000000000, 837)
    >>> bytes_of_quantity("3", "Requests", "aws")
    0
    """
    name = unit.strip().lower()
    factor = _GIGABYTE.get(provider, 2**30) if name == "gb" else _UNITS.get(name, 0)
    if not factor or not quantity:
        return 0
    try:
        return round(Decimal(quantity) * factor)
    except (InvalidOperation, ValueError, OverflowError):
        return 0
