"""Take secrets out of what is said about sources: details of failures, log lines.

Two nets: the redaction rules of log text, and the very values that this process has resolved (raw, URL-encoded,
base64). Secrets are registered where they are resolved, `SecretReference.resolve`.
"""

from __future__ import annotations

import base64
import threading
from urllib.parse import quote, quote_plus

from ...domain.redaction import REDACTED, Redactor

_LEAST_CHARACTERS = 6
"""Shorter values are no secrets worth the name, and would blank out ordinary words."""


class KnownSecrets:
    """The secret values that this process has seen.

    >>> known = KnownSecrets()
    >>> known.add("hunter2hunter2")
    >>> known.blanked("password hunter2hunter2")
    'password [REDACTED]'
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._forms: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"KnownSecrets({len(self._forms)} forms)"

    def __reduce__(self) -> tuple[type[KnownSecrets], tuple[()]]:
        return KnownSecrets, ()  # what was seen stays in this process

    def add(self, value: str) -> None:
        """Remember a value in the forms in which it may appear."""
        if len(value) < _LEAST_CHARACTERS:
            return
        with self._guard:
            forms = {*self._forms, *_forms(value)}
            self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def blanked(self, text: str) -> str:
        """Return text in which no known value stands."""
        for form in self._forms:
            text = text.replace(form, REDACTED.decode())
        return text


KNOWN_SECRETS = KnownSecrets()
"""Those of this process: what one part of it resolves, no other part may print."""

_REDACTOR = Redactor()


def without_secrets(text: str) -> str:
    """Return text without what the rules, or the known values, call secret.

    >>> without_secrets("GET /?sig=abcdefghijklmnop1234567890%3D failed")
    'GET /?sig=[REDACTED] failed'
    """
    clean, _ = _REDACTOR.redact(KNOWN_SECRETS.blanked(text).encode("utf-8", "replace"))
    return clean.decode("utf-8", "replace")


def _forms(value: str) -> set[str]:
    """Return a value raw, URL-encoded, and in the three alignments of base64 (without the ends that vary)."""
    raw = value.encode()
    aligned = {base64.b64encode(b"\0" * shift + raw)[2 if shift else 0 :].decode() for shift in range(3)}
    inner = {text[4:-4] for text in aligned if len(text) > 16}
    return {value, quote(value, safe=""), quote_plus(value), *inner}
