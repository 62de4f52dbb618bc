"""Parse the verdicts of AWS WAF's web ACLs.

The web ACL is an ARN; that of a CloudFront distribution lies in us-east-1 with the scope `global/`. Rule lists and
labels are kept. See https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.event_id import event_ids
from ...domain.events import PeerRole
from ...domain.identity import parse_arn
from ...domain.message_template import template_column
from ...domain.timestamps import epoch_column
from ..described import Description, described
from ..field_map import FieldMap, mapped_attributes
from ..log_batch import log_batch
from ..number_columns import status_column
from ..parser import Sample
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords


class _Request(msgspec.Struct, gc=False):
    clientIp: str | None = None
    requestId: str | None = None
    host: str | None = None


class _Verdict(msgspec.Struct, gc=False):
    webaclId: str
    terminatingRuleId: str
    httpRequest: _Request
    timestamp: int | float | str | None = None
    action: str | None = None
    httpSourceName: str | None = None
    httpSourceId: str | None = None
    responseCodeSent: int | str | None = None


_VERDICTS: Final = TypedRecords(_Verdict)

_FIELDS: Final = FieldMap(
    format="aws.waf",
    provider="aws",
    time=("timestamp",),
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


class WafParser:
    """Verdicts of web ACLs; each header of the request is an attribute.

    >>> from ..records import Origin
    >>> text = b'''{"timestamp":1795168800123,"webaclId":"arn:aws:wafv2:us-east-1:012345678901:global/webacl/shop/ba",
    ... "terminatingRuleId":"r","action":"BLOCK","httpRequest":{"clientIp":"192.0.2.1"}}'''
    >>> event = WafParser().parse(Records.of([b" ".join(text.split())], Origin("waf.log")))[0]
    >>> event.name, event.account, event.peer
    ('BLOCK', '012345678901', '192.0.2.1')
    """

    format = "aws.waf"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record names a web ACL, the rule that decided, and the request."""
        fields = sample.fields
        told = isinstance(fields.get("webaclId"), str) and isinstance(fields.get("terminatingRuleId"), str)
        return told and isinstance(fields.get("httpRequest"), dict)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per verdict."""
        verdicts, flags = _VERDICTS.decode(records)
        requests = [verdict.httpRequest for verdict in verdicts]
        actions = [verdict.action or "" for verdict in verdicts]
        peers = [request.clientIp or "" for request in requests]
        ids = [request.requestId or "" for request in requests]
        keys = [(v.webaclId, v.httpSourceName or "", v.httpSourceId or "") for v in verdicts]
        columns: dict[str, Any] = described(keys, _describe)
        if all(ids):
            # One request may be judged by the web ACLs of a distribution and of the load balancer behind it.
            columns["event_id"] = event_ids(
                [f"aws.waf\0{one}\0{v.webaclId}" for one, v in zip(ids, verdicts, strict=True)]
            )
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=epoch_column([verdict.timestamp for verdict in verdicts], "ms"),
            flags=flags,
            name=actions,
            status=status_column([verdict.responseCodeSent for verdict in verdicts]),
            peer=peers,
            peer_role=np.array([int(PeerRole.CALLER) if peer else 0 for peer in peers], np.uint8),
            template=template_column(
                [f"{action} {v.terminatingRuleId}" for action, v in zip(actions, verdicts, strict=True)]
            ),
            **columns,
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a verdict's attributes in OpenTelemetry names."""
        found = mapped_attributes(read_json(body), _FIELDS)
        headers = found.pop("headers", None)
        version = found.get("network.protocol.version")
        if isinstance(version, str) and version.startswith("HTTP/"):
            found |= {"network.protocol.name": "http", "network.protocol.version": version.removeprefix("HTTP/")}
        return found | header_attributes(headers)


def _describe(key: tuple[str, str, str]) -> Description:
    web_acl, source, source_id = key
    arn = parse_arn(web_acl)
    mentions = tuple(dict.fromkeys(one for one in (web_acl, source_id) if one and one != "-"))
    account, region = (arn.account, arn.region) if arn else ("", "")
    return Description(account, region, source if source != "-" else "", str(arn) if arn else web_acl, mentions)


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
