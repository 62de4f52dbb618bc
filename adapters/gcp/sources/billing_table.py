"""BillingTable: the rows of Google Cloud's billing export in BigQuery, by jobs.query and getQueryResults over REST.

The export only appends: late usage and corrections are further rows with a later `export_time`, so windows are of that
time. Rows have no id: BigQuery itself counts equal ones, and a row is named by its content, without the columns that
are null (the export gets new columns from time to time, which are null in old rows). The rows have the form of a JSON
export, and the billing parser reads them. A query costs what it scans: `most_bytes` caps it. See
https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables and
https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query. Needs `roles/bigquery.jobUser` in the project and
`roles/bigquery.dataViewer` on the dataset (`bigquery.jobs.create`, `bigquery.tables.getData`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from google.auth.credentials import Credentials

from ....domain.errors import InvalidArgumentError
from ....domain.event_id import event_ids
from ...acquisition import (
    Check,
    IncompleteWindowError,
    Overlap,
    Page,
    PageTokens,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    Verdict,
    Window,
    WindowSettings,
    WindowSource,
    has,
    page_of,
)
from ...acquisition.window import Instant
from ...records import Origin
from .access import check_right
from .connection import GcpConnection
from .credentials import GcpCredentials
from .failures import classify
from .log_filters import instant
from .rest import asked

PAGE_ROWS = 5000
"""Rows in a page. Chosen: some MB; BigQuery gives up to 20 MB at once."""

WAIT_MS = 20_000
"""How long BigQuery waits for a query before it says that it is not done."""

MOST_LOOKS = 30
"""At a query that is not done: ten minutes. Chosen: then a shorter window is tried."""

MOST_BYTES = 20 << 30
"""What a query may scan. Chosen: 20 GiB are some cents; most exports of a year are less."""

RATE = RateLimit(per_s=2.0, burst=10)
"""Far below https://cloud.google.com/bigquery/quotas."""

WINDOWS = WindowSettings(window_s=86400.0, back_s=35 * 86400.0, least_s=60.0, poll_s=3600.0)

OVERLAP = Overlap(each_poll_s=6 * 3600.0, deep_s=5 * 86400.0, deep_every_s=86400.0)
"""Rows come some hours after their `export_time`, and after up to five days where an export catches up."""

_PUBLIC = "https://bigquery.googleapis.com"
_SCOPE = "bigquery"
_TABLE = re.compile(r"(?:[\w.-]+:)?[\w-]+\.[\w-]+\.[\w$-]+")
_SELECT = """\
SELECT TO_JSON_STRING(charge) AS charge_row, COUNT(*) AS copies
FROM `{table}` AS charge
WHERE charge.export_time >= @since AND charge.export_time < @until{condition}
GROUP BY charge_row"""


