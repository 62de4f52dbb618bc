"""Requests at Azure's edge: Application Gateway, Front Door, CDN, API Management.

See https://learn.microsoft.com/azure/application-gateway/monitor-application-gateway-reference,
https://learn.microsoft.com/azure/frontdoor/monitor-front-door and
https://learn.microsoft.com/azure/api-management/monitor-api-management-reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ...attribute_readers import (
    also,
    as_json,
    boolean,
    host_port,
    http_protocol,
    lower,
    number,
    tls_protocol,
    url,
)
from ...attribute_table import Names
from ...field_paths import Row, texts_of, values_of
from ...number_columns import duration_column
from ..diagnostics_parser import peers_by_address
from .family import family, own

_HTTP: Final[Names] = {
    "clientip": host_port("client"),
    "clientport": number("client.port"),
    "httpmethod": "http.request.method",
    "useragent": "user_agent.original",
    "requestquery": "url.query",
    "timetaken": number("azure.request.duration"),
}

_GATEWAY_NAMES: Final[Names] = {
    **_HTTP,
    "instanceid": "service.instance.id",
    "originalrequesturiwithargs": "url.original",
    "requesturi": "url.path",
    "httpstatus": number("http.response.status_code"),
    "httpversion": http_protocol,
    "receivedbytes": number("http.request.size"),
    "sentbytes": number("http.response.size"),
    "sslenabled": "tls.enabled",
    "sslcipher": "tls.cipher",
    "sslprotocol": tls_protocol,
    "host": "host.name",
    "originalhost": "http.request.header.host",
    "serverrouted": host_port("server"),
    "serverstatus": number("azure.agw.backend.status_code"),
    "serverresponselatency": number("azure.agw.backend.latency"),
    "upstreamsourceport": number("network.local.port"),
    "clientresponsetime": number("azure.agw.latency"),
    "wafevaluationtime": number("azure.firewall.evaluation.duration"),
    "wafmode": "security_rule.ruleset.mode",
    "transactionid": "azure.service.request.id",
    "error_info": "error.type",
    "listenername": "azure.agw.listener.name",
    "rulename": "azure.agw.rule.name",
    "backendpoolname": "azure.agw.backend.pool.name",
    "backendsettingname": "azure.agw.backend.setting.name",
    # performance
    "healthyhostcount": number("azure.agw.backend.healthy.count"),
    "unhealthyhostcount": number("azure.agw.backend.unhealthy.count"),
    "requestcount": number("azure.agw.request.count"),
    "latency": number("azure.agw.backend.latency"),
    "failedrequestcount": number("azure.agw.request.failed"),
    "throughput": number("azure.agw.throughput"),
    # firewall
    "rulesettype": "security_rule.category",
    "rulesetversion": "security_rule.version",
    "ruleid": "security_rule.uuid",
    "rulegroup": "security_rule.ruleset.name",
    "message": "log.record.body",
    "action": "security_rule.action",
    "site": "azure.firewall.site",
    "details": as_json("azure.firewall.evaluation.details"),
    "hostname": "host.name",
    "policyid": "azure.firewall.policy.id",
    "policyscope": "azure.firewall.policy.scope.type",
    "policyscopename": "azure.firewall.policy.object.name",
}

_FRONT_DOOR_NAMES: Final[Names] = {
    **_HTTP,
    "trackingreference": "azure.service.request.id",
    "httpstatuscode": number("http.response.status_code"),
    "httpversion": http_protocol,
    "requesturi": url,
    "requestbytes": number("http.request.size"),
    "responsebytes": number("http.response.size"),
    "requestprotocol": lower("network.protocol.name"),
    "socketip": "network.peer.address",
    "timetofirstbyte": number("azure.time_to_first_byte"),
    "sni": "tls.server.name",
    "securityprotocol": tls_protocol,
    "securitycipher": "tls.cipher",
    "securitycurves": "tls.curve",
    "pop": "azure.cdn.edge.name",
    "cachestatus": "azure.cdn.cache.outcome",
    "hostname": "http.request.header.host",
    "host": "http.request.header.host",
    "endpoint": "network.local.address",
    "originip": host_port("server"),
    "backendhostname": host_port("server"),
    "errorinfo": lambda value: {} if value == "NoError" else {"exception.type": value},
    "isreceivedfromclient": lambda value: {"network.io.direction": "receive" if value is True else "transmit"},
    # health probes
    "healthprobeid": "azure.frontdoor.health_probe.id",
    "httpverb": "http.request.method",
    "probeurl": url,
    "originname": "azure.frontdoor.health_probe.origin.name",
    "totallatencymilliseconds": number("azure.frontdoor.health_probe.origin.latency.total"),
    "connectionlatencymilliseconds": number("azure.frontdoor.health_probe.origin.latency.connection"),
    "dnslatencymicroseconds": number("azure.frontdoor.health_probe.origin.latency.dns"),
    # firewall
    "rulename": "security_rule.name",
    "policy": "security_rule.ruleset.name",
    "policymode": "security_rule.ruleset.mode",
    "action": "security_rule.action",
    "details": as_json("azure.firewall.evaluation.details"),
}

_APIM_NAMES: Final[Names] = {
    "method": "http.request.method",
    "url": url,
    "responsecode": number("http.response.status_code"),
    "responsesize": number("http.response.size"),
    "requestsize": number("http.request.size"),
    "clientprotocol": http_protocol,
    "clienttlsversion": tls_protocol,
    "backendmethod": "azure.apim.backend.method",
    "backendurl": "azure.apim.backend.url",
    "backendresponsecode": number("azure.apim.backend.status_code"),
    "backendtime": number("azure.apim.backend.duration"),
    "backendprotocol": "azure.apim.backend.protocol",
    "clienttime": number("azure.apim.client.duration"),
    "totaltime": number("azure.request.duration"),
    "cache": "azure.apim.cache",
    "apiid": "azure.apim.api.id",
    "operationid": "azure.apim.operation.id",
    "productid": "azure.apim.product.id",
    "userid": "user.id",
    "apimsubscriptionid": "azure.apim.subscription.id",
    "issuccess": boolean("azure.apim.success"),
    "isrequestsuccess": boolean("azure.apim.success"),
    "lasterror.reason": also("error.type", "azure.apim.error.reason"),
    "lasterror.message": "error.message",
    "lasterror.source": "azure.apim.error.source",
    "lasterror.section": "azure.apim.error.section",
}


def _gateway_request(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Version 1 (instances `ApplicationGatewayRole_IN_*`) counts milliseconds, version 2 seconds."""
    took = values_of(rows, own("timetaken"))
    first = [one.startswith("ApplicationGatewayRole") for one in texts_of(rows, own("instanceid"))]
    columns["duration_us"] = np.where(first, duration_column(took, "ms"), duration_column(took, "s"))
    names = texts_of(rows, ("backendpoolname", *own("backendpoolname", "backendsettingname")))
    peers_by_address(columns, texts_of(rows, own("serverrouted")), names)


