"""Attribute names of the activity log: the caller's identity, and the fields of each category.

Used by the activity log's parser. Names follow OpenTelemetry's collector. See
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..attribute_readers import as_json, boolean, decoded, epoch_seconds, number
from ..attribute_table import Names
from .categories.family import COMMON, own_names

_MICROSOFT: Final = "http://schemas.microsoft.com"
_XML: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"

_CLAIMS: Final[Names] = {
    "identity.claims.aud": "azure.identity.audience",
    "identity.claims.iss": "azure.identity.issuer",
    "identity.claims.sub": "azure.identity.subject",
    "identity.claims.exp": epoch_seconds("azure.identity.not_after"),
    "identity.claims.nbf": epoch_seconds("azure.identity.not_before"),
    "identity.claims.iat": epoch_seconds("azure.identity.created"),
    "identity.claims.idtyp": "azure.identity.type",
    "identity.claims.appid": "azure.identity.application.id",
    "identity.claims.name": "user.full_name",
    f"identity.claims.{_MICROSOFT}/identity/claims/scope": "azure.identity.scope",
    f"identity.claims.{_MICROSOFT}/claims/authnmethodsreferences": "azure.identity.auth.methods.references",
    f"identity.claims.{_MICROSOFT}/identity/claims/identityprovider": "azure.identity.provider",
    f"identity.claims.{_MICROSOFT}/identity/claims/objectidentifier": "azure.identity.identifier.object",
    f"identity.claims.{_XML}/nameidentifier": "user.id",
    f"identity.claims.{_XML}/emailaddress": "user.email",
    f"identity.claims.{_XML}/upn": "user.name",
}

_EVIDENCE: Final = "identity.authorization.evidence"
_EVIDENCE_NAMES: Final[Names] = {
    f"{_EVIDENCE}.{field}": f"azure.{_EVIDENCE}.{name}"
    for field, name in {
        "role": "role",
        "roleAssignmentScope": "role.assignment.scope",
        "roleAssignmentId": "role.assignment.id",
        "roleDefinitionId": "role.definition.id",
        "principalId": "principal.id",
        "principalType": "principal.type",
    }.items()
}

SHARED: Final[Names] = {
    **COMMON,
    **_CLAIMS,
    **_EVIDENCE_NAMES,
    "caller": "user.name",
    "categoryvalue": "azure.category",
    "category.value": "azure.category",
    "operationname.value": "azure.operation.name",
    "status.value": "azure.result.type",
    "activitystatusvalue": "azure.result.type",
    "substatus.value": "azure.result.signature",
    "activitysubstatusvalue": "azure.result.signature",
    "eventdataid": "log.record.uid",
    "subscriptionid": "cloud.account.id",
    "httprequest.clientIpAddress": "client.address",
    "httprequest.clientRequestId": "azure.service.request.id",
    "httprequest.method": "http.request.method",
    "resourceprovidername.value": "azure.resource.provider.name",
    "resourcetype.value": "azure.resource.type",
    "resourcegroupname": "azure.resource.group.name",
}
"""Fields of all categories, in exports and in the API's form."""


def _renamed(prefix: str, fields: str, others: Names | None = None) -> Names:
    """Return names under a prefix: `field` or `field=name` each."""
    pairs = (one.partition("=") for one in fields.split())
    return {field: f"{prefix}.{name or field}" for field, _, name in pairs} | dict(others or {})


_PIM: Final[Names] = _renamed(
    "azure",
    """
    resourcegroupname=resource.group.name resourceprovidername=resource.provider.name resourcetype=resource.type
    tenantid=tenant.id eventname=pim.event.name eventid=pim.event.id
    roleassignmentrequestid=pim.role.assignment.request.id roledefinition=pim.role.definition.name
    roledefinitionoriginid=pim.role.definition.origin.id justification=pim.justification subjectid=pim.subject.id
    subjectname=pim.subject.name actiontype=pim.action.type originroleassignmentid=pim.role.assignment.origin.id
    """,
    {"callerinfo": decoded("azure.pim.caller"), "subscriptionid": "cloud.account.id"},
)