class QueryCharges:
    """Reads the rows of a billing export by queries."""

    def __init__(
        self, connection: GcpConnection, table: str, *, stream: str, location: str, condition: str, most_bytes: int
    ) -> None:
        self.connection, self.table, self.location = connection, table, location
        self._query = _SELECT.format(table=self.table, condition=f" AND ({condition})" if condition else "")
        self._most_bytes = most_bytes
        self.identity = SourceIdentity(
            stream=stream,
            provider="gcp",
            account=connection.project,
            api="bigquery",
            cursor="end of the last whole window of export_time",
            dedupe=("the row's content", "number among equal rows"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of Google's libraries means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the table may be queried, and what a query would scan; costs nothing."""
        now_ns = requests.runtime.now_ns()
        question = self._question(Window(now_ns - 1_000_000, now_ns), now_ns) | {"dryRun": True}
        told: list[str] = []

        def dry_run() -> None:
            told.append(f"a query scans {self._ask('', body=question).get('totalBytesProcessed', '?')} bytes")

        role = "roles/bigquery.jobUser and roles/bigquery.dataViewer"
        check = check_right("bigquery.jobs.create and bigquery.tables.getData", role, requests, dry_run)
        return (msgspec.structs.replace(check, detail=told[-1]) if check.ok else check,)

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the rows of a window; as many as were announced, or it was not the whole."""
        rows, answer = 0, {}
        for answer in self._answers(window, requests):
            found = answer.get("rows", [])
            rows += len(found)
            if found:
                yield self._page(found, requests.runtime.now_ns())
        if rows != int(answer.get("totalRows", rows)):
            raise IncompleteWindowError(f"{rows} rows came of {answer['totalRows']}")

    def _answers(self, window: Window, requests: Requests) -> Iterator[dict[str, Any]]:
        """Yield the answers that have rows, or are the last; waits, in BigQuery, until the query is done."""
        question = self._question(window, requests.runtime.now_ns())
        answer = requests.call(lambda: self._ask("", body=question), whole=has("jobComplete", "jobReference"))
        job, looks, tokens = answer["jobReference"], 0, PageTokens()
        where = {"location": job.get("location") or self.location, "maxResults": PAGE_ROWS, "timeoutMs": WAIT_MS}
        while not answer["jobComplete"] or answer.get("pageToken"):
            if answer["jobComplete"]:
                yield answer
                where["pageToken"] = tokens.following(answer["pageToken"])
            looks += not answer["jobComplete"]
            if looks > MOST_LOOKS:
                raise IncompleteWindowError(f"a query was not done after {looks * WAIT_MS // 1000} s")
            answer = requests.call(
                lambda: self._ask(f"/{job['jobId']}", parameters=where), whole=has("jobComplete", "jobReference")
            )
        yield answer

    def _ask(self, path: str, **how: Any) -> dict[str, Any]:
        url = f"{self.connection.url(_PUBLIC)}/bigquery/v2/projects/{self.connection.project}/queries{path}"
        return asked(self.connection, _SCOPE, url, **how)

    def _question(self, window: Window, now_ns: int) -> dict[str, Any]:
        """Return the query of a window; repeated within minutes it is the same job, which is paid once."""
        since, until = (_parameter(name, at_ns) for name, at_ns in zip(("since", "until"), window, strict=True))
        question = {
            "query": self._query,
            "useLegacySql": False,
            "useQueryCache": False,
            "parameterMode": "NAMED",
            "queryParameters": [since, until],
            "maximumBytesBilled": str(self._most_bytes),
            "maxResults": PAGE_ROWS,
            "timeoutMs": WAIT_MS,
            "requestId": f"cloudledger-{window.since_ns}-{window.until_ns}-{now_ns}",
        }
        return question | ({"location": self.location} if self.location else {})

    def _page(self, found: Sequence[dict[str, Any]], now_ns: int) -> Page:
        """Return rows as records; of equal ones each has an id of its own."""
        cells = [[cell["v"] for cell in row["f"]] for row in found]
        contents = [(_without_nulls(text), int(copies)) for text, copies in cells]
        numbered = [(content, number) for content, copies in contents for number in range(copies)]
        origin = Origin(f"bigquery/{self.table}", {"provider": "gcp", "account": self.identity.account}, now_ns)
        page = page_of([content for content, _ in numbered], origin)
        ids = event_ids([f"gcp.billing_export\0{content.decode()}\0{number}" for content, number in numbered])
        return replace(page, records=replace(page.records, ids=ids))


def _parameter(name: str, at_ns: int) -> dict[str, Any]:
    """Return a parameter of a query; `export_time` is in microseconds."""
    value = f"{instant(at_ns)[:26]}Z"
    return {"name": name, "parameterType": {"type": "TIMESTAMP"}, "parameterValue": {"value": value}}


def _without_nulls(text: str) -> bytes:
    return msgspec.json.encode(_pruned(msgspec.json.decode(text)))


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: kept for name, item in value.items() if (kept := _pruned(item)) is not None}
    return [_pruned(item) for item in value] if isinstance(value, list) else value


class BillingTable(WindowSource):
    """The rows of a billing export, once each, as `CostRecorded`.

    Args:
        table: `project.dataset.gcp_billing_export_v1_...`, or the detailed one, `..._resource_v1_...`; read one of the
            two, since they hold the same costs.
        project: where queries run, and whose quota they use.
        location: of the dataset, such as `EU`; needed outside of the United States.
        since: the `export_time` to begin at; by default 35 days ago.
        condition: SQL that rows must also meet, such as `charge.project.id = 'shop-prod'`.
        most_bytes: what a query may scan; one that would scan more fails, and costs nothing.
        credentials: where they come from, or ready credentials of google-auth.
        stream: the stream to write; by default named by the table.
        endpoint, ca_file: another address than the public one, and whom to trust there.
        windows, overlap, retry, rate: see the settings.

    >>> BillingTable("shop.billing.gcp_billing_export_v1_0A", project="shop")
    BillingTable(stream='gcp/shop/billing/shop.billing.gcp_billing_export_v1_0A')
    """

    def __init__(
        self,
        table: str,
        *,
        project: str,
        location: str = "",
        since: Instant | None = None,
        condition: str = "",
        most_bytes: int = MOST_BYTES,
        credentials: GcpCredentials | Credentials | None = None,
        stream: str | None = None,
        endpoint: str = "",
        ca_file: str = "",
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = OVERLAP,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if not _TABLE.fullmatch(table):
            raise InvalidArgumentError(f"table={table!r}: give project.dataset.table")
        if most_bytes <= 0:
            raise InvalidArgumentError(f"most_bytes={most_bytes}: give how many bytes a query may scan")
        connection = GcpConnection(project, credentials=credentials, endpoint=endpoint, ca_file=ca_file)
        reader = QueryCharges(
            connection,
            table,
            stream=stream or f"gcp/{project}/billing/{table}",
            location=location,
            condition=condition,
            most_bytes=most_bytes,
        )
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate)
