"""Parse the verdicts of AWS WAF's web ACLs.

The web ACL is an ARN; that of a CloudFront distribution lies in us-east-1 with the scope `global/`. Rule lists and
labels are kept. See https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...domain.events import PeerRole
from ..field_map import FieldMap
from ..mapped_parser import MappedParser

_FIELDS: Final = FieldMap(
    format="aws.waf",
    provider="aws",
    time=("timestamp",),
    record_id="httpRequest.requestId",
    name=("action",),
    service=("httpSourceName",),
    resource=("webaclId",),
    status=("responseCodeSent",),
    names=("webaclId", "httpSourceId"),
    peer=("httpRequest.clientIp",),
    peer_role=PeerRole.CALLER,
    attributes={
        "action": "aws.waf.action",
        "terminatingRuleId": "aws.waf.terminating_rule.id",
        "terminatingRuleType": "aws.waf.terminating_rule.type",
        "httpSourceId": "aws.waf.source.id",
        "httpSourceName": "aws.waf.source.name",
        "httpRequest.clientIp": "client.address",
        "httpRequest.country": "geo.country.iso_code",
        "httpRequest.uri": "url.path",
        "httpRequest.args": "url.query",
        "httpRequest.fragment": "url.fragment",
        "httpRequest.scheme": "url.scheme",
        "httpRequest.host": "server.address",
        "httpRequest.httpMethod": "http.request.method",
        "httpRequest.requestId": "aws.request_id",
        "httpRequest.requestID": "aws.request_id",
        "httpRequest.httpVersion": "network.protocol.version",
        "httpRequest.headers": "headers",
        "responseCodeSent": "http.response.status_code",
        "ja3Fingerprint": "tls.client.ja3",
        "ja4Fingerprint": "tls.client.ja4",
        "webaclId": "cloud.resource_id",
    },
)


class _WafParser(MappedParser):
    """Verdicts of web ACLs; each header of the request is an attribute."""

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a verdict's attributes in OpenTelemetry names."""
        found = super().attributes(body, context)
        headers = found.pop("headers", None)
        version = found.get("network.protocol.version")
        if isinstance(version, str) and version.startswith("HTTP/"):
            found |= {"network.protocol.name": "http", "network.protocol.version": version.removeprefix("HTTP/")}
        return found | header_attributes(headers)


def header_attributes(headers: Any) -> dict[str, list[str]]:
    """Return a request's headers as attributes, each with all its values.

    >>> header_attributes([{"name": "Host", "value": "a"}, {"name": "x", "value": "1"}, {"name": "x", "value": "2"}])
    {'http.request.header.host': ['a'], 'http.request.header.x': ['1', '2']}
    """
    found: dict[str, list[str]] = {}
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, dict) and isinstance(header.get("name"), str):
            found.setdefault(f"http.request.header.{header['name'].lower()}", []).append(str(header.get("value", "")))
    return found


WAF_PARSER: Final = _WafParser(_FIELDS, {"webaclId": str, "terminatingRuleId": str, "httpRequest": dict})
