"""Attribute names of audit logs' payloads, as OpenTelemetry's collector has them.

See https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog.
"""

from __future__ import annotations

from typing import Any, Final

from ..attribute_readers import also, as_json, lower, number
from ..attribute_table import Names

_GRANT: Final = ("permission", "granted", "resource")


def _authorization(value: Any) -> dict[str, Any]:
    """Read who was granted what; an item with more than that is kept whole beside it."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return {}
    grants = [{key: one[key] for key in _GRANT if one.get(key) not in (None, "")} for one in value]
    found: dict[str, Any] = {"gcp.audit.authorization": grants}
    if any(set(one) - set(_GRANT) for one in value):
        found["gcp.audit.authorizationInfo"] = value
    return found


def _headers(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    return {f"http.request.header.{key.lower()}": held for key, held in value.items() if held}


_REQUEST: Final = "requestMetadata.requestAttributes"
_DESTINATION: Final = "requestMetadata.destinationAttributes"
_VIOLATION: Final = "policyViolationInfo.orgPolicyViolationInfo"

AUDIT_NAMES: Final[Names] = {
    "@type": "gcp.payload.type",
    "serviceName": also("gcp.audit.service.name", "rpc.system.name"),
    "methodName": also("gcp.audit.method.name", "rpc.method"),
    "resourceName": "gcp.audit.resource.name",
    "resourceLocation.currentLocations": "gcp.audit.resource.location.current",
    "resourceLocation.originalLocations": "gcp.audit.resource.location.original",
    "numResponseItems": number("gcp.audit.response.items"),
    "status.code": number("rpc.jsonrpc.error_code"),
    "status.message": also("rpc.jsonrpc.error_message", "error.message"),
    "authenticationInfo.principalEmail": also("user.email", "user.name"),
    "authenticationInfo.principalSubject": "user.id",
    "authenticationInfo.authoritySelector": "gcp.audit.authentication.authority_selector",
    "authenticationInfo.serviceAccountKeyName": "gcp.audit.authentication.service_account.key.name",
    "authorizationInfo": _authorization,
    "requestMetadata.callerIp": "client.address",
    "requestMetadata.callerSuppliedUserAgent": "user_agent.original",
    "requestMetadata.callerNetwork": "gcp.audit.request.caller.network",
    f"{_REQUEST}.id": "http.request.id",
    f"{_REQUEST}.method": "http.request.method",
    f"{_REQUEST}.headers": _headers,
    f"{_REQUEST}.path": "url.path",
    f"{_REQUEST}.host": "http.request.header.host",
    f"{_REQUEST}.scheme": "url.scheme",
    f"{_REQUEST}.query": "url.query",
    f"{_REQUEST}.time": "gcp.audit.request.time",
    f"{_REQUEST}.size": number("http.request.size"),
    f"{_REQUEST}.protocol": lower("network.protocol.name"),
    f"{_REQUEST}.reason": "gcp.audit.request.reason",
    f"{_REQUEST}.auth.principal": "gcp.audit.request.auth.principal",
    f"{_REQUEST}.auth.audiences": "gcp.audit.request.auth.audiences",
    f"{_REQUEST}.auth.presenter": "gcp.audit.request.auth.presenter",
    f"{_REQUEST}.auth.accessLevels": "gcp.audit.request.auth.access_levels",
    f"{_DESTINATION}.ip": "server.address",
    f"{_DESTINATION}.port": number("server.port"),
    f"{_DESTINATION}.labels": as_json("gcp.audit.destination.label"),
    f"{_DESTINATION}.principal": "gcp.audit.destination.principal",
    f"{_DESTINATION}.regionCode": "gcp.audit.destination.region_code",
    f"{_VIOLATION}.resourceType": "gcp.audit.policy_violation.resource.type",
    f"{_VIOLATION}.resourceTags": as_json("gcp.audit.policy_violation.resource.tags"),
    f"{_VIOLATION}.violationInfo": lambda value: _violations(value),
}

_VIOLATION_FIELDS: Final = {
    "errorMessage": "error_message",
    "checkedValue": "checked_value",
    "policyType": "policy_type",
}


def _violations(value: Any) -> dict[str, Any]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return {}
    renamed = [{_VIOLATION_FIELDS.get(key, key): held for key, held in one.items()} for one in value]
    return {"gcp.audit.policy_violation.info": renamed}
