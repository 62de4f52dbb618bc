"""DuckDB as a contender: NDJSON into Parquet, aggregates and lookups on Parquet."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import duckdb

from .contender import Outcome, Stopwatch, Task
from .derived_columns import LEVEL, SEVERITIES, TRACE
from .parquet_questions import folded, looked_up, measured_ingest
from .sql import FOLDS, severity_case

_EKS_LINE = (
    '{"logGroup":"VARCHAR","logStream":"VARCHAR",'
    '"logEvents":[{"id":"VARCHAR","timestamp":"BIGINT","message":"VARCHAR"}]}'
)
_EKS_MESSAGE = '{"log":"VARCHAR","time":"VARCHAR","kubernetes":{"labels":{"app":"VARCHAR"}}}'
_AKS_LINE = (
    '{"TimeGenerated":"VARCHAR","LogLevel":"VARCHAR","_ItemId":"VARCHAR",'
    '"KubernetesMetadata":{"podLabels":{"app":"VARCHAR"}}}'
)
_GKE_LINE = '{"insertId":"VARCHAR","timestamp":"VARCHAR","severity":"VARCHAR","labels":{"k8s-pod/app":"VARCHAR"}}'

INGEST = f"""
COPY (
    WITH envelopes AS (
        SELECT from_json(json, '{_EKS_LINE}') AS line FROM read_ndjson_objects($eks)
    ), messages AS (
        SELECT line.logStream AS origin, unnest(line.logEvents) AS event FROM envelopes
    ), eks AS (
        SELECT origin, event.id AS id, event.message AS raw, from_json(event.message, '{_EKS_MESSAGE}') AS m
        FROM messages
    ), aks AS (
        SELECT json::VARCHAR AS raw, from_json(json, '{_AKS_LINE}') AS m FROM read_ndjson_objects($aks)
    ), gke AS (
        SELECT json::VARCHAR AS raw, from_json(json, '{_GKE_LINE}') AS m FROM read_ndjson_objects($gke)
    ), entries AS (
        SELECT origin, id, m.time::TIMESTAMP_NS AS occurred_at, m.kubernetes.labels.app AS service,
               regexp_extract(m.log, '{LEVEL}', 1) AS level, raw FROM eks
        UNION ALL
        SELECT '', m._ItemId, m.TimeGenerated::TIMESTAMP_NS, m.KubernetesMetadata.podLabels.app, m.LogLevel, raw
        FROM aks
        UNION ALL
        SELECT '', m.insertId, m.timestamp::TIMESTAMP_NS, m.labels."k8s-pod/app", m.severity, raw FROM gke
    )
    SELECT origin, id, occurred_at, service, ({severity_case("level", SEVERITIES)})::UTINYINT AS severity,
           regexp_extract(raw, '{TRACE}', 1) AS trace_id, raw
    FROM entries
) TO '%s' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
"""


def connected(cores: int) -> duckdb.DuckDBPyConnection:
    """Return a database in memory that uses so many threads."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {cores}")
    connection.execute("SET preserve_insertion_order = false")
    return connection


def ingest(task: Task, watch: Stopwatch) -> Outcome:
    """Read log lines into Parquet with the raw line kept."""
    connection = connected(task.cores)
    files = {kind: [f"{folder}/{kind}.ndjson" for folder in task.inputs] for kind in ("eks", "aks", "gke")}

    def work() -> None:
        connection.execute(INGEST % task.output, files)

    return measured_ingest(task, watch, work, partial(_rows, connection))


def folds(task: Task, watch: Stopwatch) -> Outcome:
    """Compute the four aggregates."""
    connection = connected(task.cores)
    source = f"read_parquet('{task.inputs[0]}')"
    queries = {name: query.format(source=source, integer="//") for name, query in FOLDS.items()}
    return folded(watch, {name: partial(_rows, connection, query) for name, query in queries.items()})


def lookups(task: Task, watch: Stopwatch) -> Outcome:
    """Look events up in Parquet."""
    connection = connected(task.cores)
    return looked_up(task, watch, f"read_parquet('{Path(task.inputs[0])}')", partial(_rows, connection))


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return list(connection.execute(query).fetchall())
