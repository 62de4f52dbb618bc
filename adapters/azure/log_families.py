"""The families of Azure's log categories, as tables.

Numeric levels have three contradictory scales: which one holds is a matter of the category. See
https://learn.microsoft.com/azure/azure-monitor/reference/logs-index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.severity import (
    SEVERITY_OF_APP_INSIGHTS,
    SEVERITY_OF_AZURE_LEVEL,
    SEVERITY_OF_DOTNET_LEVEL,
    SEVERITY_OF_ETW_LEVEL,
)
from ...domain.trace_context import parse_azure_operation, span_id_column, trace_id_column
from ..field_map import FieldMap, known_or
from ..field_paths import Row, texts_of, values_of
from ..kubernetes.audit_record import audited_object
from ..number_columns import duration_column, status_column
from .common_schema import RESOURCES, TIMES, nested, place_of
from .diagnostics_parser import DiagnosticsParser, peers_by_address

_COMMON: Final[Mapping[str, str]] = {
    "resourceid": "cloud.resource_id",
    "_resourceid": "cloud.resource_id",
    "correlationid": "azure.correlation_id",
    "calleripaddress": "client.address",
    "operationname": "azure.operation.name",
    "category": "azure.category",
    "location": "cloud.region",
    "_itemid": "log.record.uid",
}
_FINE: Final = frozenset(
    {
        "0",
        "NoError",
        "Success",
        "success",
        "Succeeded",
        "OK",
        "Completed",
        "SASSuccess",
        "AnonymousSuccess",
        "True",
        "true",
    }
    | {"Started", "Start", "InProgress", "Queued", "200", "201", "202", "204", "None", "none"}
)
_LEVELS: Final[Mapping[Any, int]] = {**SEVERITY_OF_ETW_LEVEL, **dict[Any, int](SEVERITY_OF_AZURE_LEVEL)}


def _family(format: str, *, attributes: Mapping[str, str] | None = None, **paths: Any) -> FieldMap:
    told: dict[str, Any] = {
        "time": TIMES,
        "name": ("operationname", "operationnamevalue", "category", "type"),
        "region": ("location",),
        "level": ("level",),
        "severities": _LEVELS,
        "successes": _FINE,
        "duration": ("durationms", "properties.durationms"),
    }
    return FieldMap(
        format=format,
        provider="azure",
        attributes={**_COMMON, **(attributes or {})},
        prefix="azure",
        **{**told, **paths},
    )


_HTTP: Final[Mapping[str, str]] = {
    "properties.clientip": "client.address",
    "properties.clientport": "client.port",
    "properties.requestbytes": "http.request.size",
    "properties.receivedbytes": "http.request.size",
    "properties.csbytes": "http.request.size",
    "properties.responsebytes": "http.response.size",
    "properties.sentbytes": "http.response.size",
    "properties.scbytes": "http.response.size",
    "properties.requestquery": "url.query",
    "properties.csuriquery": "url.query",
    "properties.cip": "client.address",
    "properties.httpmethod": "http.request.method",
    "properties.csmethod": "http.request.method",
    "properties.httpstatus": "http.response.status_code",
    "properties.httpstatuscode": "http.response.status_code",
    "properties.scstatus": "http.response.status_code",
    "properties.requesturi": "url.original",
    "properties.csuristem": "url.path",
    "properties.useragent": "user_agent.original",
    "properties.host": "server.address",
    "properties.cshost": "server.address",
    "properties.sslcipher": "tls.cipher",
    "properties.securitycipher": "tls.cipher",
}


def _gateway_request(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Version 1 (instances `ApplicationGatewayRole_IN_*`) counts milliseconds, version 2 seconds."""
    took = values_of(rows, ("properties.timetaken", "timetaken"))
    first = [
        one.startswith("ApplicationGatewayRole") for one in texts_of(rows, ("properties.instanceid", "instanceid"))
    ]
    columns["duration_us"] = np.where(first, duration_column(took, "ms"), duration_column(took, "s"))
    peers_by_address(
        columns,
        texts_of(rows, ("properties.serverrouted", "serverrouted")),
        texts_of(rows, ("backendpoolname", "properties.backendpoolname", "properties.backendsettingname")),
    )


