"""The failed attempts of a group, by the class of their reason."""

from __future__ import annotations

from collections import Counter, defaultdict

from ...domain.timestamps import to_datetime
from .answers import Failure
from .history import Attempt, GroupHistory

_MAX_TEXTS = 5
_MAX_EVIDENCE = 20


def failures_of(history: GroupHistory) -> list[Failure]:
    """Return the classes of failures, the most frequent first.

    >>> from .history import group_history
    >>> failures_of(group_history("web", []))
    []
    """
    classes: dict[str, list[Attempt]] = defaultdict(list)
    ended = [attempt for attempt in history.attempts if attempt.outcome != "in_progress"]
    for attempt in ended:
        if attempt.reason_class and attempt.outcome != "succeeded":
            classes[attempt.reason_class].append(attempt)
    found = [_failure(reason, attempts, len(ended)) for reason, attempts in classes.items()]
    return sorted(found, key=lambda failure: (-failure.count, failure.reason_class))


def _failure(reason: str, attempts: list[Attempt], ended: int) -> Failure:
    texts = Counter(attempt.message for attempt in attempts if attempt.message)
    return Failure(
        reason_class=reason,
        count=len(attempts),
        share=round(len(attempts) / ended, 4),
        texts=tuple(text for text, _ in texts.most_common(_MAX_TEXTS)),
        zones=tuple(sorted({attempt.zone for attempt in attempts if attempt.zone})),
        first_seen=to_datetime(attempts[0].at_ns),
        last_seen=to_datetime(attempts[-1].at_ns),
        evidence=tuple(attempt.reference for attempt in attempts[:_MAX_EVIDENCE] if attempt.reference),
    )
