"""Which gaps are open: what was recorded, less what was healed since."""

from __future__ import annotations

from pathlib import Path

from cloudledger.adapters.acquisition import SourceIdentity, SourceState, observed, open_gaps
from cloudledger.domain import LogRecorded
from cloudledger.domain.events import SourceObserved
from cloudledger.store import Ledger

ONE = SourceIdentity(stream="aws/1", provider="aws")
OTHER = SourceIdentity(stream="gcp/1", provider="gcp")


class History:
    """Observations in order."""

    def __init__(self, path: Path) -> None:
        self.ledger, self._now = Ledger.open(path), 0

    def add(self, identity: SourceIdentity, state: SourceState, since: int, until: int, resource: str = "") -> None:
        self._now += 1
        event: SourceObserved = observed(
            identity, state, now_ns=self._now, since_ns=since, until_ns=until, detail="partial", resource=resource
        )
        self.ledger.append(identity.stream, [event])

    def spans(self, source: str | None = None) -> list[tuple[str, int, int, bool]]:
        found = open_gaps(self.ledger, source)
        return [(gap.source, gap.since_ns, gap.until_ns, gap.abandoned) for gap in found]


def test_a_gap_is_open_until_it_is_healed(tmp_path: Path) -> None:
    history = History(tmp_path / "ledger")
    history.add(ONE, SourceState.GAP, 10, 20)
    history.add(ONE, SourceState.GAP, 40, 50)
    history.add(OTHER, SourceState.SAMPLED, 10, 20)
    assert history.spans() == [("aws/1", 10, 20, False), ("aws/1", 40, 50, False), ("gcp/1", 10, 20, False)]
    assert history.spans("gcp/1") == [("gcp/1", 10, 20, False)]

    history.add(ONE, SourceState.GAP_HEALED, 0, 20)

    assert history.spans("aws/1") == [("aws/1", 40, 50, False)]


def test_a_part_of_a_gap_heals(tmp_path: Path) -> None:
    history = History(tmp_path / "ledger")
    history.add(ONE, SourceState.GAP, 10, 50)
    history.add(ONE, SourceState.GAP_HEALED, 20, 30)

    assert history.spans() == [("aws/1", 10, 20, False), ("aws/1", 30, 50, False)]


def test_a_gap_that_comes_again_is_open_again(tmp_path: Path) -> None:
    history = History(tmp_path / "ledger")
    for state in (SourceState.GAP, SourceState.GAP_HEALED, SourceState.GAP):
        history.add(ONE, state, 10, 20)

    [gap] = open_gaps(history.ledger)
    assert (gap.reason, gap.reference) == ("partial", "aws/1@3")


def test_a_gap_that_is_given_up_stays_open(tmp_path: Path) -> None:
    history = History(tmp_path / "ledger")
    history.add(ONE, SourceState.GAP, 10, 20)
    history.add(ONE, SourceState.GAP, 40, 50)
    history.add(ONE, SourceState.GAP_ABANDONED, 10, 20)
    history.add(ONE, SourceState.DEGRADED, 10, 20)

    assert history.spans() == [("aws/1", 10, 20, True), ("aws/1", 40, 50, False)]


def test_objects_have_gaps_of_their_own(tmp_path: Path) -> None:
    history = History(tmp_path / "ledger")
    history.ledger.append("other", [LogRecorded(event_id=bytes([7] * 16), payload=b"no observation")])
    for key in ("a", "b"):
        history.add(ONE, SourceState.GAP, 10, 11, key)
    history.add(ONE, SourceState.GAP_HEALED, 10, 11, "a")

    assert [gap.resource for gap in open_gaps(history.ledger)] == ["b"]
