"""Application Insights' tables: requests, dependencies, traces, exceptions, events, page views, metrics.

`OperationId` is the trace, `Id` the span, `ParentId` what caused it. See
https://learn.microsoft.com/azure/azure-monitor/reference/tables/apprequests (and its siblings).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ....domain.severity import SEVERITY_OF_APP_INSIGHTS
from ....domain.trace_context import parse_azure_operation, span_id_column, trace_id_column
from ...attribute_readers import boolean, number, url
from ...attribute_table import Names
from ...field_paths import Row, as_text, texts_of, values_of
from .family import family

_TABLES: Final = """
AppTraces AppRequests AppDependencies AppExceptions AppEvents AppPageViews AppMetrics AppPerformanceCounters
AppAvailabilityResults AppBrowserTimings AppSystemEvents
"""

_NAMES: Final[Names] = {
    "approlename": "service.name",
    "approleinstance": "service.instance.id",
    "appversion": "service.version",
    "clientip": "client.address",
    "clienttype": "device.type",
    "clientmodel": "device.model.name",
    "clientos": "os.name",
    "clientbrowser": "browser.brands",
    "clientcity": "geo.locality.name",
    "clientcountryorregion": "azure.client.country",
    "clientstateorprovince": "azure.client.region",
    "userid": "enduser.pseudo.id",
    "userauthenticatedid": "enduser.id",
    "sessionid": "session.id",
    "syntheticsource": "user_agent.synthetic.type",
    "source": "azure.request.source",
    "url": url,
    "success": boolean("azure.success"),
    "resultcode": number("http.response.status_code"),
    "performancebucket": "azure.performance_bucket",
    "itemcount": number("azure.item_count"),
    "target": "server.address",
    "dependencytype": "azure.dependency.type",
    "data": "azure.dependency.data",
    "message": "log.record.body",
    "severitylevel": number("azure.severity_level"),
    "exceptiontype": "exception.type",
    "problemid": "azure.exception.problem_id",
    "outermessage": "exception.message",
    "innermostmessage": "azure.exception.innermost_message",
    "method": "code.function.name",
    "ikey": "azure.instrumentation_key",
}

_SPANS: Final = frozenset({"apprequests", "appdependencies", "appavailabilityresults", "apppageviews"})


def _telemetry(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    traces = [parse_azure_operation(text) if text else None for text in texts_of(rows, ("operationid", "operation_id"))]
    columns["trace_id"] = trace_id_column([found.trace_id if found else "" for found in traces])
    own = [_span(text) for text in texts_of(rows, ("id",))]
    parents = [_span(text) for text in texts_of(rows, ("parentid", "operation_parentid"))]
    spans = [one.lower() in _SPANS for one in texts_of(rows, ("type", "category"))]
    # A trace or an exception has no span of its own: it happened within its parent.
    columns["span_id"] = span_id_column(
        [o if is_span else p for o, p, is_span in zip(own, parents, spans, strict=True)]
    )
    columns["parent_span_id"] = span_id_column(
        [p if is_span else "" for p, is_span in zip(parents, spans, strict=True)]
    )
    failed = [value in (False, "False", "false") for value in values_of(rows, ("success",))]
    codes = texts_of(rows, ("resultcode",))
    columns["error"] = [
        error or (code if code not in ("", "0") else "failed") if bad else error
        for error, bad, code in zip(columns["error"], failed, codes, strict=True)
    ]


def _span(text: str) -> str:
    if not text.startswith("|"):
        return text.replace("-", "") if len(text) <= 16 else ""
    found = parse_azure_operation(text)
    return found.span_id if found else ""


def _operation(row: Row) -> dict[str, Any]:
    """Name the operation: a row without a name of the operation has at least its own; the SDK is `language:version`."""
    name = as_text(row.get("operationname") or row.get("name"))
    sdk, _, version = as_text(row.get("sdkversion")).partition(": ")
    found = {"azure.operation.name": name, "telemetry.sdk.name": sdk, "telemetry.sdk.version": version}
    return {key: value for key, value in found.items() if value}


PARSERS: Final = (
    family(
        "azure.appinsights",
        _TABLES,
        name=("name", "operationname", "type"),
        service=("approlename", "cloud_rolename"),
        status=("resultcode",),
        error=("exceptiontype", "problemid"),
        level=("severitylevel",),
        severities=SEVERITY_OF_APP_INSIGHTS,
        message=("message", "outermessage", "innermostmessage"),
        peer=("target",),
        names=_NAMES,
        refine=_telemetry,
        derive=_operation,
    ),
)