_OWN: Final[Mapping[str, Names]] = {
    "administrative": {
        **_renamed("azure.administrative", "entity message hierarchy"),
        **_PIM,
        "statusmessage": decoded("azure.administrative.status_message"),
        "requestbody": decoded("azure.administrative.request_body"),
        "responsebody": decoded("azure.administrative.response_body"),
        "statuscode": "azure.administrative.status_code",
    },
    "alert": _renamed(
        "azure.alert",
        """
        webhookuri=webhook.uri ruleuri=rule.uri rulename=rule.name ruledescription=rule.description threshold
        windowsizeinminutes=window_size_minutes aggregation operator metricname=metric.name metricunit=metric.unit
        """,
    ),
    "autoscale": _renamed(
        "azure.autoscale",
        """
        description resourcename=resource.name oldinstancescount=instances.previous_count
        newinstancescount=instances.count lastscaleactiontime=resource.last_scale
        """,
    ),
    "security": _renamed(
        "azure.security",
        "accountlogonid=account_logon_id domainname=domain_name actiontaken=action_taken severity",
        {
            "commandline": "process.command_line",
            "processname": "process.executable.path",
            "processid": number("process.pid"),
            "parentprocess id": number("process.parent_pid"),
            "parentprocess": "azure.security.parent_process",
            "username": "process.owner",
            "usersid": "enduser.id",
        },
    ),
    "policy": _renamed(
        "azure.policy",
        "ancestors hierarchy",
        {
            "iscompliancecheck": boolean("azure.policy.compliance_check"),
            "resourcelocation": "azure.location",
            "policies": lambda value: _policies(value),
        },
    ),
    "servicehealth": _renamed(
        "azure.servicehealth",
        """
        title service region communication=communication.body communicationid=communication.id
        incidenttype=incident.type trackingid=tracking.id impactstarttime=impact.start
        impactmitigationtime=impact.mitigation impacttype=impact.type impactcategory=impact.category
        defaultlanguagetitle=default_language.title defaultlanguagecontent=default_language.content stage=state
        maintenanceid=maintenance.id maintenancetype=maintenance.type
        """,
        {
            "ishir": boolean("azure.servicehealth.is_hir"),
            "issynthetic": boolean("azure.servicehealth.is_synthetic"),
            "impactedservices": lambda value: _impacted(value),
        },
    ),
    "recommendation": _renamed(
        "azure.recommendation",
        """
        recommendationschemaversion=schema_version recommendationcategory=category recommendationimpact=impact
        recommendationname=name recommendationresourcelink=link recommendationtype=type recommendationrisk=risk
        """,
    ),
    "resourcehealth": _renamed(
        "azure.resourcehealth",
        "title details currenthealthstatus=state previoushealthstatus=previous_state type cause",
    ),
}

_TABLES: Final[Mapping[str, Names]] = {
    category: {**SHARED, **{path: name for path, name in own_names(names).items() if path.startswith("properties.")}}
    for category, names in _OWN.items()
}


def activity_names(category: str) -> Names:
    """Return the table of a category, in lower case.

    >>> activity_names("resourcehealth")["properties.cause"]
    'azure.resourcehealth.cause'
    """
    return _TABLES.get(category, SHARED)


_POLICY_FIELDS: Final = {
    "policyDefinitionId": "definition.id",
    "policyDefinitionName": "definition.name",
    "policyDefinitionDisplayName": "definition.display_name",
    "policyDefinitionVersion": "definition.version",
    "policyDefinitionEffect": "definition.effect",
    "policyDefinitionReferenceId": "definition.reference_id",
    "policySetDefinitionId": "set_definition.id",
    "policySetDefinitionName": "set_definition.name",
    "policySetDefinitionDisplayName": "set_definition.display_name",
    "policySetDefinitionVersion": "set_definition.version",
    "policyAssignmentId": "assignment.id",
    "policyAssignmentName": "assignment.name",
    "policyAssignmentDisplayName": "assignment.display_name",
    "policyAssignmentScope": "assignment.scope",
}
_SERVICE_FIELDS: Final = {"ServiceName": "name", "ServiceId": "id", "ServiceGuid": "guid", "ImpactedRegions": "regions"}
_REGION_FIELDS: Final = {"RegionName": "name", "RegionId": "id"}


def _policies(value: Any) -> dict[str, Any]:
    return _listed("azure.policy.policies", value, _POLICY_FIELDS)


def _impacted(value: Any) -> dict[str, Any]:
    return _listed("azure.servicehealth.impact.services", value, _SERVICE_FIELDS)


def _listed(name: str, value: Any, fields: Mapping[str, str]) -> dict[str, Any]:
    """Read a list of objects, which stands as JSON in a text."""
    held = dict(decoded(name)(value)).get(name)
    if not isinstance(held, list):
        return dict(as_json(name)(value))
    return {name: [_named(one, fields) for one in held]}


def _named(one: Any, fields: Mapping[str, str]) -> Any:
    if not isinstance(one, dict):
        return one
    found = {fields.get(key, key): value for key, value in one.items()}
    if isinstance(regions := found.get("regions"), list):
        found["regions"] = [_named(region, _REGION_FIELDS) for region in regions]
    return found
