"""Parse access logs of API Gateway in the forms that its console offers: JSON, XML, CLF and CSV.

The fields are the user's choice; those that AWS's examples name are read, all others are kept. A REST API names methods
and paths, an HTTP API route keys, a WebSocket API connections. See
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#apigateway-cloudwatch-log-formats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.events import PeerRole
from ..mapped_parser import MappedParser
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of
from .json_format import json_format

_FIELDS: Final = json_format(
    {"requestId": str, "ip": str},
    format="aws.apigateway.access",
    time=("requestTimeEpoch", "requestTime"),
    name=("routeKey", "resourcePath", "httpMethod", "eventType"),
    service=("apiId",),
    service_name="apigateway",
    account=("accountId",),
    status=("status",),
    error=("error.message", "errorMessage", "integrationErrorMessage", "integrationError", "error.responseType"),
    duration=("responseLatency", "integrationLatency"),
    trace=("xrayTraceId",),
    peer=("domainName",),
    peer_role=PeerRole.NONE,
    attributes={
        "ip": "client.address",
        "requestId": "aws.request_id",
        "extendedRequestId": "aws.extended_request_id",
        "httpMethod": "http.request.method",
        "resourcePath": "http.route",
        "routeKey": "aws.apigateway.route_key",
        "path": "url.path",
        "status": "http.response.status_code",
        "userAgent": "user_agent.original",
        "user": "user.name",
        "responseLength": "http.response.size",
        "protocol": "network.protocol.version",
        "domainName": "server.address",
        "stage": "aws.apigateway.stage",
    },
    prefix="aws.apigateway",
).fields

_CLF: Final = re.compile(
    r"(?P<ip>[0-9a-fA-F.:]{2,45}) (?P<caller>\S+) (?P<user>\S+) \[(?P<requestTime>[^\]]{20,30})\] ?"
    r'"(?P<httpMethod>[A-Z]{3,10}) (?P<resourcePath>\S+) (?P<protocol>HTTP/[\d.]+)" (?P<status>\d{3})'
    r" (?P<responseLength>\d+|-) (?P<requestId>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9_-]{12,20}=)"
    r"(?: (?P<extendedRequestId>\S+))?"
)
_CSV: Final = re.compile(
    r"(?P<ip>[0-9a-fA-F.:]{2,45}),(?P<caller>[^,]*),(?P<user>[^,]*),(?P<requestTime>\d\d/[A-Z][a-z]{2}/\d{4}[^,]*),"
    r"(?P<httpMethod>[A-Z]{3,10}),(?P<resourcePath>[^,]*),(?P<protocol>HTTP/[\d.]+),(?P<status>\d{3}),"
    r"(?P<responseLength>\d+|-),(?P<requestId>[^,\s]+)(?:,(?P<extendedRequestId>\S+))?"
)
_XML: Final = re.compile(r"<(\w+)>([^<]*)</\1>")
_XML_HEAD: Final = re.compile(r'\s*<request id="([^"]{1,128})">')
_KINDS: Final = ("httpMethod", "routeKey", "connectionId", "resourcePath")


class ApiGatewayAccessParser(MappedParser):
    """Access logs of REST, HTTP and WebSocket APIs.

    >>> from ..records import Origin
    >>> line = (
    ...     b'127.0.0.1 - frank [10/Oct/2000:13:55:36 +0000] "GET /pets HTTP/1.0" 500 2326'
    ...     b' 6d2b9b3e-7a1c-4c1e-8d2f-000000000001 JKJaXmPLvHcESHA=')
    >>> event = API_GATEWAY_PARSER.parse(Records.of([line], Origin("access.log")))[0]
    >>> event.name, event.status
    ('/pets', 500)
    """

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a JSON object of a request's variables, or one of the console's other forms."""
        if sample.body[:1] == b"{":
            return super().recognises(sample) and any(isinstance(sample.fields.get(kind), str) for kind in _KINDS)
        return bool(fields_of_text(sample.text[:4096]))

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per request."""
        return super().parse(_as_json(records))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request's variables in OpenTelemetry names."""
        if body[:1] != b"{":
            body = msgspec.json.encode(fields_of_text(body.decode("utf-8", "replace")))
        found = super().attributes(body, context)
        protocol = found.get("network.protocol.version")
        if isinstance(protocol, str) and protocol.startswith("HTTP/"):
            found |= {"network.protocol.name": "http", "network.protocol.version": protocol.removeprefix("HTTP/")}
        return found


def _as_json(records: Records) -> Records:
    if all(body[:1] == b"{" for body in records.bodies):
        return records
    rows = [fields_of_text(line) for line in lines_of(records)]
    if not all(rows):
        raise UnreadableRecordError("a line is no access log of API Gateway")
    return replace(records, bodies=[msgspec.json.encode(row) for row in rows])


def fields_of_text(line: str) -> dict[str, str]:
    """Return the variables of a line in CLF, CSV or XML; nothing for any other line.

    >>> fields_of_text('<request id="a-1"> <ip>10.0.0.1</ip> <httpMethod>GET</httpMethod> </request>')
    {'requestId': 'a-1', 'ip': '10.0.0.1', 'httpMethod': 'GET'}
    """
    if head := _XML_HEAD.match(line):
        return {"requestId": head[1], **{key: value for key, value in _XML.findall(line, head.end()) if value != "-"}}
    found = _CLF.match(line) or _CSV.match(line)
    return {key: value for key, value in found.groupdict("").items() if value not in ("", "-")} if found else {}


API_GATEWAY_PARSER: Final = ApiGatewayAccessParser(_FIELDS, {"requestId": str, "ip": str})
