"""List prices of logging, for logs that no bill covers and for what avoiding a byte would save.

Each has its source and date; prices are regional and change, so answers made from them say so. USD, first tier, before
free allowances (which belong to a billing account that the ledger may not see whole).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

GB = 10**9
GIB = 2**30


class Price(msgspec.Struct, frozen=True):
    """A price per unit of so many bytes, the monthly free bytes, its source and when it was read."""

    micros: int
    unit_bytes: int
    free_bytes: int
    source: str
    as_of: str

    @property
    def per_unit(self) -> Decimal:
        """The price of one unit in US dollars."""
        return Decimal(self.micros) / 1_000_000


PRICES: dict[tuple[str, str], Price] = {
    ("aws", "ingest"): Price(500_000, GIB, 5 * GIB, "FOCUS rows of us-east-1, us-east-2, us-west-2", "2024-09"),
    ("aws", "vended"): Price(500_000, GIB, 5 * GIB, "AWS price list us-east-1, first 10 TB", "2025-05"),
    ("aws", "ingest_ia"): Price(250_000, GIB, 0, "published price of the Infrequent Access class", "2026-06"),
    ("aws", "storage"): Price(30_000, GIB, 5 * GIB, "FOCUS rows, per GB-month", "2024-09"),
    ("azure", "ingest"): Price(2_300_000, GB, 0, "Azure Monitor pay-as-you-go analytics logs", "2026"),
    ("azure", "storage"): Price(100_000, GB, 0, "interactive retention per GB-month after 31 days", "2026"),
    ("gcp", "ingest"): Price(500_000, GIB, 50 * GIB, "Cloud Logging storage incl. 30 days", "2026-09"),
    ("gcp", "vended"): Price(250_000, GIB, 0, "vended network logs", "2026-09"),
    ("gcp", "storage"): Price(10_000, GIB, 0, "retention beyond 30 days per GiB-month", "2026-09"),
}
"""Read from public bills, price lists and vendors' pages; no price is known for other providers."""

STORED_SHARE = {"aws": 0.15}
"""Stored per ingested byte where storage is compressed (AWS pricing calculator)."""


def price_of(provider: str, log_class: str) -> Price | None:
    """Return the list price of a class of logging.

    >>> price_of("gcp", "ingest").per_unit
    Decimal('0.5')
    """
    return PRICES.get((provider, log_class))
