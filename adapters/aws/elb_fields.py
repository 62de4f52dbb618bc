"""The fields of load balancers' access log lines, in OpenTelemetry names.

Shared by the parsers of application, network and classic load balancers. See
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...domain.columns import NO_DURATION
from ..number_columns import duration_column
from ..text_lines import host_of

_ALB = """
type time elb client target request_processing_time target_processing_time response_processing_time elb_status_code
target_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol target_group_arn trace_id
domain_name chosen_cert_arn matched_rule_priority request_creation_time actions_executed redirect_url error_reason
target_port_list target_status_code_list classification classification_reason conn_trace_id transformed_host
transformed_uri request_transform_status
"""
_NLB = """
type version time elb listener client target connection_time tls_handshake_time received_bytes sent_bytes
incoming_tls_alert chosen_cert_arn chosen_cert_serial tls_cipher tls_protocol_version tls_named_group domain_name
alpn_fe_protocol alpn_be_protocol alpn_client_preference_list tls_connection_creation_time
"""
_CLB = """
time elb client target request_processing_time target_processing_time response_processing_time elb_status_code
target_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol
"""

ALB_NAMES, NLB_NAMES, CLB_NAMES = (tuple(names.split()) for names in (_ALB, _NLB, _CLB))
"""Fields in their order; a line may have fewer (older) or more (newer)."""


def total_duration(parts: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    """Return the sum of times in seconds as microseconds; -1 is written where a step did not happen.

    >>> total_duration([["0.5", "-1"], ["0.25", "-1"]]).tolist()
    [750000, -1]
    """
    steps = [duration_column(part, "s") for part in parts]
    known = np.array([step != NO_DURATION for step in steps])
    total = np.array([np.where(step == NO_DURATION, 0, step) for step in steps]).sum(axis=0)
    return np.where(known.any(axis=0), total, NO_DURATION)


def tls_protocol(text: str) -> dict[str, str]:
    """Return name and version of a TLS protocol.

    >>> tls_protocol("TLSv1.2"), tls_protocol("tlsv13")["tls.protocol.version"]
    ({'tls.protocol.name': 'tls', 'tls.protocol.version': '1.2'}, '1.3')
    """
    name, _, version = text.lower().partition("v")
    version = f"{version[0]}.{version[1:].lstrip('.')}" if len(version) > 1 else version
    return {"tls.protocol.name": name, "tls.protocol.version": version}


_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "elb_status_code": ("http.response.status_code", "aws.elb.status.code"),
    "target_status_code": ("aws.elb.backend.status.code",),
    "received_bytes": ("http.request.size",),
    "sent_bytes": ("http.response.size",),
    "user_agent": ("user_agent.original",),
    "ssl_cipher": ("tls.cipher",),
    "tls_cipher": ("tls.cipher",),
    "tls_named_group": ("tls.curve",),
    "domain_name": ("server.address", "url.domain"),
    "trace_id": ("aws.elb.aws_trace_id",),
    "conn_trace_id": ("aws.elb.connection_trace_id",),
    "listener": ("aws.elb.tls.listener.resource_id",),
    "type": ("network.protocol.name",),
    "version": ("aws.elb.log.version",),
}
"""Names of fields, in OpenTelemetry's conventions and as its collector writes them; others are `aws.elb.<field>`."""

_WHOLE: Final = frozenset(
    ["elb_status_code", "target_status_code", "received_bytes", "sent_bytes", "connection_time", "tls_handshake_time"]
)
_FRACTION: Final = frozenset(["request_processing_time", "target_processing_time", "response_processing_time"])
_LISTS: Final = {"actions_executed": ",", "target_port_list": " ", "target_status_code_list": " "}
_ELSEWHERE: Final = frozenset({"client", "target", "request", "ssl_protocol", "tls_protocol_version"})


def http_attributes(fields: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """Return the fields of a load balancer's line in OpenTelemetry names, the rest under a prefix.

    >>> http_attributes({"request": "GET http://a/ HTTP/1.1", "client": "10.0.0.1:8", "elb": "-"}, "aws.elb")
    ... # doctest: +NORMALIZE_WHITESPACE
    {'client.address': '10.0.0.1', 'client.port': 8, 'http.request.method': 'GET', 'url.full': 'http://a/',
     'network.protocol.name': 'http', 'network.protocol.version': '1.1'}
    """
    found = _sides(fields) | _request(fields.get("request", ""))
    for key in ("ssl_protocol", "tls_protocol_version"):
        if fields.get(key, "-") not in ("-", ""):
            found |= tls_protocol(fields[key])
    for key, value in fields.items():
        if value not in ("-", "") and key not in _ELSEWHERE:
            for name in _NAMES.get(key, (f"{prefix}.{key}",)):
                found[name] = _typed(key, value)
    return found


def _typed(key: str, value: str) -> Any:
    if key in _WHOLE:
        return int(value) if value.isdecimal() and len(value) < 19 else value
    if key in _FRACTION:
        return float(value) if value.replace(".", "", 1).lstrip("-").isdecimal() and len(value) < 19 else value
    return value.split(_LISTS[key]) if key in _LISTS else value


def _sides(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return both ends: the target is the peer of the balancer's socket, and where the request went."""
    found: dict[str, Any] = {}
    for names, key in ((("client",), "client"), (("network.peer", "destination"), "target")):
        address, port = host_of(fields.get(key, "-")), fields.get(key, "-").rpartition(":")[2]
        for side in names if address else ():
            found[f"{side}.address"] = address
            if port.isdecimal() and port != fields[key]:
                found[f"{side}.port"] = int(port[:9])
    return found


def _request(request: str) -> dict[str, Any]:
    method, _, rest = request.partition(" ")
    url, _, version = rest.rpartition(" HTTP/") if " HTTP/" in rest else (rest, "", "")
    named = {
        "http.request.method": method,
        "url.full": url.rstrip(" -"),
        "network.protocol.name": "http" if version.strip() else "",
        "network.protocol.version": version.strip(),
    }
    return {name: value for name, value in named.items() if value and value not in ("-", "http://-:0")}
