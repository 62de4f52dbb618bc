"""Logs of App Service and Azure Functions.

See https://learn.microsoft.com/azure/azure-monitor/reference/tables/appservicehttplogs (and its siblings) and
https://learn.microsoft.com/azure/azure-monitor/reference/tables/functionapplogs.
"""

from __future__ import annotations

from typing import Any, Final

from ....domain.severity import SEVERITY_OF_AZURE_LEVEL, SEVERITY_OF_DOTNET_LEVEL
from ...attribute_readers import host_port, lower, number
from ...attribute_table import Names
from ...field_paths import Row, texts_of
from .family import family, own

_APP_SERVICES: Final = """
AppServiceAppLogs AppServiceAuditLogs AppServiceAuthenticationLogs AppServiceConsoleLogs AppServiceFileAuditLogs
AppServiceHTTPLogs AppServiceIPSecAuditLogs AppServicePlatformLogs AppServiceAntivirusScanAuditLogs
AppServiceEnvironmentPlatformLogs WorkflowRuntime LogicAppWorkflowRuntime
"""

_APP_SERVICE_NAMES: Final[Names] = {
    "containerid": "container.id",
    "customlevel": "log.record.severity.original",
    "exceptionclass": "exception.type",
    "exception": "exception.type",
    "stacktrace": "exception.stacktrace",
    "host": "host.name",
    "hostname": "host.name",
    "logger": "log.record.logger",
    "method": "code.function.name",
    "source": "log.file.path",
    "websiteinstanceid": "azure.app_service.instance.id",
    "message": "log.record.body",
    "result": "log.record.body",
    # audit, authentication, address rules
    "user": "user.id",
    "userdisplayname": "user.name",
    "useraddress": "source.address",
    "protocol": lower("network.protocol.name"),
    "details": "azure.auth.event.details",
    "moduleruntimeversion": "azure.auth.module.runtime.version",
    "sitename": "azure.app_service.site.name",
    "statuscode": number("http.response.status_code"),
    "substatuscode": number("azure.http.response.sub_status_code"),
    "taskname": "azure.app_service.task.name",
    "serviceendpoint": "azure.app_service.endpoint",
    "xazurefdid": "http.request.header.x-azure-fdid",
    "xfdhealthprobe": "http.request.header.x-fd-healthprobe",
    "xforwardedfor": "http.request.header.x-forwarded-for",
    "xforwardedhost": "http.request.header.x-forwarded-host",
    "deploymentid": "azure.deployment.id",
    "path": "log.file.path",
    "process": "process.executable.name",
    # requests
    "cip": host_port("client"),
    "computername": "server.address",
    "sport": number("server.port"),
    "csbytes": number("http.request.size"),
    "cshost": "http.request.header.host",
    "csmethod": "http.request.method",
    "csuriquery": "url.query",
    "csuristem": "url.path",
    "csusername": "user.name",
    "referer": "http.request.header.referer",
    "scbytes": number("http.response.size"),
    "scstatus": number("http.response.status_code"),
    "scsubstatus": "azure.http.response.sub_status_code",
    "timetaken": number("azure.request.duration"),
    "useragent": "user_agent.original",
}

_FUNCTION_NAMES: Final[Names] = {
    "activityid": "log.record.uid",
    "appname": "azure.function_app.name",
    "category": "log.record.logger",
    "eventid": number("azure.event.id"),
    "eventname": "azure.event.name",
    "exceptiondetails": "exception.stacktrace",
    "exceptionmessage": "exception.message",
    "exceptiontype": "exception.type",
    "functioninvocationid": "faas.invocation_id",
    "functionname": "faas.invoked_name",
    "hostinstanceid": "host.id",
    "hostversion": "host.image.version",
    "message": "log.record.body",
    "processid": number("process.pid"),
    "roleinstance": "service.instance.id",
}


def _function(row: Row) -> dict[str, Any]:
    """Name a function by its app and itself, as the conventions want it of Azure."""
    [app], [function] = texts_of([row], own("appname")), texts_of([row], own("functionname"))
    if not app or not function:
        return {"faas.invoked_provider": "azure"}
    name = f"{app}/{function}"
    return {"faas.invoked_provider": "azure", "faas.name": name, "service.name": name}


APP_SERVICE: Final = family(
    "azure.appservice",
    _APP_SERVICES,
    name=(*own("csmethod"), "operationname", "category", "type"),
    status=own("scstatus", "statuscode"),
    error=own("exceptionclass", "exception"),
    duration=(*own("timetaken"), "durationms"),
    message=own("message", "resultdescription"),
    names=_APP_SERVICE_NAMES,
)

FUNCTIONS: Final = family(
    "azure.functionapp",
    "FunctionAppLogs",
    name=(*own("functionname"), "operationname", "category", "type"),
    service=own("appname"),
    error=own("exceptiontype"),
    level=(*own("levelid"), "level", "properties.level"),
    severities={**SEVERITY_OF_DOTNET_LEVEL, **dict[Any, int](SEVERITY_OF_AZURE_LEVEL)},
    message=own("message"),
    names=_FUNCTION_NAMES,
    derive=_function,
)

PARSERS: Final = (APP_SERVICE, FUNCTIONS)
