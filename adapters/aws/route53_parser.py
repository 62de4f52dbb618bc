"""Parse public DNS query logs of Route 53: one line per query to a hosted zone.

They are delivered to CloudWatch Logs in us-east-1 only. See
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import PeerRole
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ..described import Description, described
from ..log_batch import log_batch
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text_lines import lines_of, present

_LINE: Final = re.compile(
    r"(\d+\.\d+) (\d{4}-\d\d-\d\dT[\d:.]+Z) (Z[0-9A-Z]{4,40}) (\S+) ([A-Z0-9]{1,10})"
    r" ([A-Z]{3,20}) (UDP|TCP) (\S+) (\S+) (\S+)"
)
_NAMES: Final = (
    *(
        "aws.route53.log.version",
        "",
        "aws.route53.zone.id",
        "dns.question.name",
        "dns.question.type",
        "dns.response_code",
    ),
    *("network.transport", "aws.route53.edge_location", "client.address", "aws.route53.edns_client_subnet"),
)


class Route53PublicParser:
    """Queries to public hosted zones.

    >>> from ..records import Origin
    >>> line = b"1.0 2017-12-13T08:16:02.130Z Z123412341234 shop.example A NXDOMAIN UDP FRA6 192.168.1.1 -"
    >>> event = Route53PublicParser().parse(Records.of([line], Origin("dns.log")))[0]
    >>> event.name, event.error, event.resource
    ('A', 'NXDOMAIN', 'arn:aws:route53:::hostedzone/Z123412341234')
    """

    format = "aws.route53_public"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line is a query: version, time, zone, name, type, response code, protocol, edge, resolver."""
        return _LINE.match(sample.text[:2048]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per query."""
        found = [_LINE.match(line) for line in lines_of(records)]
        if not all(found):
            raise UnreadableRecordError("a line is no public DNS query log")
        columns: list[Sequence[str]] = list(zip(*[match.groups() for match in found if match], strict=True))
        _, times, zones, names, types, codes, _, _, resolvers, _ = columns
        errors = ["" if code == "NOERROR" else code for code in codes]
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=rfc3339_column(times),
            name=types,
            error=errors,
            peer=present(resolvers),
            peer_role=np.full(len(records), int(PeerRole.CALLER), np.uint8),
            template=template_column([f"{kind} {code}" for kind, code in zip(types, codes, strict=True)]),
            **described(list(zip(zones, names, strict=True)), _describe),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the query's fields in OpenTelemetry names."""
        text = body.decode("utf-8", "replace")
        found = _LINE.match(text)
        if found is None:
            return {"log.record.body": text}
        named = {name: value for name, value in zip(_NAMES, found.groups(), strict=True) if name and value != "-"}
        return named | {"network.transport": found[7].lower()}


def _describe(key: tuple[str, str]) -> Description:
    zone, name = key
    return Description(service="route53", resource=f"arn:aws:route53:::hostedzone/{zone}", mentions=(zone, name))
