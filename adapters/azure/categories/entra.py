"""Microsoft Entra's logs: sign-ins, audit, provisioning, risk, Graph activity.

See https://learn.microsoft.com/entra/identity/monitoring-health/concept-activity-log-schemas and
https://learn.microsoft.com/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...attribute_readers import as_json, boolean, number, url
from ...attribute_table import Names
from ...field_paths import Row, texts_of
from .family import family, own

_SIGN_INS: Final = """
SignInLogs NonInteractiveUserSignInLogs ServicePrincipalSignInLogs ManagedIdentitySignInLogs ADFSSignInLogs
AADNonInteractiveUserSignInLogs AADServicePrincipalSignInLogs AADManagedIdentitySignInLogs B2CRequestLogs
MicrosoftServicePrincipalSignInLogs
"""
_AUDIT: Final = """
AuditLogs ProvisioningLogs AADProvisioningLogs RiskyUsers AADRiskyUsers UserRiskEvents AADUserRiskEvents
RiskyServicePrincipals AADRiskyServicePrincipals ServicePrincipalRiskEvents AADServicePrincipalRiskEvents
MicrosoftGraphActivityLogs EnrichedOffice365AuditLogs NetworkAccessTrafficLogs CustomSecurityAttributeAuditLogs
"""

_PERSON: Final[Names] = {
    "userprincipalname": "user.name",
    "userid": "user.id",
    "userdisplayname": "user.full_name",
    "ipaddress": "client.address",
    "useragent": "user_agent.original",
    "appdisplayname": "azure.app.name",
    "appid": "azure.app.id",
    "serviceprincipalname": "azure.service_principal.name",
    "serviceprincipalid": "azure.service_principal.id",
}

_SIGN_IN_NAMES: Final[Names] = {
    **_PERSON,
    "id": "log.record.uid",
    "status.errorCode": number("azure.signin.error_code"),
    "status.failureReason": "azure.signin.failure_reason",
    "conditionalaccessstatus": "azure.signin.conditional_access.status",
    "clientappused": "azure.signin.client_app",
    "resourcedisplayname": "azure.signin.resource.name",
    "resourceid": "azure.signin.resource.id",
    "isinteractive": boolean("azure.signin.interactive"),
    "risklevelaggregated": "azure.risk.level",
    "riskstate": "azure.risk.state",
    "authenticationrequirement": "azure.signin.authentication_requirement",
    "devicedetail.deviceId": "device.id",
    "devicedetail.operatingSystem": "os.description",
    "devicedetail.browser": "browser.brands",
    "location.city": "geo.locality.name",
    "location.countryOrRegion": "geo.country.iso_code",
    "location.geoCoordinates.latitude": number("geo.location.lat"),
    "location.geoCoordinates.longitude": number("geo.location.lon"),
    "autonomoussystemnumber": number("azure.client.asn"),
}

_AUDIT_NAMES: Final[Names] = {
    **_PERSON,
    "id": "log.record.uid",
    "activitydisplayname": "azure.audit.activity",
    "category": "azure.audit.category",
    "loggedbyservice": "azure.audit.service",
    "operationtype": "azure.audit.operation_type",
    "result": "azure.audit.result",
    "resultreason": "azure.audit.result_reason",
    "initiatedby.user.userPrincipalName": "user.name",
    "initiatedby.user.id": "user.id",
    "initiatedby.user.ipAddress": "client.address",
    "initiatedby.app.displayName": "azure.app.name",
    "initiatedby.app.appId": "azure.app.id",
    "targetresources": as_json("azure.audit.targets"),
    "requestmethod": "http.request.method",
    "requesturi": url,
    "responsestatuscode": number("http.response.status_code"),
    "responsesizebytes": number("http.response.body.size"),
    "requestid": "azure.service.request.id",
    "risklevel": "azure.risk.level",
    "riskstate": "azure.risk.state",
    "riskdetail": "azure.risk.detail",
    "riskeventtype": "azure.risk.event_type",
    "riskytype": "azure.risk.type",
    "provisioningaction": "azure.provisioning.action",
    "jobid": "azure.provisioning.job.id",
    "cycleid": "azure.provisioning.cycle.id",
    "changeid": "azure.provisioning.change.id",
}


def _failures_only(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """A reason is given for successes too: it is an error only where the result is none."""
    results = texts_of(rows, (*own("result"), "resulttype", "properties.statusinfo.status"))
    columns["error"] = [
        error or "failure" if result.lower() in ("failure", "failed") else "" if result else error
        for error, result in zip(columns["error"], results, strict=True)
    ]


def _signed_in(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """The code in `resultType` says whether it failed; the words are in `resultDescription`."""
    columns["error"] = [error if error.strip("0") else "" for error in columns["error"]]


SIGN_IN: Final = family(
    "azure.signin",
    _SIGN_INS,
    service_name="entra",
    error=("resulttype", *own("status.errorCode")),
    refine=_signed_in,
    names=_SIGN_IN_NAMES,
)

AUDIT: Final = family(
    "azure.audit",
    _AUDIT,
    service_name="entra",
    name=(
        *own("activitydisplayname", "requestmethod", "provisioningaction", "riskeventtype"),
        *("operationname", "category", "type"),
    ),
    status=own("responsestatuscode"),
    error=("properties.statusinfo.errorCode", *own("resultreason"), "resultdescription"),
    duration=("durationms", *own("durationinmilliseconds", "durationms")),
    refine=_failures_only,
    names=_AUDIT_NAMES,
)

ANY_AUDIT: Final = family(
    "azure.audit",
    service_name="entra",
    resource_types=("microsoft.aadiam",),
    name=(*own("activitydisplayname"), "operationname"),
    error=(*own("resultreason"), "resultdescription"),
    refine=_failures_only,
    names=_AUDIT_NAMES,
)
"""Entra's audit records also come with the category of the activity (Policy, UserManagement, ...)."""
