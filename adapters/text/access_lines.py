"""Read access log lines of web servers and proxies: Apache, nginx, ingress-nginx, Envoy, Istio.

One of the forms of text lines. The common start of each form is required; what a server was told to append (times,
upstreams, forwarded addresses) is read where it is of a documented kind and left alone otherwise. See
https://httpd.apache.org/docs/current/logs.html, https://nginx.org/en/docs/http/ngx_http_log_module.html,
https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/,
https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage and
https://istio.io/latest/docs/tasks/observability/logs/access-log/#default-access-log-format.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ...domain.events import Flag
from ...domain.timestamps import parse_timestamp_ns
from ..number_columns import duration_column
from .line_facts import LineFacts

_QUOTED: Final = r'"((?:[^"\\]|\\.){0,8192})"'

_COMBINED: Final = re.compile(
    r"(?:([\w.*-]{1,255}:\d{1,5}) )?(\S{1,64}) \S{1,64} (?:\[[^\]\s]{0,64}\] - )?([^\[\"]{1,128}) "
    rf"\[([^\]]{{10,40}})\] {_QUOTED} (\d{{3}}) (\d+|-)(?: {_QUOTED} {_QUOTED})?"
)
_INGRESS: Final = re.compile(
    r" (\d+) (\d+\.\d+) \[([^\]]{0,253})\] (?:\[([^\]]{0,253})\] )?(\S{1,255}(?:[,:] \S{1,255}){0,16})"
    r" ([\d-]{1,20}(?:[,:] [\d-]{1,20}){0,16}) ([\d.-]{1,20}(?:[,:] [\d.-]{1,20}){0,16})"
    r" ([\d-]{1,5}(?:[,:] [\d-]{1,5}){0,16})(?: (\S{1,128}))?"
)
_SECONDS: Final = re.compile(r"(?: \"[^\"]*\")? (?:(?:rt|request_time)=\"?)?(\d{1,7}\.\d{1,6})(?![.\d])")

_ENVOY: Final = re.compile(
    rf"\[(\d{{4}}-\d\d-\d\dT[\d:.]+Z)\] {_QUOTED} (\d{{1,3}}) (\S{{1,64}})"
    r"(?: (?!\d+ \d+ \d+ )(?:\"[^\"]{0,1024}\"|\S{1,512})){0,4} (\d+) (\d+) (\d+) (\d+|-)"
)
_ENVOY_TAIL: Final = re.compile(rf" {_QUOTED} {_QUOTED} {_QUOTED} {_QUOTED} {_QUOTED}(?: (\S{{1,512}}))?")
_OUTBOUND: Final = re.compile(r" outbound\|(\d+)\|[^|\s]*\|([A-Za-z0-9.-]+)")

_NOT_FAILED: Final = range(1, 500)


def access_facts(line: str) -> LineFacts | None:
    """Return what an access log line says, None where it is none.

    >>> access_facts('10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.0" 502 23').status
    502
    """
    if found := _COMBINED.match(line):
        return _combined_facts(found, line)
    return _envoy_facts(found, line) if (found := _ENVOY.match(line)) else None


def access_attributes(line: str) -> dict[str, Any] | None:
    """Return an access log line's attributes in OpenTelemetry names, None where it is none.

    >>> access_attributes('10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /a?b=1 HTTP/1.0" 502 23')["url.query"]
    'b=1'
    """
    if found := _COMBINED.match(line):
        attributes = _combined_attributes(found, line)
    elif found := _ENVOY.match(line):
        attributes = _envoy_attributes(found, line)
    else:
        return None
    return {name: value for name, value in attributes.items() if value not in (None, "", "-")}


def _combined_facts(found: re.Match[str], line: str) -> LineFacts:
    upstream = _INGRESS.match(line, found.end())
    seconds = upstream[2] if upstream else _seconds(line, found.end())
    peer = _last(upstream[5]) if upstream else ""
    return LineFacts(
        instant_ns=parse_timestamp_ns(found[4]) or 0,
        status=int(found[6]),
        duration_us=int(duration_column([seconds], "s")[0]) if seconds else -1,
        name=_method(found[5]),
        peer=peer,
        flags=int(Flag.ORIGIN_EXTERNAL) if peer else 0,
    )


def _seconds(line: str, at: int) -> str:
    found = _SECONDS.match(line, at)
    return found[1] if found else ""


def _envoy_facts(found: re.Match[str], line: str) -> LineFacts:
    status, flags = int(found[3]), found[4] if found[4] != "-" else ""
    out = _OUTBOUND.search(line, found.end())
    return LineFacts(
        instant_ns=parse_timestamp_ns(found[1]) or 0,
        status=status,
        duration_us=int(duration_column([found[7]], "ms")[0]),
        name=_method(found[2]),
        peer=f"{out[2]}:{out[1]}" if out else "",
        error=flags if status not in _NOT_FAILED else "",
    )


def _method(request: str) -> str:
    method = request.partition(" ")[0]
    return method if method.isalpha() and method.isupper() and len(method) <= 10 else ""


def _last(values: str) -> str:
    """Return the last of the upstreams that were tried."""
    value = values.rpartition(" ")[2]
    return value if value != "-" else ""


def _request_attributes(request: str) -> dict[str, Any]:
    method, _, rest = request.partition(" ")
    target, _, protocol = rest.rpartition(" ")
    path, _, query = target.partition("?")
    name, _, version = protocol.partition("/")
    known = bool(_method(request))
    return {
        "http.request.method": method if known else None,
        "url.original": target if known and not target.startswith("/") else None,
        "url.path": path if known and target.startswith("/") else None,
        "url.query": query if known and target.startswith("/") else None,
        "network.protocol.name": name.lower() if known and version else None,
        "network.protocol.version": version if known else None,
    }


def _combined_attributes(found: re.Match[str], line: str) -> dict[str, Any]:
    attributes = {
        "server.address": (found[1] or "").rpartition(":")[0],
        "client.address": found[2],
        "user.name": found[3].rpartition(" ")[2],
        **_request_attributes(found[5]),
        "http.response.status_code": int(found[6]),
        "http.response.body.size": _number(found[7]),
        "http.request.header.referer": [found[8]] if found[8] not in (None, "", "-") else None,
        "user_agent.original": found[9],
    }
    if upstream := _INGRESS.match(line, found.end()):
        attributes |= {
            "http.request.size": _number(upstream[1]),
            "nginx.request_time": float(upstream[2]),
            "nginx.proxy_upstream_name": upstream[3],
            "nginx.proxy_alternative_upstream_name": upstream[4],
            "nginx.upstream_addr": upstream[5],
            "nginx.upstream_response_length": upstream[6],
            "nginx.upstream_response_time": upstream[7],
            "nginx.upstream_status": upstream[8],
            "http.request.header.x-request-id": [upstream[9]] if upstream[9] else None,
        }
    elif seconds := _seconds(line, found.end()):
        attributes["nginx.request_time"] = float(seconds)
    return attributes


def _envoy_attributes(found: re.Match[str], line: str) -> dict[str, Any]:
    attributes = {
        **_request_attributes(found[2]),
        "http.response.status_code": int(found[3]) or None,
        "envoy.response_flags": found[4],
        "http.request.body.size": int(found[5]),
        "http.response.body.size": int(found[6]),
        "envoy.duration": int(found[7]),
        "envoy.upstream_service_time": _number(found[8]),
    }
    if tail := _ENVOY_TAIL.match(line, found.end()):
        attributes |= {
            "http.request.header.x-forwarded-for": [tail[1]] if tail[1] != "-" else None,
            "user_agent.original": tail[2],
            "http.request.header.x-request-id": [tail[3]] if tail[3] != "-" else None,
            **_endpoint("server", tail[4]),
            **_endpoint("network.peer", tail[5]),
            "envoy.upstream_cluster": tail[6],
        }
    return attributes


def _endpoint(name: str, text: str) -> dict[str, Any]:
    """Return a host's address and port; brackets of an IPv6 address are left out."""
    address, _, port = text.rpartition(":")
    if not (address and port.isdecimal()) or (":" in address and address[0] != "["):
        address, port = text, ""
    return {f"{name}.address": address.strip("[]"), f"{name}.port": _number(port)}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
