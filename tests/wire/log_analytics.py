"""FakeLogAnalytics: queries and batches of queries as LogsQueryClient sends them, over the rows of some tables.

Reads the bounds of a query and what it extends; answers all rows at once, in part (`PartialError`) where they are more
than `most_rows`, as the service does, with times of seven decimals. Rows become visible when the clock reaches their
`visible_ns`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tests.wire.azure_fake import JSON, AzureFake, header, refusal, told
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, Request

WORKSPACE = "0f3a6f5c-1111-4222-8333-444455556666"
_BOUND = re.compile(r"where ([^\n]*?) (>=|<) datetime\(([^)]*)\)(?: [-+] (\d)d)?")
_TICKS_AT_1970 = 621_355_968_000_000_000


class Row(NamedTuple):
    """A row of a table; `columns` are those beyond the standard ones."""

    generated_ns: int
    item_id: str
    columns: dict[str, Any]
    table: str = "AppTraces"
    ingested_ns: int = 0
    visible_ns: int = 0


class FakeLogAnalytics(AzureFake):
    """A workspace.

    Attributes:
        rows: what its tables hold.
        tables: their names.
        most_rows: rows of a whole answer at most.
        poison: the id of a row because of which an answer is always partial, and lacks that row.
    """

    tables: tuple[str, ...] = ("AppTraces", "AppRequests", "ContainerLogV2")
    most_rows, poison = 10_000, "none"

    def __init__(self, faults: Faults | None = None, **settings: Any) -> None:
        super().__init__(faults, **settings)
        self.rows: list[Row] = []

    def served(self, request: Request) -> Answer:
        if request.path == "/v1/$batch":
            return self._batch(json.loads(request.body)["requests"])
        assert request.path == f"/v1/workspaces/{WORKSPACE}/query", request.path
        status, body = self._query(json.loads(request.body)["query"])
        return Answer(status, json.dumps(body).encode(), JSON)

    def fault(self, kind: str, request: Request) -> Answer:
        if kind in ("item_throttled", "item_denied", "no_items", "texts"):
            return self._batch(json.loads(request.body)["requests"], kind)
        if kind == "no_tables":
            return told({})
        if kind == "partial":
            return told({"tables": [], "error": {"code": "PartialError", "message": "not all"}})
        if kind == "repeated" and request.path != "/v1/$batch":
            status, body = self._query(json.loads(request.body)["query"])
            body["tables"][0]["rows"] *= 2
            return Answer(status, json.dumps(body).encode(), JSON)
        return self.served(request) if kind == "repeated" else refusal(kind)

    def _batch(self, asked: list[dict[str, Any]], kind: str = "") -> Answer:
        answers = []
        for number, one in enumerate(asked):
            status, body = self._query(one["body"]["query"])
            if kind == "item_throttled" and number == 0:
                status, body = 429, {"error": {"code": "TooManyRequests", "message": "slowly"}}
            if kind == "item_denied" and number == 0:
                status, body = 403, {"error": {"code": "InsufficientAccessError", "message": "no"}}
            held = json.dumps(body) if kind == "texts" else body
            answers.append({"id": one["id"], "status": status, "headers": {"Retry-After": "3"}, "body": held})
        return told({"responses": [] if kind == "no_items" else answers})

    def _query(self, text: str) -> tuple[int, dict[str, Any]]:
        table = text.split("\n")[0].split(" ")[0]
        if table not in self.tables:
            words = {"code": "SEM0100", "message": f"'{table}' could not be resolved"}
            return 400, {"error": {"code": "BadArgumentError", "message": "wrong", "innererror": words}}
        if text.endswith("take 0"):
            return 200, _answer([], text)
        found = [row for row in self.rows if row.table == table and row.visible_ns <= self.clock_ns()]
        for place, sign, bound, days in _BOUND.findall(text):
            limit, by_ingestion = nanoseconds(bound), "ingestion_time" in place
            limit += int(days or 0) * 86_400 * 1_000_000_000 * (1 if sign == "<" else -1)
            at = [row.ingested_ns if by_ingestion and row.ingested_ns else row.generated_ns for row in found]
            found = [r for r, ns in zip(found, at, strict=True) if (ns < limit if sign == "<" else ns >= limit)]
        found.sort(key=lambda row: row.generated_ns)
        return 200, self._whole_or_not(found, text)

    def _whole_or_not(self, found: list[Row], text: str) -> dict[str, Any]:
        kept = [row for row in found if row.item_id != self.poison][: self.most_rows]
        if len(kept) == len(found):
            return _answer(found, text)
        inner = {"code": "-2133196797", "message": "E_QUERY_RESULT_SET_TOO_LARGE"}
        detail = {"code": "EngineError", "message": "too large", "innererror": inner}
        return {**_answer(kept, text), "error": {"code": "PartialError", "message": "partial", "details": [detail]}}


def _answer(rows: Sequence[Row], text: str) -> dict[str, Any]:
    """Return an answer; hidden columns only where the query names them."""
    hidden = (["_ItemId"] if "_ItemId" in text else []) + (["_IngestedTicks"] if "_IngestedTicks" in text else [])
    own = list(dict.fromkeys(name for row in rows for name in row.columns))
    names = ["TenantId", "TimeGenerated", *own, "Type", *hidden]
    types = {"TimeGenerated": "datetime", "_IngestedTicks": "long"}
    return {
        "tables": [
            {
                "name": "PrimaryResult",
                "columns": [{"name": name, "type": types.get(name, "string")} for name in names],
                "rows": [[fields(row).get(name) for name in names] for row in rows],
            }
        ]
    }


def fields(row: Row) -> dict[str, Any]:
    """Return a row as it is exported, and its time of ingestion."""
    return {
        "TenantId": WORKSPACE,
        "TimeGenerated": text_of(row.generated_ns),
        **row.columns,
        "Type": row.table,
        "_ItemId": row.item_id or None,
        "_IngestedTicks": (row.ingested_ns or row.generated_ns) // 100 + _TICKS_AT_1970,
    }


def text_of(instant_ns: int) -> str:
    """Return an instant with seven decimals."""
    seconds, rest = divmod(instant_ns, 1_000_000_000)
    return f"{np.datetime64(seconds, 's')}.{rest // 100:07d}Z"


def nanoseconds(text: str) -> int:
    """Return an instant of a query as nanoseconds."""
    return int(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64))


__all__ = ["WORKSPACE", "FakeLogAnalytics", "Row", "fields", "header", "text_of"]
