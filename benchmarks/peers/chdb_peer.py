"""chDB (ClickHouse in the process) as a contender: NDJSON into Parquet, aggregates and lookups on Parquet."""

from __future__ import annotations

from functools import partial

import chdb
import msgspec

from .contender import Outcome, Stopwatch, Task
from .derived_columns import LEVEL, SEVERITIES, TRACE
from .parquet_questions import Rows, folded, looked_up, measured_ingest
from .sql import FOLDS, severity_case

_SETTINGS = (
    " SETTINGS max_threads = {cores}, max_insert_threads = {cores}, output_format_parquet_compression_method = 'zstd',"
    " output_format_parquet_string_as_string = 1, output_format_json_quote_64bit_integers = 0,"
    " engine_file_truncate_on_insert = 1"
)


def _escaped(expression: str) -> str:
    return expression.replace("\\", "\\\\").replace("'", "\\'")


def _ingest_query(folder: str) -> str:
    lines = {kind: f"file('{folder}/*/{kind}.ndjson', LineAsString)" for kind in ("eks", "aks", "gke")}
    return f"""
    WITH eks AS (
        SELECT JSONExtractString(line, 'logStream') AS origin, event.1 AS id, event.2 AS raw
        FROM (SELECT line, arrayJoin(JSONExtract(line, 'logEvents', 'Array(Tuple(id String, message String))')) AS event
              FROM {lines["eks"]})
    ), entries AS (
        SELECT origin, id, m.2 AS time, m.3.1.1 AS service, extract(m.1, '{_escaped(LEVEL)}') AS level, raw
        FROM (SELECT origin, id, raw, JSONExtract(raw, 'Tuple(log String, time String,
              kubernetes Tuple(labels Tuple(app String)))') AS m FROM eks)
        UNION ALL
        SELECT '', m.3, m.1, m.4.1.1, m.2, line FROM (SELECT line, JSONExtract(line, 'Tuple(TimeGenerated String,
              LogLevel String, _ItemId String, KubernetesMetadata Tuple(podLabels Tuple(app String)))') AS m
              FROM {lines["aks"]})
        UNION ALL
        SELECT '', m.1, m.2, m.4.1, m.3, line FROM (SELECT line, JSONExtract(line, 'Tuple(insertId String,
              timestamp String, severity String, labels Tuple(`k8s-pod/app` String))') AS m FROM {lines["gke"]})
    )
    SELECT origin, id, parseDateTime64BestEffort(time, 9) AS occurred_at, service,
           toUInt8({severity_case("level", SEVERITIES)}) AS severity, extract(raw, '{_escaped(TRACE)}') AS trace_id, raw
    FROM entries
    """


def ingest(task: Task, watch: Stopwatch) -> Outcome:
    """Read log lines into Parquet with the raw line kept."""
    folder = task.inputs[0].rpartition("/")[0]

    def work() -> None:
        query = f"INSERT INTO FUNCTION file('{task.output}', Parquet) {_ingest_query(folder)}"
        chdb.query(query + _SETTINGS.format(cores=task.cores))

    return measured_ingest(task, watch, work, partial(_rows, task.cores), "file('{}', Parquet)")


def folds(task: Task, watch: Stopwatch) -> Outcome:
    """Compute the four aggregates."""
    source = f"file('{task.inputs[0]}', Parquet)"
    queries = {name: _integer_division(query).format(source=source) for name, query in FOLDS.items()}
    return folded(watch, {name: partial(_rows, task.cores, query) for name, query in queries.items()})


def lookups(task: Task, watch: Stopwatch) -> Outcome:
    """Look events up in Parquet."""
    return looked_up(task, watch, f"file('{task.inputs[0]}', Parquet)", partial(_rows, task.cores))


def _integer_division(query: str) -> str:
    return query.replace("{integer}", "DIV")


def _rows(cores: int, query: str) -> Rows:
    printed = chdb.query(query + _SETTINGS.format(cores=cores), "JSONCompactEachRow").bytes()
    return [tuple(row) for row in msgspec.json.Decoder(list[object]).decode_lines(printed)]
