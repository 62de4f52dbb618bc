"""The fields of CloudTrail events in OpenTelemetry names, decoded on demand.

Names that the conventions lack are those that OpenTelemetry's collector writes (`aws.request.parameters`,
`aws.user_identity`, ...); whatever CloudTrail adds later stands under `aws.cloudtrail`. See
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ..field_paths import Row, flattened, object_at

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "eventID": ("log.record.uid", "aws.cloudtrail.event_id"),
    "eventName": ("rpc.method",),
    "eventSource": ("aws.event_source",),
    "eventType": ("aws.event.type",),
    "eventCategory": ("aws.event.category",),
    "requestID": ("aws.request_id",),
    "recipientAccountId": ("cloud.account.id",),
    "awsRegion": ("cloud.region",),
    "sourceIPAddress": ("client.address", "source.address"),
    "userAgent": ("user_agent.original",),
    "errorCode": ("error.type", "aws.error.code"),
    "errorMessage": ("aws.error.message",),
    "readOnly": ("aws.event.read_only",),
    "managementEvent": ("aws.event.management",),
    "sharedEventID": ("aws.shared_event_id",),
    "vpcEndpointId": ("aws.vpc.endpoint.id",),
}
_OBJECTS: Final = {
    "requestParameters": "aws.request.parameters",
    "responseElements": "aws.response.elements",
    "additionalEventData": "aws.cloudtrail.additional_event_data",
    "insightDetails": "aws.insight_details",
}
_IDENTITY: Final = {
    "type": "aws.user_identity.principal.type",
    "principalId": "aws.user_identity.principal.id",
    "arn": "aws.user_identity.principal.arn",
    "accountId": "aws.user_identity.account_id",
    "accessKeyId": "aws.access_key.id",
    "invokedBy": "aws.user_identity.invoked_by",
    "identityStoreArn": "aws.identity_store.arn",
    "sessionContext.attributes.mfaAuthenticated": "aws.user_identity.session_context.attributes.mfa_authenticated",
    "sessionContext.attributes.creationDate": "aws.user_identity.session_context.attributes.creation_date",
    "sessionContext.sessionIssuer.type": "aws.user_identity.session_context.issuer.type",
    "sessionContext.sessionIssuer.principalId": "aws.user_identity.session_context.issuer.principal_id",
    "sessionContext.sessionIssuer.arn": "aws.user_identity.session_context.issuer.arn",
    "sessionContext.sessionIssuer.accountId": "aws.user_identity.session_context.issuer.account_id",
    "sessionContext.sessionIssuer.userName": "aws.user_identity.session_context.issuer.user_name",
}
_TLS: Final = {
    "tlsVersion": "tls.protocol.version",
    "cipherSuite": "tls.cipher",
    "clientProvidedHostHeader": "server.address",
}
_RESOURCE: Final = {"accountId": "account.id", "ARN": "arn"}
_SENTENCE: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def event_attributes(event: Row) -> dict[str, Any]:
    """Return an event's attributes.

    >>> event_attributes({"eventName": "Get", "tlsDetails": {"tlsVersion": "TLSv1.3"}, "apiVersion": "2"})
    {'rpc.method': 'Get', 'tls.protocol.version': '1.3', 'aws.cloudtrail.api_version': '2'}
    """
    found: dict[str, Any] = {}
    for key, value in event.items():
        if key in _OBJECTS:
            found |= flattened(value, _OBJECTS[key])
        elif key in _NAMES:
            found |= dict.fromkeys(_NAMES[key], value)
        elif key == "userIdentity" and isinstance(value, dict):
            found |= _identity(value)
        elif key == "tlsDetails" and isinstance(value, dict):
            found |= _tls(value)
        elif key == "resources" and isinstance(value, list):
            found["aws.resources"] = [_resource(one) for one in value]
        else:
            found |= flattened(value, f"aws.cloudtrail.{_snake(key)}")
    return {name: value for name, value in found.items() if value not in (None, "", {}, [])}


def _identity(identity: Row) -> dict[str, Any]:
    named = {_IDENTITY.get(path) or f"aws.user_identity.{path}": v for path, v in flattened(identity, "").items()}
    session = object_at(object_at(identity, "sessionContext"), "sessionIssuer")
    named["user.id"] = identity.get("userId") or identity.get("principalId")
    named["user.name"] = identity.get("userName") or session.get("userName") or identity.get("arn")
    named.pop("aws.user_identity.userName", None)
    mfa = "aws.user_identity.session_context.attributes.mfa_authenticated"
    if named.get(mfa) in ("true", "false"):
        named[mfa] = named[mfa] == "true"
    return named


def _tls(details: Row) -> dict[str, Any]:
    named = {_TLS.get(key) or f"aws.cloudtrail.tls.{_snake(key)}": value for key, value in details.items()}
    version = named.get("tls.protocol.version")
    if isinstance(version, str):
        named["tls.protocol.version"] = version.removeprefix("TLSv")
    return named


def _resource(resource: Any) -> Any:
    return {_RESOURCE.get(k, k): v for k, v in resource.items()} if isinstance(resource, dict) else resource


def _snake(key: str) -> str:
    return _SENTENCE.sub("_", key).lower()
