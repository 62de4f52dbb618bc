"""Find the resource identifiers that JSON records name in their strings, all records of a chunk in one scan.

Feeds the `mentions` column of control-plane logs, whose records name resources anywhere in request and response. Only
whole strings are taken (also inside JSON that is itself in a string), never parts of prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from ..domain.identity import normalise_resource
from ..domain.identity.aws_names import EC2_TYPES

MAX_PER_RECORD: Final = 32
"""Identifiers kept per record. Chosen: a record that names more lists things; its payload still holds them."""

_END: Final = rb'(?=\\?")'

# Patterns start with literal text, which the regex engine finds ten times as fast as alternatives.
AWS: Final = re.compile(rb'"(arn:aws[^"\\\s]{4,1000})' + _END)
AZURE: Final = re.compile(rb'"(/(?i:subscriptions/[0-9A-Za-z-]{1,64}/resourcegroups)/[^"\\\s]{1,1000})' + _END)
GCP: Final = re.compile(rb'"((?:projects/|//|https://)[^"\\\s?]{3,1000})' + _END)

_SHORT: Final = re.compile(rb"-[0-9a-f]{8}(?:[0-9a-f]{9})?" + _END)
"""The end of an EC2-style id. Measured: a tenth of the cost of a pattern that starts with the prefixes."""

_LONGEST_PREFIX: Final = max(map(len, EC2_TYPES))


def quoted_identifiers(bodies: Sequence[bytes], pattern: re.Pattern[bytes]) -> list[list[str]]:
    """Return the identifiers of each record, as written.

    >>> quoted_identifiers([b'{"vpcId":"vpc-0123456789abcdef0"}', b'{"note":"no vpc-0123456789abcdef0 here"}'], AWS)
    [['vpc-0123456789abcdef0'], []]
    """
    findall = pattern.findall
    found = [[name.decode("utf-8", "replace") for name in findall(body)] for body in bodies]
    if pattern is AWS:
        _add_short_ids(bodies, found)
    return found


def _add_short_ids(bodies: Sequence[bytes], found: list[list[str]]) -> None:
    text = b"\n".join(bodies)
    ends = [(match.start(), match.end()) for match in _SHORT.finditer(text)]
    if not ends:
        return
    bounds = np.cumsum(np.fromiter(map(len, bodies), np.int64, len(bodies)) + 1)
    rows = np.searchsorted(bounds, np.array([start for start, _ in ends]), side="right").tolist()
    for row, (dash, end) in zip(rows, ends, strict=True):
        quote = text.rfind(b'"', max(0, dash - _LONGEST_PREFIX - 1), dash)
        if quote >= 0 and text[quote + 1 : dash].decode("latin-1") in EC2_TYPES:
            found[row].append(text[quote + 1 : end].decode("ascii"))


def normal_mentions(names: Iterable[str], provider: str, account: str, region: str) -> tuple[str, ...]:
    """Return identifiers in normal form, each once; short ids also as they are, since that is how most logs write them.

    >>> normal_mentions(("i-0123456789abcdef0",), "aws", "012345678901", "eu-west-1")
    ('arn:aws:ec2:eu-west-1:012345678901:instance/i-0123456789abcdef0', 'i-0123456789abcdef0')
    """
    forms = [form for name in dict.fromkeys(names) for form in _forms(name, provider, account, region)]
    return tuple(dict.fromkeys(forms))[:MAX_PER_RECORD]


@lru_cache(65_536)
def _forms(name: str, provider: str, account: str, region: str) -> tuple[str, ...]:
    normal = normalise_resource(name, provider=provider, account=account, region=region)
    return (normal, name) if normal != name and "/" not in name and ":" not in name else (normal,)
