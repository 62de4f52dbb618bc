"""The names that loggers give to their fields, the most common first.

Dots lead into nested objects and are also read as part of a key (`log.level`). See
https://www.elastic.co/docs/reference/ecs, https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/ and the
loggers' own documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TIMES: Final = (
    "timestamp", "@timestamp", "time", "ts", "Timestamp", "@t", "asctime", "datetime", "date", "eventTime",
    "TimeGenerated", "timeMillis", "timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "logged_at",
    "created_at", "t", "time_iso8601", "time_local", "start_time", "StartUTC", "@ts", "datetimeUtc",
)  # fmt: skip
LEVELS: Final = (
    "level", "severity", "log.level", "lvl", "levelname", "loglevel", "log_level", "logLevel", "LogLevel", "Level",
    "severityText", "severity_text", "SeverityText", "@l", "Severity", "priority", "level_name", "levelName",
    "log.severity", "status",
)  # fmt: skip
PYTHON_LEVELS: Final = ("levelno", "log.level.value")
NUMERIC_LEVELS: Final = ("severityNumber", "severity_number", "SeverityNumber")
"""OpenTelemetry's own numbers."""

MESSAGES: Final = (
    "message", "msg", "@m", "@mt", "log.message", "log.msg", "Message", "body.stringValue", "body", "log", "text",
    "short_message", "MESSAGE", "textPayload", "RenderedMessage", "event", "description", "error.message",
    "err.message",
)  # fmt: skip
SERVICES: Final = (
    "service.name", "service", "serviceName", "service_name", "ServiceName", "app", "app_name", "appName",
    "application", "resource.attributes.service.name", "resource.service.name", "Resource.service.name",
    "attributes.service.name", "dd.service", "component", "logger_service", "kubernetes.labels.app",
    "kubernetes.container_name", "ecs_task_family", "container_name",
)  # fmt: skip
TRACES: Final = (
    "trace_id", "traceId", "trace.id", "traceID", "TraceId", "traceid", "otelTraceID", "otel.trace_id", "mdc.traceId",
    "mdc.trace_id", "contextMap.traceId", "contextMap.trace_id", "X-B3-TraceId", "@tr",
    "logging.googleapis.com/trace", "traceparent", "xray_trace_id", "AWS-XRAY-TRACE-ID", "operation_Id",
    "headers.traceparent", "request.headers.traceparent", "req.headers.traceparent", "http.request.header.traceparent",
    "headers.b3", "req.headers.b3", "b3", "x-b3-traceid", "headers.x-b3-traceid", "req.headers.x-b3-traceid",
    "x-amzn-trace-id", "X-Amzn-Trace-Id", "headers.x-amzn-trace-id", "headers.X-Amzn-Trace-Id",
    "req.headers.x-amzn-trace-id", "x-cloud-trace-context", "X-Cloud-Trace-Context", "headers.x-cloud-trace-context",
    "headers.X-Cloud-Trace-Context", "req.headers.x-cloud-trace-context", "uber-trace-id", "headers.uber-trace-id",
    "xrayTraceId", "tracing.traceId", "extra.trace_id", "Properties.TraceId", "State.TraceId",
)  # fmt: skip
SPANS: Final = (
    "span_id", "spanId", "span.id", "spanID", "SpanId", "spanid", "otelSpanID", "otel.span_id", "mdc.spanId",
    "mdc.span_id", "contextMap.spanId", "contextMap.span_id", "X-B3-SpanId", "@sp", "logging.googleapis.com/spanId",
    "x-b3-spanid", "headers.x-b3-spanid", "req.headers.x-b3-spanid", "extra.span_id", "Properties.SpanId",
)  # fmt: skip
PARENTS: Final = (
    "parent_span_id",
    "parentSpanId",
    "parent.id",
    "parent_id",
    "parentId",
    "ParentSpanId",
    "X-B3-ParentSpanId",
)
DATADOG_TRACES: Final = ("dd.trace_id",)
DATADOG_SPANS: Final = ("dd.span_id",)

STATUSES: Final = (
    "http.response.status_code", "http.status_code", "status_code", "statusCode", "http.status", "httpStatus",
    "http_status", "response.status", "response.statusCode", "res.statusCode", "response_code", "responseCode",
    "resp_status", "StatusCode", "httpRequest.status", "DownstreamStatus", "code", "status",
)  # fmt: skip
METHODS: Final = (
    "http.request.method",
    "http.method",
    "req.method",
    "method",
    "request_method",
    "request.method",
    "requestMethod",
    "httpRequest.requestMethod",
    "RequestMethod",
    "rpc.method",
    "event.action",
)
DURATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "ms": (
        "duration_ms", "durationMs", "elapsed_ms", "elapsedMs", "latency_ms", "latencyMs", "took_ms",
        "response_time_ms", "responseTime", "responseTimeMs", "http.duration_ms", "ElapsedMilliseconds",
        "duration_millis",
    ),
    "s": (
        "duration_s", "duration_seconds", "elapsed_s", "elapsed_seconds", "latency_s", "request_time",
        "http.request.duration",
    ),
    "us": ("duration_us", "elapsed_us", "latency_us"),
    "ns": ("duration_ns", "event.duration", "elapsed_ns", "latency_ns"),
    "text": ("duration", "elapsed", "latency", "took", "elapsed_time", "httpRequest.latency"),
}  # fmt: skip
"""By unit; event.duration is in nanoseconds by the Elastic Common Schema."""

ERRORS: Final = (
    "error.type", "exception.type", "error.kind", "err.type", "errorType", "error_type", "exception.class",
    "exception.exception_class", "thrown.name", "error.code", "err.code", "error.name", "err.name", "exc_type",
)  # fmt: skip
STACKS: Final = (
    "stack_trace", "stacktrace", "stackTrace", "error.stack_trace", "exception.stacktrace", "error.stack", "err.stack",
    "exception.stack_trace", "exc_info", "exc_text", "exception", "Exception", "@x", "stack", "errorVerbose",
    "traceback", "thrown.extendedStackTrace", "error", "err", "message", "msg",
)  # fmt: skip
"""Where loggers put the text of a stack trace; the message last, which may hold one itself."""

PEERS: Final = (
    "peer.service", "peer_service", "net.peer.name", "upstream_cluster", "upstream_service", "upstream_host",
    "upstream", "target_service", "remote_service", "downstream_service", "db.system",
)  # fmt: skip
"""Only names that plainly mean the called side."""
