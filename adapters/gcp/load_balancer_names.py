"""Attribute names of HTTP load balancers' payloads and Cloud Armor's verdicts in them.

See https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring and
https://cloud.google.com/armor/docs/request-logging.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..attribute_readers import number
from ..attribute_table import Names, Reader

_TLS: Final = {"protocol": "tls.protocol.name", "cipher": "tls.cipher", "earlyDataRequest": "tls.early_data_request"}
_MTLS: Final = {
    "clientCertPresent": "mtls.client.cert_present",
    "clientCertChainVerified": "mtls.client.cert_chain_verified",
    "clientCertError": "mtls.client.cert_error",
    "clientCertSha256Fingerprint": "tls.client.hash.sha256",
    "clientCertSerialNumber": "mtls.client.cert_serial_number",
    "clientCertValidStartTime": "tls.client.not_before",
    "clientCertValidEndTime": "tls.client.not_after",
    "clientCertSpiffeId": "mtls.client.cert_spiffe_id",
    "clientCertUriSans": "mtls.client.cert_uri_sans",
    "clientCertURISans": "mtls.client.cert_uri_sans",
    "clientCertDnsnameSans": "mtls.client.cert_dnsname_sans",
    "clientCertIssuerDn": "tls.client.issuer",
    "clientCertSubjectDn": "tls.client.subject",
    "clientCertLeaf": "mtls.client.cert_leaf",
    "clientCertChain": "tls.client.certificate_chain",
}

_POLICY: Final = "gcp.armor.security_policy"
_POLICY_FIELDS: Final[Mapping[str, str]] = {
    "name": f"{_POLICY}.name",
    "priority": f"{_POLICY}.priority",
    "configuredAction": f"{_POLICY}.configured_action",
    "outcome": f"{_POLICY}.outcome",
    "preconfiguredExprIds": f"{_POLICY}.preconfigured.expr_ids",
    "rateLimitAction.key": f"{_POLICY}.rate_limit.action.key",
    "rateLimitAction.outcome": f"{_POLICY}.rate_limit.action.outcome",
    "threatIntelligence.categories": f"{_POLICY}.threat_intelligence.categories",
    "addressGroup.names": f"{_POLICY}.address_group.names",
    "adaptiveProtection.autoDeployAlertId": f"{_POLICY}.adaptive_protection.auto_deploy.alert_id",
}


def _renamed(name: str, fields: Mapping[str, str]) -> Reader:
    """Read an object as one attribute whose keys are renamed."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            return {}
        return {name: {fields.get(key, key): held for key, held in value.items()}}

    return read


def _verdict(kind: str, short: str) -> Reader:
    """Read one policy's verdict: its fields, and all of them together under the kind of policy."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            return {}
        flat = {key: held for key, held in value.items() if not isinstance(held, dict)}
        nested = ((key, held) for key, held in value.items() if isinstance(held, dict))
        flat |= {f"{key}.{inner}": part for key, held in nested for inner, part in held.items()}
        fields = {_POLICY_FIELDS.get(key, f"{_POLICY}.{key}"): held for key, held in flat.items()}
        # Only the policy that was enforced has the plain names: a preview decided nothing.
        plain = {f"{_POLICY}.type": kind, **fields} if short == "enforced" else {}
        return {f"{_POLICY}.type.{short}": fields} | plain

    return read


LOAD_BALANCER_NAMES: Final[Names] = {
    "@type": "gcp.payload.type",
    "statusDetails": "gcp.load_balancing.status.details",
    "remoteIp": "network.peer.address",
    "backendTargetProjectNumber": "gcp.load_balancing.backend_target_project_number",
    "proxyStatus": "gcp.load_balancing.proxy_status",
    "overrideResponseCode": number("gcp.load_balancing.override_response_code"),
    "loadBalancingScheme": "gcp.load_balancing.scheme",
    "errorService": "gcp.load_balancing.error_service",
    "errorBackendStatusDetails": "gcp.load_balancing.error_backend_status.details",
    "backendNetworkName": "gcp.load_balancing.backend_network_name",
    "cacheId": "gcp.load_balancing.cache_id",
    "cacheDecision": "gcp.load_balancing.cache_decision",
    "authPolicyInfo.result": "gcp.load_balancing.auth_policy_info.result",
    "authPolicyInfo.policies": "gcp.load_balancing.auth_policy_info.policies",
    "tls": _renamed("gcp.load_balancing.tls_info", _TLS),
    "mtls": _renamed("gcp.load_balancing.mtls", _MTLS),
    "enforcedSecurityPolicy": _verdict("enforcedSecurityPolicy", "enforced"),
    "previewSecurityPolicy": _verdict("previewSecurityPolicy", "preview"),
    "enforcedEdgeSecurityPolicy": _verdict("enforcedEdgeSecurityPolicy", "enforced_edge"),
    "previewEdgeSecurityPolicy": _verdict("previewEdgeSecurityPolicy", "preview_edge"),
    "securityPolicyRequestData.recaptchaActionToken.score": number(
        "gcp.armor.request_data.recaptcha_action_token.score"
    ),
    "securityPolicyRequestData.recaptchaSessionToken.score": number(
        "gcp.armor.request_data.recaptcha_session_token.score"
    ),
    "securityPolicyRequestData.userIpInfo.source": "gcp.armor.request_data.user_ip.source",
    "securityPolicyRequestData.userIpInfo.ipAddress": "client.address",
    "securityPolicyRequestData.remoteIpInfo.ipAddress": "network.peer.address",
    "securityPolicyRequestData.remoteIpInfo.regionCode": "geo.region.iso_code",
    "securityPolicyRequestData.remoteIpInfo.asn": number("gcp.armor.request_data.remote_ip.asn"),
    "securityPolicyRequestData.tlsJa4Fingerprint": "tls.client.ja4",
    "securityPolicyRequestData.tlsJa3Fingerprint": "tls.client.ja3",
}
