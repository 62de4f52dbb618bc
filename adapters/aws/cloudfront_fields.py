"""The fields of CloudFront's access logs: their order, and their OpenTelemetry names.

A standard log's file names its fields in `#Fields`; real-time logs have no header: the fields are those that the user
configured, in the order of the documentation. See
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html and
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from .elb_fields import tls_protocol

_STANDARD_ORDER: Final = """
date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query
cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for
ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port
time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end
"""
_REAL_TIME_ORDER: Final = """
timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes x-edge-location
x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version cs-user-agent cs-referer cs-cookie
cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type
fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end c-port
x-edge-detailed-result-type c-country cs-accept-encoding cs-accept cache-behavior-path-pattern cs-headers
cs-header-names cs-headers-count primary-distribution-id primary-distribution-dns-name origin-fbl origin-lbl asn
"""
STANDARD_NAMES, REAL_TIME_NAMES = (tuple(order.split()) for order in (_STANDARD_ORDER, _REAL_TIME_ORDER))

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "c-ip": ("client.address",),
    "c-port": ("client.port",),
    "cs-method": ("http.request.method",),
    "cs-host": ("server.address",),
    "cs-uri-stem": ("url.path",),
    "cs-uri-query": ("url.query",),
    "cs-protocol": ("url.scheme",),
    "sc-status": ("http.response.status_code",),
    "sc-bytes": ("http.response.size",),
    "cs-bytes": ("http.request.size",),
    "cs-user-agent": ("user_agent.original",),
    "cs-referer": ("http.request.header.referer",),
    "x-forwarded-for": ("http.request.header.x-forwarded-for",),
    "x-host-header": ("url.domain",),
    "ssl-cipher": ("tls.cipher",),
    "x-edge-request-id": ("aws.request_id",),
    "sc-content-type": ("http.response.header.content-type",),
    "sc-content-len": ("http.response.body.size",),
    "c-country": ("geo.country.iso_code",),
}
_WHOLE: Final = frozenset({"c-port", "sc-status", "sc-bytes", "cs-bytes", "sc-content-len", "asn", "cs-headers-count"})
_SECONDS: Final = frozenset({"time-taken", "time-to-first-byte", "origin-fbl", "origin-lbl"})
_ENCODED: Final = frozenset({"cs-user-agent", "cs-referer", "cs-uri-stem"})


def plain_name(name: str) -> str:
    """Return the name that standard and real-time logs share.

    >>> plain_name("cs(User-Agent)"), plain_name("c-ip")
    ('cs-user-agent', 'c-ip')
    """
    return name.lower().replace("(", "-").replace(")", "")


def request_attributes(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a line's fields in OpenTelemetry names, the rest under `aws.cloudfront`.

    >>> request_attributes({"sc-status": "200", "cs(User-Agent)": "a%20b", "time-taken": "0.5", "cs(Referer)": "-"})
    {'http.response.status_code': 200, 'user_agent.original': 'a b', 'aws.cloudfront.time_taken': 0.5}
    """
    found: dict[str, Any] = {}
    for name, value in fields.items():
        key = plain_name(name)
        if value in ("-", ""):
            continue
        if key == "ssl-protocol":
            found |= tls_protocol(value)
        elif key == "cs-protocol-version":
            protocol, _, version = value.partition("/")
            found |= {"network.protocol.name": protocol.lower(), "network.protocol.version": version}
        else:
            for attribute in _NAMES.get(key, (f"aws.cloudfront.{key.replace('-', '_')}",)):
                typed = _typed(key, value)
                found[attribute] = [typed] if ".header." in attribute else typed
    return found


def _typed(key: str, value: str) -> Any:
    if key in _WHOLE:
        return int(value) if value.isdecimal() and len(value) < 19 else value
    if key in _SECONDS:
        return float(value) if value.replace(".", "", 1).isdecimal() and len(value) < 19 else value
    return unquote(value) if key in _ENCODED else value
