"""polars as a contender: lazy NDJSON into Parquet, aggregates and lookups on Parquet. Threads are set by the parent."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from .contender import ERROR, NEWEST, Outcome, Stopwatch, Task
from .derived_columns import LEVEL, SEVERITIES, TRACE
from .parquet_questions import Rows, answered, folded, measured_ingest

_EVENTS = pl.List(pl.Struct({"id": pl.String, "message": pl.String}))
_EKS_LINE = pl.Struct({"logStream": pl.String, "logEvents": _EVENTS})
_EKS_MESSAGE = pl.Struct(
    {"log": pl.String, "time": pl.String, "kubernetes": pl.Struct({"labels": pl.Struct({"app": pl.String})})}
)
_AKS_LINE = pl.Struct(
    {
        "TimeGenerated": pl.String,
        "LogLevel": pl.String,
        "_ItemId": pl.String,
        "KubernetesMetadata": pl.Struct({"podLabels": pl.Struct({"app": pl.String})}),
    }
)
_GKE_LINE = pl.Struct(
    {
        "insertId": pl.String,
        "timestamp": pl.String,
        "severity": pl.String,
        "labels": pl.Struct({"k8s-pod/app": pl.String}),
    }
)
_SHOWN = ("stream", "position", "occurred_at", "service", "severity", "payload")


def ingest(task: Task, watch: Stopwatch) -> Outcome:
    """Read log lines into Parquet with the raw line kept."""

    def work() -> None:
        entries = pl.concat([_eks(task.inputs), _aks(task.inputs), _gke(task.inputs)], how="vertical")
        derived = entries.with_columns(
            pl.col("occurred_at").str.strip_suffix("Z").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="ns"),
            severity=pl.col("level").str.to_lowercase().replace_strict(SEVERITIES, default=0, return_dtype=pl.UInt8),
            trace_id=pl.col("raw").str.extract(TRACE, 1).fill_null(""),
        )
        derived.drop("level").sink_parquet(task.output, compression="zstd", compression_level=1, maintain_order=False)

    return measured_ingest(task, watch, work, _sql, "read_parquet('{}')")


def folds(task: Task, watch: Stopwatch) -> Outcome:
    """Compute the four aggregates, in one plan so that polars may share the scan."""
    events = pl.scan_parquet(task.inputs[0])
    minutes = (pl.col("occurred_at") // 60_000_000_000).alias("minute")
    hours = (pl.col("occurred_at") // 3_600_000_000_000).alias("hour")
    traced = ((pl.col("trace_high") != 0) | (pl.col("trace_low") != 0)).sum()
    plans = {
        "minutes": events.group_by("service", minutes).agg(pl.len(), (pl.col("severity") >= ERROR).sum()),
        "severities": events.group_by("service", "severity").agg(pl.len()),
        "traced": events.group_by("service").agg(traced),
        "hours": events.group_by("service", hours).agg(pl.col("size_bytes").sum()),
    }
    with watch:
        tables = pl.collect_all(list(plans.values()), engine="streaming")
    return folded(Stopwatch(), {name: table.rows for name, table in zip(plans, tables, strict=True)})


def lookups(task: Task, watch: Stopwatch) -> Outcome:
    """Look events up in Parquet."""
    question = task.question
    assert question is not None
    events = pl.scan_parquet(task.inputs[0])

    def trace(high: int, low: int) -> Rows:
        return _shown(events.filter(pl.col("trace_high") == high, pl.col("trace_low") == low))

    def errors(service: str, since: int, until: int) -> Rows:
        within = pl.col("occurred_at").is_between(since, until, closed="left")
        found = events.filter(pl.col("service") == service, pl.col("severity") >= ERROR, within)
        return _shown(found.sort("occurred_at", descending=True).head(NEWEST))

    def event(stream: str, position: int) -> Rows:
        return _shown(events.filter(pl.col("stream") == stream, pl.col("position") == position))

    calls: dict[str, list[Any]] = {
        "trace": [partial(trace, *one) for one in question.traces],
        "absent": [partial(trace, *one) for one in question.absent],
        "errors": [partial(errors, *one) for one in question.windows],
        "event": [partial(event, *one) for one in question.references],
    }
    return answered(watch, calls)


def _shown(plan: pl.LazyFrame) -> Rows:
    return plan.select(_SHOWN).collect(engine="streaming").rows()


def _sql(query: str) -> Rows:
    return pl.sql(query, eager=True).rows()


def _lines(folders: list[str], kind: str) -> pl.LazyFrame:
    return pl.concat([pl.scan_lines(f"{folder}/{kind}.ndjson", name="raw") for folder in folders])


def _eks(folders: list[str]) -> pl.LazyFrame:
    lines = _lines(folders, "eks").select(m=pl.col("raw").str.json_decode(_EKS_LINE)).unnest("m")
    events = lines.explode("logEvents").unnest("logEvents").rename({"logStream": "origin", "message": "raw"})
    decoded = events.with_columns(m=pl.col("raw").str.json_decode(_EKS_MESSAGE)).unnest("m")
    return decoded.select(
        "origin",
        "id",
        pl.col("time").alias("occurred_at"),
        service=pl.col("kubernetes").struct.field("labels").struct.field("app"),
        level=pl.col("log").str.extract(LEVEL, 1),
        raw=pl.col("raw"),
    )


def _aks(folders: list[str]) -> pl.LazyFrame:
    decoded = _lines(folders, "aks").with_columns(m=pl.col("raw").str.json_decode(_AKS_LINE)).unnest("m")
    return decoded.select(
        pl.lit("").alias("origin"),
        pl.col("_ItemId").alias("id"),
        pl.col("TimeGenerated").alias("occurred_at"),
        service=pl.col("KubernetesMetadata").struct.field("podLabels").struct.field("app"),
        level=pl.col("LogLevel"),
        raw=pl.col("raw"),
    )


def _gke(folders: list[str]) -> pl.LazyFrame:
    decoded = _lines(folders, "gke").with_columns(m=pl.col("raw").str.json_decode(_GKE_LINE))
    fields = pl.col("m").struct
    return decoded.select(
        pl.lit("").alias("origin"),
        fields.field("insertId").alias("id"),
        fields.field("timestamp").alias("occurred_at"),
        service=fields.field("labels").struct.field("k8s-pod/app"),
        level=fields.field("severity"),
        raw=pl.col("raw"),
    )
