"""Replace secrets in log text, changing nothing else.

Between a source and the store: runs over whole chunks before they are parsed into events. Text without secrets comes
back as the same object, so that the clean case costs only the search for markers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ..errors import InvalidArgumentError
from .markers import MarkerIndex
from .rules import DEFAULT_RULES, REDACTED, RedactionRule

_Span = tuple[int, int, bytes, str]
"""Begin, end, replacement, name of the rule."""

_NOT_SECRET: Final = (REDACTED, b"-", b"")


class Redactor:
    """Replaces what a set of rules calls secret by `[REDACTED]`.

    >>> Redactor().redact(b'{"password":"x"}')
    (b'{"password":"[REDACTED]"}', {'password': 1})
    """

    def __init__(self, rules: Sequence[RedactionRule] = DEFAULT_RULES) -> None:
        _check(rules)
        self._scanned = [rule for rule in rules if not rule.anchored]
        self._anchored: dict[bytes, list[RedactionRule]] = {}
        for rule in rules:
            for marker in rule.markers if rule.anchored else ():
                self._anchored.setdefault(marker, []).append(rule)
        self._index = MarkerIndex(self._anchored)

    def redact(self, blob: bytes) -> tuple[bytes, dict[str, int]]:
        """Return the text without secrets, and how many were replaced per rule.

        Text without secrets comes back as the very same object.

        >>> Redactor().redact(b"max_tokens=5")
        (b'max_tokens=5', {})
        """
        spans = [*self._anchored_spans(blob), *self._scanned_spans(blob)]
        if not spans:
            return blob, {}
        spans.sort(key=lambda span: (span[0], -span[1]))
        return _replaced(blob, spans)

    def _anchored_spans(self, blob: bytes) -> Iterable[_Span]:
        done: dict[str, int] = {}
        for position, marker in self._index.find(blob):
            for rule in self._anchored[marker]:
                if position < done.get(rule.name, 0):
                    continue
                match = rule.pattern.match(blob, position)
                if match is not None:
                    done[rule.name] = match.end()
                    yield from _span(rule, match)

    def _scanned_spans(self, blob: bytes) -> Iterable[_Span]:
        for rule in self._scanned:
            if all(marker in blob for marker in rule.markers):
                for match in rule.pattern.finditer(blob):
                    yield from _span(rule, match)


def _check(rules: Sequence[RedactionRule]) -> None:
    for rule in rules:
        if not rule.markers or any(
            len(marker) < 1 + rule.anchored or marker != marker.lower() for marker in rule.markers
        ):
            raise InvalidArgumentError(f"rule {rule.name!r}: give lower-case markers of two bytes or more")


def _span(rule: RedactionRule, match: re.Match[bytes]) -> Iterable[_Span]:
    group = "secret" if "secret" in rule.pattern.groupindex else match.lastgroup or 0
    if match[group] in _NOT_SECRET:
        return
    replacement = rule.replacement if isinstance(rule.replacement, bytes) else rule.replacement(match)
    yield (*match.span(group), replacement, rule.name)


def _replaced(blob: bytes, spans: Iterable[_Span]) -> tuple[bytes, dict[str, int]]:
    parts: list[bytes] = []
    counts: Counter[str] = Counter()
    end = 0
    for begin, until, replacement, name in spans:
        if begin >= end:
            parts += (blob[end:begin], replacement)
            counts[name] += 1
        end = max(end, until)
    return b"".join((*parts, blob[end:])), dict(counts)
