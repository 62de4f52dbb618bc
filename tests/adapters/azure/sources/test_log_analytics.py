"""Log Analytics: the ids of exported rows, precision, late rows, rows without an id, parts, batches, checks."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import FileSource, Origin, Pipeline, Records, ingest
from cloudledger.adapters.acquisition import RetrySettings, TruncatedAnswerError, Window, missing, open_gaps
from cloudledger.adapters.azure.sources import (
    LogAnalytics,
    activity_rows,
    application_insights,
    autoscale_rows,
    azure_diagnostics,
    container_logs,
)
from cloudledger.adapters.azure.sources.log_query import pages_of, query_text, read_answer
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.azure.sources.log_analytics_world import SECOND, LogAnalyticsWorld, opened
from tests.adapters.builders import container_log_v2
from tests.wire.azure_fake import FakeCredential
from tests.wire.log_analytics import WORKSPACE, Row, fields


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogAnalyticsWorld]:
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    yield from opened()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def test_a_row_has_the_id_and_the_time_that_it_has_in_an_export(
    world: LogAnalyticsWorld, ledger: Ledger, tmp_path: Path
) -> None:
    row = json.loads(container_log_v2("paid", _ItemId="item-7"))
    (tmp_path / "PT5M.json").write_text(json.dumps({**row, "TimeGenerated": "2026-11-20T11:59:00.1234567Z"}) + "\n")
    standard = {"TimeGenerated", "Type", "_ItemId"}
    columns = {name: _cell(value) for name, value in row.items() if name not in standard}
    at_ns = world.clock.now_ns() - 60 * SECOND + 123_456_700
    world.fake.rows = [Row(at_ns, "item-7", columns, "ContainerLogV2")]

    world.poll(ledger, world.source(tables="ContainerLogV2"))
    ingest(ledger, [FileSource(tmp_path / "PT5M.json", stream="export", metadata={"provider": "azure"})])

    pulled, exported = ledger.search(kind=Kind.LOG_RECORDED)
    assert pulled.occurred_at == at_ns
    for name in ("event_id", "occurred_at", "format", "account", "resource", "service", "severity", "template"):
        assert getattr(pulled, name) == getattr(exported, name), name


def _cell(value: Any) -> Any:
    """Return a value as the API gives it: dynamic columns are JSON in a text."""
    return json.dumps(value) if isinstance(value, dict) else value


@pytest.mark.parametrize("by", ["ingestion_time()", "TimeGenerated"])
def test_rows_that_are_late_or_doubled_are_stored_once(world: LogAnalyticsWorld, ledger: Ledger, by: str) -> None:
    world.settings = {"by": by}
    world.be_late(3)
    world.faults.restart(3, {"repeated": 0.3, "throttled": 0.1, "partial": 0.1})

    for _ in range(32):
        world.clock.forward(60)
        world.poll(ledger)

    assert world.stored(ledger) == world.expected()


def test_rows_of_one_instant_are_all_stored_also_where_the_answer_is_cut_between_them(
    world: LogAnalyticsWorld, ledger: Ledger
) -> None:
    start = world.since_ns
    world.fake.rows = [world.row(number, start + number // 50 * 2 * SECOND) for number in range(300)]

    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()


def test_rows_without_an_id_are_named_by_what_they_are_and_equal_ones_are_all_kept(
    world: LogAnalyticsWorld, ledger: Ledger
) -> None:
    row = world.fake.rows[5]
    world.fake.rows = [row._replace(item_id=""), row._replace(item_id=""), row._replace(item_id="7"), row]

    world.poll_until_calm(ledger)
    world.poll_until_calm(ledger)

    assert world.stored(ledger) == Counter({"order 5": 4})


def test_rows_may_be_named_by_their_content_alone(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    world.settings = {"item_id": False}
    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()
    assert world.source().identity.dedupe == ("workspace", "table", "ingestion_time()", "row")
    assert b"_ItemId" not in world.fake.requests[-1].body


def test_a_row_of_a_wide_table_is_kept_without_its_empty_columns() -> None:
    names = [f"Column{number}_s" for number in range(100)]
    row: list[Any] = [None] * 98 + ["", "told"]
    answer = {"tables": [{"columns": [{"name": name, "type": "string"} for name in names], "rows": [row]}]}

    [page] = pages_of(read_answer(json.dumps(answer).encode()), "AzureDiagnostics", Origin("x"))

    assert [json.loads(body) for body in page.records.bodies] == [{"Column99_s": "told", "Type": "AzureDiagnostics"}]


def test_an_answer_without_rows_has_no_pages() -> None:
    body = b'{"tables":[],"error":{"code":"PartialError","innererror":{"code":"7","message":"too much"}}}'

    answer = read_answer(body)

    assert list(pages_of(answer, "AppTraces", Origin("x"))) == []
    assert answer.error is not None
    assert answer.error.text == "PartialError: 7 too much"


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"tables":[{"columns":[{"name":"A"}]}]}'])
def test_what_is_no_whole_answer_is_truncated(body: bytes) -> None:
    with pytest.raises(TruncatedAnswerError):
        read_answer(body)


def test_a_part_is_asked_for_again_in_halves(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    """The proof of the research: 3,600 rows, an answer of 500 at most, everything recovered by halving."""
    world.fake.rows = [world.row(number, world.since_ns + number * SECOND) for number in range(3600)]
    world.fake.most_rows = 500
    source = world.source()
    source.windows = type(source.windows)()

    report = world.poll(ledger, source)

    assert world.stored(ledger) == world.expected()
    assert report.activity["requests"] == 15
    assert open_gaps(ledger) == ()


def test_an_answer_of_the_most_rows_that_there_may_be_is_taken_for_a_part(
    world: LogAnalyticsWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloudledger.adapters.azure.sources.log_analytics.LogQueries.max_rows", 100)
    world.fake.most_rows = 1000

    report = world.poll(ledger)

    assert report.activity["windows split"] == 4
    assert world.stored(ledger) == world.expected()


def test_a_query_that_takes_too_long_twice_is_halved(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    world.fake.most_rows = 1000
    world.faults.plan(["timeout", "timeout"])

    report = world.poll(ledger)

    assert not report.problem
    assert report.activity["windows split"] == 1
    assert world.stored(ledger) == world.expected()


def test_a_delay_in_milliseconds_is_honoured(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    world.faults.plan(["slow_down"])

    world.poll(ledger, world.source(retry=RetrySettings(base_s=0.0)))

    assert 1.5 in [round(wait, 3) for wait in world.clock.waits]


def test_an_expired_token_is_got_anew(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    world.faults.plan(["", "expired"])

    assert not world.poll(ledger).problem
    assert world.fake.tokens == 2
    assert world.stored(ledger) == world.expected()


@pytest.mark.parametrize("kind", ["denied", "wrong"])
def test_what_is_refused_is_not_asked_again(world: LogAnalyticsWorld, ledger: Ledger, kind: str) -> None:
    world.faults.plan([kind])

    report = world.poll(ledger)

    assert report.problem
    assert report.activity["requests"] == 1


def test_a_table_that_is_refused_within_a_batch_ends_the_poll(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    world.faults.plan(["item_denied"])

    report = world.poll(ledger, world.source(tables=("AppTraces", "AppRequests")))

    assert report.problem.startswith("denied: 403")


def test_a_query_of_a_batch_that_is_throttled_is_asked_again_alone(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    world.faults.plan(["item_throttled"])

    report = world.poll(
        ledger, world.source(tables=("AppTraces", "AppRequests"), windows=type(world.source().windows)())
    )

    assert not report.problem
    assert world.stored(ledger) == world.expected()
    paths = [
        request.path.rpartition("/")[2]
        for request in world.fake.requests
        if "query" in request.path or "batch" in request.path
    ]
    assert paths[:2] == ["$batch", "query"]


def test_only_what_is_wanted_is_asked_for(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    world.poll(ledger, world.source(where="| where SeverityLevel >= 3 "))

    query = json.loads(world.fake.requests[-1].body)["query"].split("\n")
    assert query[0] == "AppTraces"
    assert query[5] == "| where SeverityLevel >= 3"
    assert query[-2].startswith("| extend _ItemId, _IngestedTicks = tolong(coalesce(ingestion_time(), TimeGenerated))")
    assert world.fake.requests[-1].headers["Prefer"] == "wait=180"


def test_bounds_are_half_open_and_as_precise_as_the_service() -> None:
    text = query_text("T", Window(1_700_000_000_123_456_789, 1_700_000_001_000_000_000), by="TimeGenerated")

    assert "TimeGenerated >= datetime(2023-11-14T22:13:20.1234567Z)" in text
    assert "TimeGenerated < datetime(2023-11-14T22:13:21.0000000Z)" in text


def test_a_check_says_what_is_missing(world: LogAnalyticsWorld) -> None:
    source = world.source(tables=("AppTraces", "Missing"))
    source.run_in(world.clock.runtime())

    [absent] = missing(source.check())

    assert "(Missing)" in absent.name
    assert "Log Analytics Data Reader" in absent.remedy


def test_a_source_travels_to_another_process(world: LogAnalyticsWorld) -> None:
    again = pickle.loads(pickle.dumps(world.source()))

    assert again.stream == world.source().stream
    assert again.reader.connection.logs(180) is again.reader.connection.logs(180)


def test_a_ready_credential_is_used_and_stays_here(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    credential = FakeCredential()
    source = world.source(credentials=credential)
    world.faults.plan(["", "expired"])

    assert world.poll(ledger, source).appended == 600
    assert credential.asked == 2
    with pytest.raises(InvalidArgumentError, match="AzureCredentials"):
        pickle.dumps(source)


@pytest.mark.parametrize(
    "arguments",
    [
        {"workspace": ""},
        {"tables": ()},
        {"tables": "AppTraces | union *"},
        {"by": "_TimeReceived"},
        {"credentials": object()},
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        LogAnalytics(**{"workspace": WORKSPACE, "tables": "AppTraces", **arguments})


def test_presets_name_their_tables() -> None:
    made = (container_logs, activity_rows, application_insights, azure_diagnostics, autoscale_rows)

    streams = [preset(WORKSPACE).stream.rpartition("/")[2] for preset in made]

    assert streams == [
        "ContainerLogV2",
        "AzureActivity",
        "AppTraces+AppRequests+AppDependencies+AppExceptions",
        "AzureDiagnostics",
        "AutoscaleEvaluationsLog+AutoscaleScaleActionsLog",
    ]


def test_rows_of_autoscale_tables_become_scaling_events(world: LogAnalyticsWorld, ledger: Ledger) -> None:
    target = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/serverfarms/cart-plan"
    columns = {
        "OperationName": "InstanceCountEvaluation",
        "CorrelationId": "c-1",
        "TargetResourceId": target,
        "CurrentInstanceCount": 20,
        "MaximumInstanceCount": 30,
    }
    world.fake.tables = ("AutoscaleEvaluationsLog",)
    world.fake.rows = [Row(world.since_ns + SECOND, "1", columns, "AutoscaleEvaluationsLog")]

    world.poll(ledger, world.source(tables="AutoscaleEvaluationsLog"))

    [event] = ledger.search(kind=Kind.SCALING_RECORDED)
    assert (event.service, event.new_size, event.max_size) == ("cart", 20, 30)  # type: ignore[attr-defined]


def test_the_pipeline_gives_what_the_fake_holds(world: LogAnalyticsWorld) -> None:
    """The fake's own control: its rows are those of an export."""
    [batch] = Pipeline().parse(Records.of([json.dumps(fields(world.fake.rows[0])).encode()], Origin("x.json")))

    assert batch.format[0] == "azure.appinsights"
