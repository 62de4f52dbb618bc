"""Health of a source: when it degrades, what is said once; when it recovers, what it was."""

from __future__ import annotations

from ...domain.events import SourceObserved
from .failure import Verdict
from .identity import SourceIdentity
from .observation import SourceState, observed
from .window_cursor import Trouble


def degraded(
    identity: SourceIdentity, before: Trouble | None, verdict: Verdict, now_ns: int
) -> tuple[Trouble, list[SourceObserved]]:
    """Return the trouble that a source is in, and the event that says so, unless it was said already.

    >>> identity = SourceIdentity(stream="s", provider="aws")
    >>> from .failure import Failure
    >>> trouble, told = degraded(identity, None, Verdict(Failure.DENIED, "no"), 5)
    >>> trouble.since_ns, [event.state for event in told]
    (5, ['degraded'])
    """
    failure = verdict.failure.value
    trouble = Trouble(now_ns, failure) if before is None else Trouble(before.since_ns, failure, before.attempts + 1)
    if before is not None and before.failure == failure:
        return trouble, []
    event = observed(
        identity, SourceState.DEGRADED, now_ns=now_ns, since_ns=now_ns, failure=failure, detail=verdict.detail
    )
    return trouble, [event]


def recovered(identity: SourceIdentity, before: Trouble | None, now_ns: int) -> list[SourceObserved]:
    """Return the event that a source works again; none where it was in no trouble.

    >>> recovered(SourceIdentity(stream="s", provider="aws"), Trouble(3, "denied"), 5)[0].since
    3
    """
    if before is None:
        return []
    since_ns = before.since_ns
    return [observed(identity, SourceState.RECOVERED, now_ns=now_ns, since_ns=since_ns, until_ns=now_ns)]
