"""The answer of `evidence()`: the very records that an edge was counted from."""

from __future__ import annotations

from datetime import datetime

import msgspec
import numpy as np

from ...domain.events import Event, PeerRole
from ...domain.reference import format_reference
from ...domain.timestamps import to_datetime
from ..table import Table
from .facts import DependencyFacts
from .schemas import BIN_NS, CALLS, FAILURES, MINUTE_NS
from .traced_calls import TIER_NAMES, Tier, TracedCalls

_FAR = (1 << 63) - 1
"""Later than any time, in nanoseconds."""


class EvidenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A record that speaks for an edge.

    Attributes:
        reference: what `Ledger.event` opens.
        occurred_at: time of the record; of named calls the begin of its minute, of their failures of its ten seconds.
        kind: kind of evidence, as in `Edge.evidence`.
        side: caller or callee: whose record it is.
        failed: whether the call failed.
        trace_id: lower half of the trace's id in hexadecimal; empty for named calls.
        event: the record itself, where the model knows its ledger.
    """

    reference: str
    occurred_at: datetime
    kind: str
    side: str
    failed: bool = False
    trace_id: str = ""
    event: Event | None = None


def evidence_rows(
    facts: DependencyFacts, caller: str, callee: str, since_ns: int | None, until_ns: int | None, limit: int
) -> list[EvidenceRow]:
    """Return records of an edge: failed calls first, then the earliest; at most `limit`."""
    bounds = (-_FAR if since_ns is None else since_ns, _FAR if until_ns is None else until_ns)
    rows = _traced_rows(facts, caller, callee, bounds, limit)
    for name, time, width in ((FAILURES, "bin", BIN_NS), (CALLS, "minute", MINUTE_NS)):
        for _, table in facts.state[name].parts(since_ns=since_ns, until_ns=until_ns):
            named = _named_rows(facts, table, (caller, callee), time, width, name == FAILURES)
            rows += [(at, row) for at, row in named if at + width > bounds[0] and at < bounds[1]]
    rows.sort(key=lambda entry: (not entry[1].failed, entry[0], entry[1].side, entry[1].reference))
    first_of = {row.reference: row for _, row in reversed(rows)}
    return [row for _, row in rows if first_of[row.reference] is row][:limit]


def _traced_rows(
    facts: DependencyFacts, caller: str, callee: str, bounds: tuple[int, int], limit: int
) -> list[tuple[int, EvidenceRow]]:
    rows: list[tuple[int, EvidenceRow]] = []
    codes = facts.names.services.code(caller), facts.names.services.code(callee)
    for hour in facts.traced_hours(*bounds):
        found = facts.traced(hour)
        spans, times = found.spans, found.spans.first[found.callee]
        picked = (spans.service[found.caller] == codes[0]) & (spans.service[found.callee] == codes[1])
        calls = np.flatnonzero(picked & (times >= bounds[0]) & (times < bounds[1]))
        failed = spans.errors[found.callee[calls]] > 0
        calls = calls[np.lexsort((times[calls], ~failed))][:limit]
        for call in calls.tolist():
            rows += _call_rows(facts, found, call)
    return rows


def _call_rows(facts: DependencyFacts, found: TracedCalls, call: int) -> list[tuple[int, EvidenceRow]]:
    spans, rows = found.spans, []
    callee = int(found.callee[call])
    for side, span in (("callee", callee), ("caller", int(found.caller[call]))):
        stream = facts.names.streams.values[int(spans.stream[span])]
        row = EvidenceRow(
            reference=format_reference(stream, int(spans.position[span])),
            occurred_at=to_datetime(int(spans.first[span])),
            kind=TIER_NAMES[int(found.tier[call])],
            side=side,
            failed=bool(spans.errors[callee] > 0),
            trace_id=f"{int(spans.trace[span]) & (1 << 64) - 1:016x}",
        )
        rows.append((int(spans.first[span]), row))
    return rows


def _named_rows(
    facts: DependencyFacts, table: Table, pair: tuple[str, str], time: str, width: int, failed: bool
) -> list[tuple[int, EvidenceRow]]:
    service, peer, stream = (table.string(name) for name in ("service", "peer", "stream"))
    nodes = [facts.peers.resolve(value) if value else None for value in peer.values]
    found: list[tuple[int, EvidenceRow]] = []
    for own, other, role in ((pair[0], pair[1], PeerRole.CALLEE), (pair[1], pair[0], PeerRole.CALLER)):
        peers = [code for code, node in enumerate(nodes) if node is not None and node.name == other]
        owner = service.dictionary.find(own)
        rows = np.isin(peer.codes, peers) & (service.codes == (-1 if owner is None else owner))
        for row in np.flatnonzero(rows & (table.number("role") == role)).tolist():
            at = int(table.number(time)[row]) * width
            reference = format_reference(stream[row], int(table.measure("position")[row]))
            side = "caller" if role == PeerRole.CALLEE else "callee"
            kind = TIER_NAMES[Tier.PEER]
            found.append(
                (at, EvidenceRow(reference=reference, occurred_at=to_datetime(at), kind=kind, side=side, failed=failed))
            )
    return found
