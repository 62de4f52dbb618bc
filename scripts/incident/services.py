"""The services of the story, and who calls whom.

Twelve services are always there; more are grown around them from a seed, so that any size has entries, leaves, and some
further callers of what will fail. Calls go along a graph without cycles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from .places import DATABASE

MINIMUM_SERVICES, MAXIMUM_SERVICES = 12, 200
BACKGROUND_ERROR_RATE = 0.002
"""Share of healthy requests that fail by themselves. Chosen: two in a thousand, as in a well-kept estate."""

_NOUNS = (
    "loyalty shipping returns tax media review session fraud stock coupon geo email pdf audit vendor cart image "
    "rate label claim"
)
_ROLES = "api worker sync gateway index cache feed rules report export"
_STYLES = ("text", "json", "logfmt")


@dataclass(slots=True)
class Call:
    """A call that a service makes with some probability while it serves a request.

    A failed critical call fails the caller; other failures are logged and borne.
    """

    callee: Service
    probability: float
    method: str
    path: str
    critical: bool = True
    retries: int = 0
    count: int = 0


@dataclass(slots=True)
class Service:
    """One service: where it runs, how it logs, what it calls.

    `entry_weight` is its share of requests from outside; `absorbs_s` how long it bears failures of its callees by
    fallback or queue; `datastore` names the database that it cannot work without.
    """

    name: str
    cloud: str
    style: str
    own_us: int
    entry_weight: float = 0.0
    method: str = "GET"
    path: str = "/"
    absorbs_s: float = 0.0
    datastore: str = ""
    kind: str = "container"
    logs_parent: bool = False
    pods: int = 2
    calls: list[Call] = field(default_factory=list)

    def call(
        self, callee: Service, probability: float, method: str, path: str, *, critical: bool = True, retries: int = 0
    ) -> None:
        """Add a call."""
        self.calls.append(Call(callee, probability, method, path, critical, retries))


def make_services(count: int, random: Random) -> list[Service]:
    """Return the services of an estate.

    >>> [service.name for service in make_services(12, Random(1))][:3]
    ['web-gateway', 'checkout', 'payments']
    """
    if not MINIMUM_SERVICES <= count <= MAXIMUM_SERVICES:
        raise ValueError(f"the story needs {MINIMUM_SERVICES} to {MAXIMUM_SERVICES} services, not {count}")
    services = _core()
    _grow(services, count - len(services), random)
    return services


def cascade_of(services: list[Service], origin: str) -> set[str]:
    """Return the services that fail when one does: it, and all that call it critically, directly or not.

    >>> sorted(cascade_of(make_services(12, Random(1)), "payments"))
    ['checkout', 'invoicing', 'orders', 'payments', 'storefront', 'web-gateway']
    """
    failing = {origin}
    while True:
        more = {s.name for s in services if any(c.critical and c.callee.name in failing for c in s.calls)} - failing
        if not more:
            return failing
        failing |= more


def _core() -> list[Service]:
    web = Service("web-gateway", "aws", "logfmt", 3_000, 5.0, "POST", "/checkout", pods=3)
    checkout = Service("checkout", "aws", "text", 9_000, pods=4)
    payments = Service("payments", "aws", "json", 12_000, datastore=DATABASE, logs_parent=True, pods=3)
    accounts = Service("accounts", "aws", "text", 5_000)
    notifications = Service("notifications", "aws", "lambda", 20_000, kind="lambda", pods=1)
    invoicing = Service("invoicing", "azure", "text", 15_000, 1.0, "POST", "/invoice-runs", absorbs_s=75)
    inventory = Service("inventory", "azure", "json", 7_000, logs_parent=True)
    pricing = Service("pricing", "azure", "logfmt", 4_000)
    storefront = Service("storefront", "gcp", "json", 4_000, 5.0, "GET", "/shop", logs_parent=True, pods=3)
    orders = Service("orders", "gcp", "text", 11_000, absorbs_s=35, pods=3)
    catalogue = Service("catalogue", "gcp", "logfmt", 6_000)
    search = Service("search", "gcp", "text", 14_000)
    web.call(checkout, 0.55, "POST", "/checkout")
    web.call(accounts, 0.4, "GET", "/accounts")
    web.call(search, 0.2, "GET", "/search", critical=False)
    checkout.call(accounts, 0.5, "GET", "/accounts")
    checkout.call(pricing, 0.8, "POST", "/quotes")
    checkout.call(inventory, 0.5, "POST", "/reservations")
    checkout.call(payments, 0.95, "POST", "/charge", retries=1)
    checkout.call(notifications, 0.3, "POST", "/2015-03-31/functions/notifications/invocations", critical=False)
    invoicing.call(accounts, 0.6, "GET", "/accounts")
    invoicing.call(payments, 0.9, "GET", "/settlements", retries=1)
    storefront.call(catalogue, 0.6, "GET", "/products")
    storefront.call(orders, 0.45, "POST", "/orders")
    orders.call(inventory, 0.6, "POST", "/reservations")
    orders.call(payments, 0.85, "POST", "/authorise", retries=1)
    catalogue.call(search, 0.5, "GET", "/search")
    catalogue.call(pricing, 0.4, "GET", "/prices")
    return [
        *(web, checkout, payments, accounts, notifications, invoicing),
        *(inventory, pricing, storefront, orders, catalogue, search),
    ]


def _grow(services: list[Service], count: int, random: Random) -> None:
    names = [f"{noun}-{role}" for role in _ROLES.split() for noun in _NOUNS.split()]
    fragile = [s for s in services if s.name in {"payments", "orders", "invoicing"}]
    for number in range(count):
        cloud = ("gcp", "azure", "aws")[number % 3]
        path = f"/{names[number].partition('-')[0]}"
        new = Service(names[number], cloud, _STYLES[(number // 3) % 3], 2_000 + 1_000 * random.randrange(12), path=path)
        new.logs_parent = random.random() < 0.3
        callees = [s for s in services if s not in fragile and not s.entry_weight]
        if number % 8 == 6:
            new.entry_weight, new.absorbs_s = 0.3, float(random.randrange(20, 90))
            new.call(random.choice(fragile), 0.6, "GET", "/status", retries=1)
        elif number % 9 == 4:
            new.entry_weight = 0.3
            for callee in random.sample(callees, 2):
                new.call(callee, 0.5, "GET", callee.path, critical=False)
        else:
            callers = [s for s in services if len(s.calls) < 5 and not s.datastore and s.kind == "container"]
            random.choice(callers).call(new, random.uniform(0.15, 0.5), "GET", path, critical=random.random() < 0.5)
        services.append(new)
