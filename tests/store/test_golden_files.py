"""Files that earlier versions wrote are read as they were: one ledger per version of the format, never rewritten.

A new version adds a folder: run this module as a script to write the present one's.
"""

import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from cloudledger.domain.events import CostRecorded, Event, LogRecorded, MetricRecorded
from cloudledger.store import Ledger
from tests.store.builders import START_NS, event_id, log_recorded

GOLDEN = Path(__file__).parent / "golden"
VERSIONS = sorted(path.name for path in GOLDEN.iterdir())
PRESENT = "version-3"


def events() -> list[Event]:
    """Return what every golden ledger holds in its stream `mixed`."""
    full = {
        "event_id": event_id(2),
        "occurred_at": START_NS + 123_456_789,
        "recorded_at": START_NS + 5,
        "format": "aws.ecs",
        "provider": "aws",
        "account": "123456789012",
        "region": "eu-central-1",
        "service": "größe",
        "resource": "arn:aws:ecs:eu-central-1:123456789012:task/a",
        "name": "Run",
        "severity": 17,
        "flags": 3,
        "status": 503,
        "error": "Timeout",
        "duration_us": 0,
        "size_bytes": 99,
        "peer": "pay",
        "peer_role": 1,
        "template": (1 << 64) - 1,
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "parent_span_id": "00f067aa0ba902b7",
        "context": '{"a":1}',
        "mentions": ("i-1", "vpc-2"),
    }
    return [
        log_recorded(1, recorded_at=START_NS),
        LogRecorded(payload=b"\x00\xff full", **full),  # type: ignore[arg-type]
        MetricRecorded(event_id=event_id(3), recorded_at=1, value=2.5, unit="ms", dimensions={"k": "v"}),
        CostRecorded(event_id=event_id(4), recorded_at=2, charge_key="k", billed_cost_micros=-7, tags={"team": "a"}),
        *[log_recorded(number, recorded_at=START_NS, service=f"s{number % 4}") for number in range(10, 60)],
    ]


def write(location: Path) -> None:
    """Write a golden ledger: a sealed, a compacted and an open segment, cursors, a checkpoint."""
    with Ledger.open(location, clock=lambda: START_NS) as ledger:
        ledger.append("mixed", events()[:10], cursor=b"before")
        ledger.seal()
        ledger.append("mixed", events()[10:20], cursor=b"before")
        ledger.seal()
        ledger.compact()
        ledger.append("mixed", events()[20:30], cursor=b"first")
        ledger.seal()
        ledger.append("mixed", events()[30:], cursor=b"second")
        ledger.checkpoints.save("cost@1", {"mixed": 4}, {"hour": b"counts"})
    for name in ("OWNER", "LOCK"):  # they name a machine, and no reader needs them
        for path in location.rglob(name):
            path.unlink()


@pytest.fixture(params=VERSIONS)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a version's ledger."""
    shutil.copytree(GOLDEN / request.param, tmp_path / "golden")
    return tmp_path / "golden"


def test_there_are_golden_files_of_the_present_version() -> None:
    assert PRESENT in VERSIONS


def test_the_events_of_every_version_are_read(golden: Path) -> None:
    with Ledger.open(golden, read_only=True) as ledger:
        stored = [event for batch in ledger.read("mixed") for event in batch]
        checkpoint = ledger.checkpoints.latest("cost@1")

        assert [changed(event) for event in stored] == [changed(event) for event in events()]
        assert ledger.cursor("mixed") == b"second"
        assert checkpoint is not None
        assert ledger.checkpoints.read_partition(checkpoint.partitions["hour"]) == b"counts"
        assert [event.reference for event in ledger.search(trace_id=events()[1].trace_id)] == ["mixed@2"]
        assert ledger.verify().ok


def test_a_ledger_of_every_version_is_gone_on_with(golden: Path) -> None:
    with Ledger.open(golden) as ledger:
        result = ledger.append("mixed", [*events(), log_recorded(77)])

        assert (result.duplicates, result.last_position) == (54, 55)


def changed(event: Event) -> Event:
    """Return an event without what storing gives it."""
    return msgspec.structs.replace(event, reference="", size_bytes=99 if event.size_bytes == 99 else 0)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
