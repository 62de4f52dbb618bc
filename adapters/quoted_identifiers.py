"""Find the resource identifiers that JSON records name in their strings, all records of a chunk in one scan.

Feeds the `mentions` column of control-plane logs, whose records name resources anywhere in request and response. Only
whole strings are taken (also inside JSON that is itself in a string), never parts of prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from ..domain.identity import normalise_resource
from ..domain.identity.aws_names import EC2_TYPES

MAX_PER_RECORD: Final = 32
"""Identifiers kept per record. Chosen: a record that names more lists things; its payload still holds them."""

_END: Final = rb'(?=\\?")'
AWS: Final = re.compile(
    rb'"(arn:aws[a-z-]*:[^"\\\s:]{1,64}:[^"\\\s]{4,1000}|(?:'
    + b"|".join(prefix.encode() for prefix in sorted(EC2_TYPES, key=len, reverse=True))
    + rb")-(?:[0-9a-f]{17}|[0-9a-f]{8})|https://sqs\.[a-z0-9-]+\.amazonaws\.com/\d{12}/[^\"\\\s]{1,128})"
    + _END
)
AZURE: Final = re.compile(rb'"(/(?i:subscriptions)/[0-9A-Za-z-]{1,64}/(?i:resourcegroups)/[^"\\\s]{1,1000})' + _END)
GCP: Final = re.compile(
    rb'"((?://[a-z0-9-]+\.googleapis\.com/|https://[a-z]+\.googleapis\.com/[a-z]+/(?:[a-z]+/)?v\d[a-z0-9]*/)'
    rb'[^"\\\s?]{3,1000}|projects/[a-z0-9_:.-]+/[a-zA-Z]+/[^"\\\s?]{1,1000})' + _END
)


def quoted_identifiers(bodies: Sequence[bytes], pattern: re.Pattern[bytes]) -> list[list[str]]:
    """Return the identifiers of each record, in their order, as written.

    >>> quoted_identifiers([b'{"vpcId":"vpc-0123456789abcdef0"}', b'{"note":"no vpc-0123456789abcdef0 here"}'], AWS)
    [['vpc-0123456789abcdef0'], []]
    """
    found: list[list[str]] = [[] for _ in bodies]
    text = b"\n".join(bodies)
    matches = [(match.start(), match[1]) for match in pattern.finditer(text)]
    if matches:
        ends = np.cumsum(np.fromiter(map(len, bodies), np.int64, len(bodies)) + 1)
        rows = np.searchsorted(ends, np.array([start for start, _ in matches]), side="right").tolist()
        for row, (_, name) in zip(rows, matches, strict=True):
            found[row].append(name.decode("utf-8", "replace"))
    return found


@lru_cache(65_536)
def normal_mentions(names: tuple[str, ...], provider: str, account: str, region: str) -> tuple[str, ...]:
    """Return identifiers in normal form, each once; short ids also as they are, since that is how most logs write them.

    >>> normal_mentions(("i-0123456789abcdef0",), "aws", "012345678901", "eu-west-1")
    ('arn:aws:ec2:eu-west-1:012345678901:instance/i-0123456789abcdef0', 'i-0123456789abcdef0')
    """
    forms: dict[str, None] = {}
    for name in names:
        normal = normalise_resource(name, provider=provider, account=account, region=region)
        forms[normal] = None
        if normal != name and "/" not in name and ":" not in name:
            forms[name] = None
        if len(forms) >= MAX_PER_RECORD:
            break
    return tuple(forms)