def _front_door_request(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    names = texts_of(rows, own("originname", "backendhostname"))
    peers_by_address(columns, texts_of(rows, own("originip")), names)
    probes = duration_column(values_of(rows, own("totallatencymilliseconds")), "ms")
    columns["duration_us"] = np.where(columns["duration_us"] >= 0, columns["duration_us"], probes)


def _called_backend(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """A backend is named by its host; the answer of a failed request without a reason is its code."""
    hosts = [url(address).get("url.domain", "") for address in texts_of(rows, own("backendurl"))]
    peers_by_address(columns, [""] * len(hosts), hosts)
    fine = values_of(rows, own("isrequestsuccess", "issuccess"))
    columns["error"] = [
        error or (str(status or "failed") if good is False else "")
        for error, status, good in zip(columns["error"], columns["status"].tolist(), fine, strict=True)
    ]


GATEWAY: Final = family(
    "azure.appgateway",
    "ApplicationGatewayAccessLog ApplicationGatewayPerformanceLog ApplicationGatewayFirewallLog"
    " AGWAccessLogs AGWPerformanceLogs AGWFirewallLogs",
    name=(*own("httpmethod"), "operationname", "category", "type"),
    status=own("httpstatus"),
    error=own("error_info", "errorinfo"),
    message=own("message"),
    names=_GATEWAY_NAMES,
    refine=_gateway_request,
)

FRONT_DOOR: Final = family(
    "azure.frontdoor",
    "FrontDoorAccessLog FrontDoorHealthProbeLog FrontDoorWebApplicationFirewallLog AzureCdnAccessLog"
    " WebApplicationFirewallLogs CoreAnalytics",
    name=(*own("httpmethod", "httpverb"), "operationname", "category", "type"),
    status=own("httpstatuscode"),
    error=own("errorinfo"),
    duration=own("timetaken"),
    duration_unit="s",
    names=_FRONT_DOOR_NAMES,
    refine=_front_door_request,
)

API_MANAGEMENT: Final = family(
    "azure.apim",
    "GatewayLogs ApiManagementGatewayLogs WebSocketConnectionLogs DeveloperPortalAuditLogs",
    resource_types=("/microsoft.apimanagement/",),
    name=(*own("operationid", "method"), "operationname", "category", "type"),
    status=own("responsecode"),
    error=(*own("lasterror.reason"), "lasterrorreason"),
    duration=("durationms", *own("totaltime")),
    names=_APIM_NAMES,
    refine=_called_backend,
)

PARSERS: Final = (GATEWAY, FRONT_DOOR, API_MANAGEMENT)
