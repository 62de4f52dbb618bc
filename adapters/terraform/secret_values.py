"""Keep secrets out of events: what looks like one, and the keyed fingerprint that stands for a value.

Between Terraform's documents, which hold passwords in plain text, and the ledger, which cannot be edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from hashlib import blake2b
from typing import Any

import msgspec

FINGERPRINT_HEX = 4
"""Chosen: 16 bits tell whether a value changed, and are too few to confirm a guessed password."""

SECRET_NAME = re.compile(
    r"passw|secret|token|credential|private|api_?key|access_?key|auth|cert|sas_|connection_?string|user_?data|salt|seed",
    re.IGNORECASE,
)
"""Attribute names whose values are never shown."""

_SECRET_VALUE = re.compile(
    r"A(?:KIA|SIA)[A-Z0-9]{12,}|-----BEGIN|eyJ[\w-]{8,}\.|gh[pousr]_\w{16,}|xox[abprs]-|sk[-_]\w{16,}|AIza[\w-]{30,}"
    r"|://[^/\s:@]+:[^/\s@]+@|(?i:secret[^:\w]|[^\w:]secret|passw)|AccountKey="
)


MIN_KNOWN_SECRET = 6
"""Chosen: shorter values (`prod`, `80`) stand in too many harmless places to be treated as secrets everywhere."""


def looks_secret(text: str, known: Set[str] = frozenset()) -> bool:
    """Say whether a value has the shape of a credential, or holds one that the document marks as sensitive.

    >>> looks_secret("https://me:pw@db/"), looks_secret("db.t3.large"), looks_secret("a-pw2345", {"pw2345"})
    (True, False, True)
    """
    return _SECRET_VALUE.search(text) is not None or any(secret in text for secret in known)


def known_secrets(values: Iterable[Any]) -> frozenset[str]:
    """Return the texts among values marked as sensitive that are long enough to be looked for in other places.

    >>> known_secrets(["hunter22", "80", 3, {"a": ["hunter33"]}]) == {"hunter22", "hunter33"}
    True
    """
    return frozenset(text for value in values for text in _texts(value) if len(text) >= MIN_KNOWN_SECRET)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def fingerprint(value: Any, *, salt: str, key: str = "") -> str:
    """Return the keyed fingerprint of a value: equal values under one salt have equal fingerprints.

    >>> fingerprint("a", salt="aws_db_instance.password") == fingerprint("a", salt="aws_db_instance.password")
    True
    """
    encoded = msgspec.json.encode(value, order="deterministic")
    digest = blake2b(salt.encode() + b"\0" + encoded, digest_size=16, key=key.encode()[:64])
    return "#" + digest.hexdigest()[:FINGERPRINT_HEX]
