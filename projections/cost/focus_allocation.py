"""Allocation of a period in FOCUS 1.3's split cost columns: which charge, which service, by which method and ratio.

See https://focus.finops.org/focus-specification/ (AllocatedMethodId, AllocatedResourceId, AllocatedMethodDetails). A
charge here is a pool: one provider, account, region, resource, class, category and day.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from ...domain.timestamps import to_datetime
from ..grouping import Grouping
from .answers import Allocation
from .billed import CHARGE_KEYS
from .dimensions import day_name
from .frame import DAY_NS, Frame
from .log_place import resource_of_place
from .matching import METHODS
from .report import money, split_costs
from .rounding import split_exactly
from .source import CostSource

RATIO_UNITS = 10**9
"""Ratios are multiples of a billionth, so that they add up to exactly 1."""

_HOSTS = {"aws": "AWS", "azure": "Microsoft Azure", "gcp": "Google Cloud"}


def allocation_rows(source: CostSource, since_ns: int, until_ns: int) -> tuple[Allocation, ...]:
    """Return one row per charge and service."""
    split = split_costs(source, ("service", "day"), since_ns, until_ns)
    billed = split.parts.take(np.flatnonzero(split.parts["origin"] >= 0))
    if not len(billed):
        return ()
    groups = Grouping.of({name: billed[name] for name in ("origin", "service", "method")})
    parts = Frame(groups.keys, billed.dictionaries).replaced({"micros": groups.sums(billed["micros"])})
    texts = {name: split.pools.text(name) for name in CHARGE_KEYS if name != "day"}
    rows: list[Allocation] = []
    starts = np.flatnonzero(np.append(True, np.diff(parts["origin"]) != 0))
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(parts)], strict=True):
        rows += _rows_of_origin(split.pools, parts.take(np.arange(start, end)), texts)
    return tuple(rows)


def _rows_of_origin(pools: Frame, parts: Frame, texts: Mapping[str, list[str]]) -> list[Allocation]:
    origin = int(parts["origin"][0])
    charge = {name: values[origin] for name, values in texts.items()}
    day, amounts = int(pools["day"][origin]), parts["micros"]
    weights = np.abs(amounts).astype(np.float64)
    ratios = split_exactly(RATIO_UNITS, weights if weights.any() else np.ones(len(parts)))
    services = parts.text("service")
    return [
        _row(charge, day, services[row], METHODS[int(parts["method"][row])], int(ratios[row]), int(amounts[row]))
        for row in range(len(parts))
    ]


def _row(charge: Mapping[str, str], day: int, service: str, method: str, ratio: int, micros: int) -> Allocation:
    host = _HOSTS.get(charge["provider"], charge["provider"])
    place = resource_of_place(charge["resource"], charge["account"], charge["region"])
    share = Decimal(ratio).scaleb(-9).normalize()
    return Allocation(
        origin_charge="/".join([*(charge[name] for name in CHARGE_KEYS if name != "day"), day_name(day)]),
        allocated_method_id=method,
        allocated_ratio=share,
        allocated_method_details={"Elements": [{"AllocatedRatio": f"{share:f}", "UsageUnit": "Bytes"}]},
        allocated_resource_id=service or None,
        allocated_resource_name=service or None,
        allocated_tags={"service.name": service} if service else {},
        billed_cost=money(micros),
        billing_currency=charge["currency"],
        charge_category=charge["category"],
        charge_period_start=to_datetime(day * DAY_NS),
        charge_period_end=to_datetime((day + 1) * DAY_NS),
        provider_name=host,
        service_provider_name=host,
        host_provider_name=host,
        sub_account_id=charge["account"],
        region_id=charge["region"],
        resource_id=place,
        log_class=charge["log_class"],
    )
