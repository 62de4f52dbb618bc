"""The bytes of rejected records are kept with the logs, so that folds do not read them."""

from pathlib import Path

from cloudledger.domain import CostRecorded, Event, LogRecorded, RecordRejected
from cloudledger.store import FACTS, Ledger


def test_facts_are_read_without_the_bytes_of_rejected_records(tmp_path: Path) -> None:
    events: list[Event] = [
        LogRecorded(event_id=b"1" * 16, payload=b"line"),
        RecordRejected(event_id=b"2" * 16, reason="binary data", payload=b"x" * 100_000),
        CostRecorded(event_id=b"3" * 16, charge_key="k"),
    ]
    with Ledger.open(tmp_path / "ledger") as ledger:
        ledger.append("s", events)

        [facts] = ledger.read("s", columns=["kind", FACTS])
        [whole] = ledger.read("s")

        assert [bool(payload) for payload in facts.payload.to_list()] == [False, False, True]
        rejected = whole[1]
        assert isinstance(rejected, RecordRejected)
        assert rejected.payload == b"x" * 100_000
