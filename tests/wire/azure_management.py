"""FakeManagement: the activity log of a subscription and the costs of a scope, as Azure Resource Manager gives them.

Lists come in pages with `nextLink`, which may be empty; costs as rows of columns, for whole days, each page to be asked
for with the same body. Events become visible when the clock reaches their `visible_ns`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.wire.azure_fake import AzureFake, told
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, Request
from tests.wire.log_analytics import nanoseconds, text_of

SUBSCRIPTION = "0b1f2c3d-1111-4222-8333-444455556666"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
_BOUND = re.compile(r"eventTimestamp (ge|le) '([^']+)'")


class Activity(NamedTuple):
    """One event of the activity log."""

    at_ns: int
    id: str
    fields: Mapping[str, Any] | None = None
    visible_ns: int = 0


class FakeManagement(AzureFake):
    """A subscription.

    Attributes:
        activities: the events of its activity log.
        costs: by day (`2026-11-20`), rows of cost, resource and meter's category.
        page_items: items in a page at most.
        elsewhere: where links to further pages lead, if not here.
    """

    def __init__(self, faults: Faults | None = None, **settings: Any) -> None:
        super().__init__(faults, **settings)
        self.activities: list[Activity] = []
        self.costs: dict[str, list[tuple[float, str, str]]] = {}
        self.page_items, self.elsewhere = 50, ""

    def served(self, request: Request) -> Answer:
        address = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path.endswith("/eventtypes/management/values"):
            return self._listed(address.path, asked, self._activities(asked["$filter"]))
        assert address.path == f"{SCOPE}/providers/Microsoft.CostManagement/query", address.path
        return self._costs(address.path, asked, json.loads(request.body))

    def fault(self, kind: str, request: Request) -> Answer:
        if kind in ("empty_page", "stuck") and request.method == "GET":
            link = f"{self.url}{request.path}"
            return told({"value": [], "nextLink": link if kind == "stuck" else f"{link}&again=1"})
        if kind == "stuck":
            rest = {"columns": [], "rows": [], "nextLink": f"{self.url}{request.path}"}
            return told({"properties": rest})
        if kind == "no_list":
            return told({"id": "something"})
        if kind == "shifted":
            return self._costs(urlsplit(request.path).path, {}, json.loads(request.body), shifted=True)
        return self.served(request) if kind == "empty_page" else super().fault(kind, request)

    def _listed(self, path: str, asked: Mapping[str, str], items: Sequence[dict[str, Any]]) -> Answer:
        at = int(asked.get("$skiptoken", "0"))
        page: dict[str, Any] = {"value": list(items[at : at + self.page_items])}
        if at + self.page_items < len(items):
            page["nextLink"] = self._link(path, {**asked, "$skiptoken": str(at + self.page_items)})
        return told(page)

    def _link(self, path: str, asked: Mapping[str, str]) -> str:
        return f"{self.elsewhere or self.url}{path}?{urlencode(asked)}"

    def _activities(self, wanted: str) -> list[dict[str, Any]]:
        bounds = {sign: nanoseconds(text) for sign, text in _BOUND.findall(wanted)}
        now = self.clock_ns()
        found = [one for one in self.activities if bounds["ge"] <= one.at_ns <= bounds["le"] and one.visible_ns <= now]
        return [activity(one) for one in sorted(found, key=lambda one: -one.at_ns)]  # the newest first, as the API

    def _costs(self, path: str, asked: Mapping[str, str], body: Mapping[str, Any], *, shifted: bool = False) -> Answer:
        since, until = (body["timePeriod"][name][:10] for name in ("from", "to"))
        rows = [
            [cost, int(("2020-01-01" if shifted else day).replace("-", "")), resource, meter, "EUR"]
            for day, charges in sorted(self.costs.items())
            if since <= day <= until
            for cost, resource, meter in charges
        ]
        at = int(asked.get("$skiptoken", "0"))
        names = ["Cost", "UsageDate", *(one["name"] for one in body["dataset"]["grouping"]), "Currency"]
        more = at + self.page_items < len(rows)
        link = self._link(path, {**asked, "$skiptoken": str(at + self.page_items)}) if more else None
        columns = [{"name": name, "type": "Number" if name in ("Cost", "UsageDate") else "String"} for name in names]
        page = {"nextLink": link, "columns": columns, "rows": rows[at : at + self.page_items]}
        return told({"id": "1", "name": "1", "type": "Microsoft.CostManagement/query", "properties": page})


def activity(one: Activity) -> dict[str, Any]:
    """Return an event in the API's form."""
    name = {"value": "Microsoft.Web/sites/write", "localizedValue": "Update web app"}
    return {
        "eventDataId": one.id,
        "correlationId": f"c-{one.id}",
        "eventTimestamp": text_of(one.at_ns),
        "submissionTimestamp": text_of(max(one.at_ns, one.visible_ns)),
        "category": {"value": "Administrative", "localizedValue": "Administrative"},
        "operationName": name,
        "resourceProviderName": {"value": "Microsoft.Web"},
        "resourceId": f"{SCOPE}/resourceGroups/shop/providers/Microsoft.Web/sites/pay",
        "status": {"value": "Succeeded"},
        "level": "Informational",
        "caller": "ana@example.com",
        "subscriptionId": SUBSCRIPTION,
        **(one.fields or {}),
    }
