"""Say in the ledger what happened to a source: degraded, recovered, a gap, a gap healed, a sampled stream.

Between the engines and the ledger: `SourceObserved` events, committed with the cursor that knows of them.
"""

from __future__ import annotations

from enum import StrEnum

from ...domain.event_id import event_id
from ...domain.events import SourceObserved
from ...domain.severity import Severity
from .identity import SourceIdentity
from .without_secrets import without_secrets

DETAIL_CHARACTERS = 500


class SourceState(StrEnum):
    """What `SourceObserved.state` says."""

    DEGRADED = "degraded"
    RECOVERED = "recovered"
    GAP = "gap"
    GAP_HEALED = "gap_healed"
    GAP_ABANDONED = "gap_abandoned"
    SAMPLED = "sampled"


_SEVERITY = {
    SourceState.DEGRADED: Severity.WARN,
    SourceState.GAP: Severity.ERROR,
    SourceState.GAP_ABANDONED: Severity.ERROR,
    SourceState.SAMPLED: Severity.WARN,
}


def observed(
    identity: SourceIdentity,
    state: SourceState,
    *,
    now_ns: int,
    since_ns: int | None = None,
    until_ns: int | None = None,
    failure: str = "",
    detail: str = "",
    resource: str = "",
) -> SourceObserved:
    """Return the event that a source changed its state, or lost or found entries of a span of time.

    `resource` is the object that is missing, where it is one object.

    >>> identity = SourceIdentity(stream="aws/1/logs", provider="aws")
    >>> observed(identity, SourceState.GAP, now_ns=9, since_ns=3, until_ns=5, detail="partial").state
    'gap'
    """
    span = f"{since_ns}-{until_ns}"
    return SourceObserved(
        event_id=event_id("source.observed", identity.stream, state, span, failure, resource, str(now_ns)),
        occurred_at=now_ns,
        format="cloudledger.source",
        provider=identity.provider,
        account=identity.account,
        region=identity.region,
        resource=resource,
        name=state.value,
        severity=_SEVERITY.get(state, Severity.INFO),
        error=failure,
        source=identity.stream,
        state=state.value,
        since=since_ns,
        until=until_ns,
        detail=without_secrets(detail)[:DETAIL_CHARACTERS],
    )
