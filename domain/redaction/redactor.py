"""Replace secrets in log text, changing nothing else.

Between a source and the store: runs over whole chunks before they are parsed into events. Text without secrets comes
back as the same object, so that the clean case costs only the search for markers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ..arguments import check_choice, check_type
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

    def __init__(
        self,
        rules: Sequence[RedactionRule] = DEFAULT_RULES,
        *,
        add: Iterable[RedactionRule] = (),
        without: Iterable[str] = (),
    ) -> None:
        """Choose what is a secret.

        Args:
            rules: all rules, the strongest first; by default those of the library.
            add: rules of your own, which win over the others.
            without: names of rules that are switched off.

        Raises:
            InvalidArgumentError: what is no rule, a rule without a marker that can be found, or an unknown name.
        """
        self.rules = _chosen([*add, *rules], without)
        self._scanned = [rule for rule in self.rules if not rule.anchored]
        self._anchored: dict[bytes, list[RedactionRule]] = {}
        for rule in self.rules:
            for marker in rule.markers if rule.anchored else ():
                self._anchored.setdefault(marker, []).append(rule)
        self._index = MarkerIndex(self._anchored)

    def __reduce__(self) -> tuple[type[Redactor], tuple[Sequence[RedactionRule]]]:
        # Another process builds the index anew: its tables are megabytes, the rules are not.
        return (Redactor, (self.rules,))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the rules, as reports count them.

        >>> Redactor(without=["jwt"]).names[:2]
        ('private_key_block', 'private_key')
        """
        return tuple(dict.fromkeys(rule.name for rule in self.rules))

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


def _chosen(rules: Sequence[RedactionRule], without: Iterable[str]) -> tuple[RedactionRule, ...]:
    if isinstance(without, str):
        raise InvalidArgumentError(f"without={without!r} is a text: give a list of rule names, like [{without!r}]")
    for rule in rules:
        check_type("rule", rule, RedactionRule, "give RedactionRule(name, markers, pattern)")
        if not rule.markers or any(
            len(marker) < 1 + rule.anchored or marker != marker.lower() for marker in rule.markers
        ):
            raise InvalidArgumentError(f"rule {rule.name!r}: give lower-case markers of two bytes or more")
    off = {check_choice("rule", name, dict.fromkeys(rule.name for rule in rules)) for name in without}
    return tuple([rule for rule in rules if rule.name not in off])


def _span(rule: RedactionRule, match: re.Match[bytes]) -> Iterable[_Span]:
    group = "secret" if "secret" in rule.pattern.groupindex else match.lastgroup or 0
    if match[group] in _NOT_SECRET:
        return
    replacement = rule.replacement if isinstance(rule.replacement, bytes) else rule.replacement(match)
    if replacement != match[group]:  # a number that was replaced before
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