def _front_door_request(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    names = texts_of(rows, ("properties.originname", "properties.backendhostname", "originname"))
    peers_by_address(columns, texts_of(rows, ("properties.originip", "originip")), names)


def _telemetry(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Read Application Insights' operation: `OperationId` is the trace, `Id` the span, `ParentId` what caused it."""
    traces = [parse_azure_operation(text) if text else None for text in texts_of(rows, ("operationid", "operation_id"))]
    columns["trace_id"] = trace_id_column([found.trace_id if found else "" for found in traces])
    own = [_span(text) for text in texts_of(rows, ("id",))]
    parents = [_span(text) for text in texts_of(rows, ("parentid", "operation_parentid"))]
    spans = [one in _SPANS for one in texts_of(rows, ("type", "category"))]
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


def _cluster_audit(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Read the audit records of a cluster's API server: JSON in `properties.log`, or the columns of AKSAudit."""
    audited = [nested(text) if type(text) is str and '"audit.k8s.io' in text else row for row, text in _logs(rows)]
    records = [record if isinstance(record, dict) else {} for record in audited]
    clusters = [place_of(resource)[2] for resource in texts_of(rows, RESOURCES)]
    found = [
        audited_object({"objectRef": record.get("objectRef") or record.get("objectref")}, {"cluster": cluster})
        for record, cluster in zip(records, clusters, strict=True)
    ]
    verbs = texts_of(records, ("verb",))
    columns["object"] = found
    columns["name"] = [verb or name for verb, name in zip(verbs, columns["name"], strict=True)]
    codes = values_of(records, ("responseStatus.code", "responsestatus.code"))
    columns["status"] = known_or(status_column(codes), columns["status"])
    reasons = texts_of(records, ("responseStatus.reason", "responsestatus.reason"))
    columns["error"] = [reason or error for reason, error in zip(reasons, columns["error"], strict=True)]


def _logs(rows: Sequence[Row]) -> list[tuple[Row, Any]]:
    return list(zip(rows, values_of(rows, ("properties.log", "log_s")), strict=True))


_SPANS: Final = frozenset({"AppRequests", "AppDependencies", "AppAvailabilityResults", "AppPageViews"})


def _span(text: str) -> str:
    if not text.startswith("|"):
        return text.replace("-", "") if len(text) <= 16 else ""
    found = parse_azure_operation(text)
    return found.span_id if found else ""


_APP_INSIGHTS: Final = _family(
    "azure.appinsights",
    name=("name", "operationname", "type"),
    service=("approlename", "cloud_rolename"),
    status=("resultcode",),
    error=("exceptiontype", "problemid"),
    level=("severitylevel",),
    severities=SEVERITY_OF_APP_INSIGHTS,
    message=("message", "outermessage", "innermostmessage"),
    peer=("target",),
    attributes={
        "approlename": "service.name",
        "approleinstance": "service.instance.id",
        "appversion": "service.version",
        "clientip": "client.address",
        "url": "url.full",
        "resultcode": "http.response.status_code",
        "target": "server.address",
        "exceptiontype": "exception.type",
        "outermessage": "exception.message",
    },
)
_APP_TABLES: Final = frozenset(
    {"apptraces", "apprequests", "appdependencies", "appexceptions", "appevents", "apppageviews", "appmetrics"}
    | {"appperformancecounters", "appavailabilityresults", "appbrowsertimings", "appsystemevents"}
)

_SIGN_IN: Final = _family(
    "azure.signin",
    service_name="entra",
    error=("resulttype", "properties.status.errorcode"),
    attributes={
        "properties.userprincipalname": "user.name",
        "properties.userid": "user.id",
        "properties.ipaddress": "client.address",
        "properties.appdisplayname": "azure.app.name",
    },
)
_AUDIT: Final = _family(
    "azure.audit",
    service_name="entra",
    name=("properties.activitydisplayname", "operationname", "activitydisplayname"),
    error=("properties.resultreason", "resultdescription"),
)
_AKS: Final = _family(
    "azure.aks",
    name=("category",),
    service=("category",),
    message=("properties.log", "log", "logentry", "message", "properties.message"),
    attributes={
        "properties.pod": "k8s.pod.name",
        "properties.log": "log.record.body",
        "properties.containerid": "container.id",
    },
)
_GATEWAY: Final = _family(
    "azure.appgateway",
    name=("properties.httpmethod", "operationname"),
    status=("properties.httpstatus", "httpstatus"),
    error=("properties.error_info", "properties.wafevaluationerror"),
    message=("properties.message",),
    attributes=_HTTP,
)
_FRONT_DOOR: Final = _family(
    "azure.frontdoor",
    name=("properties.httpmethod", "operationname"),
    status=("properties.httpstatuscode", "httpstatuscode"),
    error=("properties.errorinfo",),
    duration=("properties.timetaken", "timetaken"),
    duration_unit="s",
    attributes=_HTTP,
)
_APP_SERVICE: Final = _family(
    "azure.appservice",
    name=("properties.csmethod", "csmethod", "operationname"),
    status=("properties.scstatus", "scstatus"),
    error=("properties.exceptionclass", "exceptionclass"),
    duration=("properties.timetaken", "timetaken", "durationms"),
    message=("properties.message", "message", "resultdescription", "properties.resultdescription"),
    attributes={
        **_HTTP,
        "properties.stacktrace": "exception.stacktrace",
        "properties.exceptionclass": "exception.type",
        "properties.containerid": "container.id",
    },
)
_FUNCTION: Final = _family(
    "azure.functionapp",
    name=("properties.functionname", "functionname", "operationname"),
    service=("properties.appname", "appname"),
    error=("properties.exceptiontype", "exceptiontype"),
    level=("properties.levelid", "levelid", "level"),
    severities={**SEVERITY_OF_DOTNET_LEVEL, **dict[Any, int](SEVERITY_OF_AZURE_LEVEL)},
    message=("properties.message", "message"),
    attributes={
        "properties.functionname": "faas.name",
        "properties.functioninvocationid": "faas.invocation_id",
        "properties.exceptiontype": "exception.type",
        "properties.exceptionmessage": "exception.message",
        "properties.exceptiondetails": "exception.stacktrace",
    },
)
_STORAGE: Final = _family(
    "azure.storage",
    service=("properties.accountname", "accountname"),
    status=("statuscode",),
    error=("statustext",),
    names=("properties.objectkey",),
    attributes={
        "statuscode": "http.response.status_code",
        "properties.useragentheader": "user_agent.original",
        "properties.requestheadersize": "http.request.header.size",
        "properties.responseheadersize": "http.response.header.size",
        "properties.tlsversion": "tls.protocol.version",
        "uri": "url.full",
    },
)
_FIREWALL: Final = _family(
    "azure.firewall",
    message=("properties.msg", "msg_s"),
    peer=("properties.destinationip", "destinationip", "properties.fqdn", "fqdn"),
    attributes={"properties.sourceip": "source.address", "properties.destinationip": "destination.address"},
)
_NSG_FLOW: Final = _family("azure.nsgflow")
_VNET_FLOW: Final = _family("azure.vnetflow", resource=("targetresourceid", "flowlogresourceid"))
_KEY_VAULT: Final = _family(
    "azure.keyvault",
    status=("properties.httpstatuscode", "httpstatuscode", "resultsignature"),
    error=("resultsignature",),
    names=("properties.id", "id_s"),
)
_MESSAGING: Final = _family(
    "azure.messaging", name=("eventname", "operationname", "activityname", "category"), error=("errormessage", "status")
)
_DATA_FACTORY: Final = _family(
    "azure.datafactory",
    name=("pipelinename", "activityname", "triggername", "operationname"),
    error=("properties.error.errorcode", "properties.error.message"),
)
_API_MANAGEMENT: Final = _family(
    "azure.apim",
    name=("properties.operationid", "operationid", "operationname"),
    status=("properties.responsecode", "responsecode"),
    error=("properties.lasterror.reason", "lasterrorreason"),
    duration=("durationms", "properties.totaltime", "totaltime"),
    peer=("properties.backendurl", "backendurl"),
)
_DATABASE: Final = _family(
    "azure.database",
    level=("properties.errorlevel", "errorlevel", "level"),
    message=("properties.message", "message", "properties.error_message", "properties.sql_text"),
    error=("properties.sqlerrcode", "properties.error_number"),
    successes=_FINE | {"00000"},
)
_GENERIC: Final = _family(
    "azure.generic",
    status=("properties.httpstatuscode", "properties.statuscode", "statuscode", "httpstatuscode"),
    message=("properties.message", "message", "resultdescription", "properties.log", "properties_text"),
)


def _parser(fields: FieldMap, names: str, **options: Any) -> DiagnosticsParser:
    return DiagnosticsParser(fields, frozenset(names.lower().split()), **options)


_AKS_CATEGORIES: Final = """
kube-audit kube-audit-admin kube-apiserver kube-controller-manager kube-scheduler cluster-autoscaler guard
cloud-controller-manager csi-azuredisk-controller csi-azurefile-controller csi-snapshot-controller karpenter-events
AKSAudit AKSAuditAdmin AKSControlPlane ContainerLog KubeEvents
"""
_ENTRA_AUDIT: Final = (
    "AuditLogs ProvisioningLogs RiskyUsers UserRiskEvents MicrosoftGraphActivityLogs RiskyServicePrincipals"
)
_SIGN_INS: Final = """
SignInLogs NonInteractiveUserSignInLogs ServicePrincipalSignInLogs ManagedIdentitySignInLogs ADFSSignInLogs
AADNonInteractiveUserSignInLogs AADServicePrincipalSignInLogs AADManagedIdentitySignInLogs
"""
_APP_SERVICES: Final = """
AppServiceAppLogs AppServiceAuditLogs AppServiceAuthenticationLogs AppServiceConsoleLogs AppServiceFileAuditLogs
AppServiceHTTPLogs AppServiceIPSecAuditLogs AppServicePlatformLogs AppServiceAntivirusScanAuditLogs
"""
_FIREWALLS: Final = """
AzureFirewallApplicationRule AzureFirewallNetworkRule AzureFirewallDnsProxy AZFWApplicationRule AZFWNetworkRule
AZFWNatRule AZFWDnsQuery AZFWThreatIntel AZFWIdpsSignature AZFWFlowTrace AZFWFatFlow
"""
_GATEWAYS: Final = (
    "ApplicationGatewayAccessLog ApplicationGatewayPerformanceLog ApplicationGatewayFirewallLog AGWAccessLogs"
)
_FRONT_DOORS: Final = """
FrontDoorAccessLog FrontDoorHealthProbeLog FrontDoorWebApplicationFirewallLog AzureCdnAccessLog FrontdoorAccessLog
"""
_MESSAGES: Final = """
ApplicationMetricsLogs DiagnosticErrorLogs OperationalLogs RuntimeAuditLogs VNetAndIPFilteringLogs ArchiveLogs
AutoScaleLogs KafkaCoordinatorLogs
"""
_DATABASES: Final = """
PostgreSQLLogs MySqlSlowLogs MySqlAuditLogs Errors Timeouts Deadlocks Blocks SQLSecurityAuditEvents SQLInsights
QueryStoreRuntimeStatistics QueryStoreWaitStatistics DatabaseWaitStatistics
"""

DIAGNOSTICS_PARSERS: Final = (
    _parser(_APP_INSIGHTS, " ".join(_APP_TABLES), refine=_telemetry),
    _parser(_SIGN_IN, _SIGN_INS),
    _parser(_AUDIT, _ENTRA_AUDIT),
    _parser(_AKS, _AKS_CATEGORIES, refine=_cluster_audit),
    _parser(_GATEWAY, _GATEWAYS, refine=_gateway_request),
    _parser(_FRONT_DOOR, _FRONT_DOORS, refine=_front_door_request),
    _parser(_APP_SERVICE, _APP_SERVICES),
    _parser(_FUNCTION, "FunctionAppLogs"),
    _parser(_STORAGE, "StorageRead StorageWrite StorageDelete StorageBlobLogs StorageQueueLogs StorageTableLogs"),
    _parser(_FIREWALL, _FIREWALLS),
    _parser(_NSG_FLOW, "NetworkSecurityGroupFlowEvent"),
    _parser(_VNET_FLOW, "FlowLogFlowEvent"),
    _parser(_KEY_VAULT, "AuditEvent AzurePolicyEvaluationDetails", resource_types=("/microsoft.keyvault/",)),
    _parser(_MESSAGING, _MESSAGES, resource_types=("/microsoft.eventhub/", "/microsoft.servicebus/")),
    _parser(_DATA_FACTORY, "ActivityRuns PipelineRuns TriggerRuns"),
    _parser(_API_MANAGEMENT, "GatewayLogs ApiManagementGatewayLogs"),
    _parser(_DATABASE, _DATABASES, resource_types=("/microsoft.sql/", "/microsoft.dbfor")),
    # Entra's audit records also come with the category of the activity (Policy, UserManagement, ...).
    DiagnosticsParser(_AUDIT, resource_types=("microsoft.aadiam",)),
    DiagnosticsParser(_GENERIC),
)
"""In the order in which they are tried; the last takes every category that no other knows."""
