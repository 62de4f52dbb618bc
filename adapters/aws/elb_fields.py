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

    >>> tls_protocol("TLSv1.2")
    {'tls.protocol.name': 'tls', 'tls.protocol.version': '1.2'}
    """
    name, _, version = text.lower().partition("v")
    version = f"{version[0]}.{version[1:].lstrip('.')}" if len(version) > 1 else version
    return {"tls.protocol.name": name, "tls.protocol.version": version}


_STANDARD: Final = {
    "elb_status_code": ("http.response.status_code", int),
    "received_bytes": ("http.request.size", int),
    "sent_bytes": ("http.response.size", int),
    "user_agent": ("user_agent.original", str),
    "ssl_cipher": ("tls.cipher", str),
    "domain_name": ("server.address", str),
}


def http_attributes(fields: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """Return the fields of a load balancer's line in OpenTelemetry names, the rest under a prefix.

    >>> http_attributes({"request": "GET http://a/ HTTP/1.1", "client": "10.0.0.1:8", "elb": "-"}, "aws.elb")
    ... # doctest: +NORMALIZE_WHITESPACE
    {'client.address': '10.0.0.1', 'client.port': 8, 'http.request.method': 'GET', 'url.full': 'http://a/',
     'network.protocol.version': '1.1'}
    """
    found: dict[str, Any] = {}
    for side, key in (("client", "client"), ("network.peer", "target")):
        address, port = fields.get(key, "-"), fields.get(key, "-").rpartition(":")[2]
        if host_of(address):
            found[f"{side}.address"] = host_of(address)
            found |= {f"{side}.port": int(port)} if port.isdecimal() and port != address else {}
    method, _, rest = fields.get("request", "").partition(" ")
    url, _, version = rest.rpartition(" HTTP/") if " HTTP/" in rest else (rest, "", "")
    named = {"http.request.method": method, "url.full": url.rstrip(" -"), "network.protocol.version": version.strip()}
    found |= {name: value for name, value in named.items() if value and value not in ("-", "http://-:0")}
    for key, value in fields.items():
        if value in ("-", "") or key in ("client", "target", "request"):
            continue
        if key == "ssl_protocol":
            found |= tls_protocol(value)
            continue
        name, kind = _STANDARD.get(key, (f"{prefix}.{key}", str))
        found[name] = int(value) if kind is int and value.isdecimal() else value
    return found
