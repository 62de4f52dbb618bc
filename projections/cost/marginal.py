"""What one byte more or less of logs costs: the rate last billed, else the list price.

Savings and impacts use marginal prices: an average would count tiers and allowances that are used up already.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from .drivers import driver_of
from .prices import STORED_SHARE, price_of
from .source import CostSource


@dataclass(frozen=True)
class MarginalPrice:
    """Price of a number of bytes in a currency; `free_bytes` is the month's allowance where list prices are used."""

    per_unit: Decimal
    unit_bytes: int
    currency: str
    free_bytes: int
    source: str
    storage_per_unit: Decimal

    def cost_of(self, size: int | float) -> Decimal:
        """Return what so many bytes cost.

        >>> MarginalPrice(Decimal("0.5"), 10**9, "USD", 0, "", Decimal(0)).cost_of(3 * 10**9)
        Decimal('1.500000')
        """
        return (self.per_unit * Decimal(int(size)) / self.unit_bytes).quantize(Decimal("0.000001"))


_NOTHING = MarginalPrice(Decimal(0), 1, "", 0, "no price known", Decimal(0))


class MarginalPrices:
    """Marginal ingestion prices by provider."""

    def __init__(self, source: CostSource) -> None:
        self._source = source

    def of(self, provider: str) -> MarginalPrice:
        """Return a provider's price of ingesting logs."""
        return self._billed.get(provider) or self._listed(provider)

    def _listed(self, provider: str) -> MarginalPrice:
        price, storage = price_of(provider, "ingest"), price_of(provider, "storage")
        if price is None:
            return _NOTHING
        kept = Decimal(str(STORED_SHARE.get(provider, 0)))
        return MarginalPrice(
            per_unit=price.per_unit,
            unit_bytes=price.unit_bytes,
            currency="USD",
            free_bytes=price.free_bytes,
            source=f"list price: {price.source} ({price.as_of})",
            storage_per_unit=storage.per_unit * kept if storage else Decimal(0),
        )

    @cached_property
    def _billed(self) -> dict[str, MarginalPrice]:
        """The rate of each provider's last billed day that had both a quantity and a cost."""
        pools = self._source.pools
        ingest = pools.where("log_class", lambda name: driver_of(name) in ("custom", "vended"))
        paid = ingest & pools.where("category", "Usage".__eq__) & (pools["micros"] > 0) & (pools["quantity_bytes"] > 0)
        found: dict[str, MarginalPrice] = {}
        frame = pools.take(np.flatnonzero(paid))
        summed = frame.totals(("provider", "currency", "day"), ("micros", "quantity_bytes"))
        rows = zip(
            summed["day"].tolist(),
            summed.text("provider"),
            summed.text("currency"),
            summed["micros"].tolist(),
            summed["quantity_bytes"].tolist(),
            strict=True,
        )
        for _, provider, currency, micros, quantity in sorted(rows):
            listed = self._listed(provider)
            rate = (Decimal(micros).scaleb(-6) * listed.unit_bytes / quantity).quantize(Decimal("0.000001"))
            found[provider] = MarginalPrice(
                rate, listed.unit_bytes, currency, 0, "last billed day", listed.storage_per_unit
            )
        return found
