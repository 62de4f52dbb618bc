"""FakeBigQuery: jobs.query and getQueryResults over a billing export, in pages, done at once or later, with faults.

A row becomes visible some time after its `export_time`. Equal rows are counted, as the query asks.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.wire.faults import Faults
from tests.wire.google_logging import nanoseconds
from tests.wire.google_rest import GoogleRestFake, told
from tests.wire.http_fake import Answer, Request


class Charge(NamedTuple):
    """One row, by the time of its export."""

    exported_ns: int
    row: dict[str, Any]
    visible_ns: int = 0


class FakeBigQuery(GoogleRestFake):
    """A table; faults besides those of REST: `pending` (not done yet), `short` (the rest of the pages is lost).

    Attributes:
        charges: its rows.
        poison: a row that no answer gives, although it is counted.
    """

    def __init__(self, faults: Faults | None = None, *, clock_ns: Callable[[], int], page_rows: int = 20) -> None:
        super().__init__(faults)
        self.clock_ns, self.page_rows = clock_ns, page_rows
        self.charges: list[Charge] = []
        self.poison: dict[str, Any] = {}
        self._jobs: dict[str, list[tuple[str, int]]] = {}

    def answer(self, request: Request) -> Answer:
        if request.method == "POST":
            asked = json.loads(request.body)
            if asked.get("dryRun"):
                return told({"jobComplete": True, "totalBytesProcessed": "1048576", "jobReference": {}})
            return self._results(self._run(asked), 0)
        parts = urlsplit(request.path)
        query = parse_qs(parts.query)
        return self._results(parts.path.rpartition("/")[2], int(query.get("pageToken", ["0"])[0]))

    def fault(self, kind: str, request: Request) -> Answer:
        if kind == "pending":
            job = self._run(json.loads(request.body)) if request.method == "POST" else ""
            job = job or urlsplit(request.path).path.rpartition("/")[2]
            return told({"jobComplete": False, "jobReference": {"jobId": job, "location": "EU"}})
        if kind == "short":
            whole = json.loads(self.answer(request).body)
            whole.pop("pageToken", None)
            return told(whole)
        return super().fault(kind, request)

    def _run(self, asked: dict[str, Any]) -> str:
        bounds = {one["name"]: one["parameterValue"]["value"] for one in asked["queryParameters"]}
        since, until = (_nanoseconds(bounds[name]) for name in ("since", "until"))
        now = self.clock_ns()
        found = [c.row for c in self.charges if since <= c.exported_ns < until and c.visible_ns <= now]
        self._jobs[asked["requestId"]] = list(Counter(json.dumps(row) for row in found).items())
        return str(asked["requestId"])

    def _results(self, job: str, at: int) -> Answer:
        rows = self._jobs[job]
        page = [one for one in rows[at : at + self.page_rows] if json.loads(one[0]) != self.poison]
        more = {"pageToken": str(at + self.page_rows)} if at + self.page_rows < len(rows) else {}
        cells = [{"f": [{"v": text}, {"v": str(copies)}]} for text, copies in page]
        listed = {"rows": cells} if cells else {}
        reference = {"projectId": "shop-prod", "jobId": job, "location": "EU"}
        return told({"jobComplete": True, "jobReference": reference, "totalRows": str(len(rows)), **listed, **more})


def _nanoseconds(text: str) -> int:
    return nanoseconds(text.removesuffix("Z") + "000")
