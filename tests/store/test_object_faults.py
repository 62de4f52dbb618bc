"""On an object store, no lost request, lost answer or death of a writer loses or invents an event."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from cloudledger.domain.errors import LedgerError, StreamLockedError
from cloudledger.store import Ledger
from cloudledger.store.object_client import Content, ObjectClient
from cloudledger.store.object_creation import create_once
from tests.store.builders import START_NS, STREAM, log_records
from tests.store.objects import Bucket, Cut, FaultyClient


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudledger.store.object_creation.FIRST_WAIT_S", 0)


EVENTS = 3
COMMITS = 6


def write(ledger: Ledger, acknowledged: list[int], first: int = 0) -> None:
    """Append, seal, save and reopen the way a worker does; note each commit that was acknowledged."""
    for number in range(first, first + COMMITS):
        ledger.append(STREAM, log_records(number * EVENTS, EVENTS), cursor=b"%d" % number)
        acknowledged.append(number)
        if number % 3 == 2:
            ledger.seal()
            ledger.checkpoints.save("p@1", {STREAM: 1}, {"hour": b"%d" % number})
    ledger.compact()


def stored(ledger: Ledger) -> list[int]:
    """Return the numbers of all events, after checking that they have the positions 1, 2, 3 and so on."""
    batches = list(ledger.read(STREAM))
    positions = [at for batch in batches for at in batch.positions.tolist()]
    assert positions == list(range(1, len(positions) + 1))
    return [int(payload[5:]) for batch in batches for payload in batch.payload.to_list()]


def events_of(commits: list[int]) -> list[int]:
    """Return the numbers of the events of commits."""
    return [number * EVENTS + one for number in commits for one in range(EVENTS)]


def check(bucket: Bucket, acknowledged: list[int], tried: range) -> None:
    """Nothing that was acknowledged is lost, nothing is there twice or was never tried; then the next append works."""
    with bucket.open(read_only=bool(bucket.keys("ledger.json"))) as reader:
        found = stored(reader)
        assert len(found) == len(set(found))
        assert set(events_of(acknowledged)) <= set(found) <= set(events_of([*tried]))
        assert reader.verify().ok
    with bucket.open() as heir:
        for number in tried:
            heir.append(STREAM, log_records(number * EVENTS, EVENTS), cursor=b"%d" % number)
        heir.seal()
        heir.compact()
        assert sorted(stored(heir)) == events_of([*tried])
        assert heir.cursor(STREAM) == b"%d" % tried[-1]
        assert heir.verify().ok
        assert heir.checkpoints.save("p@1", {STREAM: 1}, {"hour": b"new"}) == heir.checkpoints.latest("p@1")


def requests_of_a_run() -> int:
    """Return how many requests a run without any fault makes."""
    client = FaultyClient(Bucket().client)
    bucket = Bucket()
    client.client = bucket.client
    with bucket.open(client) as ledger:
        write(ledger, [])
    return client.requests


@pytest.mark.parametrize("fault", ["before", "after", "die before", "die after"])
def test_no_lost_request_or_answer_loses_or_invents_an_event(fault: str) -> None:
    """Each request that changes something, one after the other; a single loss is repaired without anybody noticing."""
    failed = 0
    for number in range(1, requests_of_a_run() + 1):
        bucket, acknowledged = Bucket(), list[int]()
        client = FaultyClient(bucket.client, fault=fault, fail_at=number)
        try:
            with bucket.open(client) as ledger:
                write(ledger, acknowledged)
        except (Cut, LedgerError):
            failed += 1
        bucket.forget_holders()
        check(bucket, acknowledged, range(COMMITS))
    assert failed or not fault.startswith("die")


@pytest.mark.parametrize("fault", ["before", "after"])
def test_an_outage_longer_than_all_retries_poisons_the_writer_and_loses_nothing(fault: str) -> None:
    for number in range(1, requests_of_a_run() + 1, 3):
        bucket, acknowledged = Bucket(), list[int]()
        client = FaultyClient(bucket.client, fault=fault, fail_at=number, times=10**6)
        with suppress(LedgerError, OSError), bucket.open(client) as ledger:
            write(ledger, acknowledged)
            assert len(acknowledged) == COMMITS, "it went on although nothing arrived"
        bucket.forget_holders()
        check(bucket, acknowledged, range(COMMITS))


class Interrupted(FaultyClient):
    """Lets something happen before or after the request of a number: the writer sleeps meanwhile."""

    def __init__(self, client: ObjectClient, fail_at: int, when: str, happen: Callable[[], None]) -> None:
        super().__init__(client, fault=when, fail_at=fail_at)
        self.fail = happen  # type: ignore[method-assign]


def places(ledger: Ledger) -> dict[int, int]:
    """Return the number of the event at each position; positions have no gaps."""
    found = {
        at: int(payload[5:])
        for batch in ledger.read()
        for at, payload in zip(batch.positions.tolist(), batch.payload.to_list(), strict=True)
    }
    assert not found or [*found] == list(range(min(found), max(found) + 1))
    return found


class Zombie:
    """A writer that sleeps at one of its requests, while another one replaces it."""

    def __init__(self, rest: str) -> None:
        self.bucket, self.rest = Bucket(), rest
        self.acknowledged: list[int] = []
        self.seen: list[dict[int, int]] = []
        self.replaced_at = 0

    def look(self) -> None:
        with self.bucket.open(read_only=True) as reader:
            self.seen.append(places(reader))

    def take_over(self) -> None:
        self.bucket.forget_holders()
        if self.bucket.keys("ledger.json"):
            self.look()
        self.replaced_at = len(self.acknowledged)
        with self.bucket.open() as heir:
            heir.append(STREAM, [], cursor=b"heir")
            if self.rest == "seal and drop":
                heir.seal()
                heir.retain(older_than=START_NS * 2)
            for one in (100, 101):
                heir.append(STREAM, log_records(one * EVENTS, EVENTS))
                self.acknowledged.append(one)
                if self.rest != "append":
                    heir.seal()
            if self.rest == "compact":
                heir.compact()
        self.look()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("rest", ["append", "seal", "seal and drop", "compact"])
def test_a_writer_that_wakes_up_after_it_was_replaced_acknowledges_nothing_that_is_lost(when: str, rest: str) -> None:
    """At each of its requests; what readers saw in between never changes either."""
    for number in range(1, requests_of_a_run() + 1):
        zombie = Zombie(rest)
        client = Interrupted(zombie.bucket.client, number, when, zombie.take_over)
        with suppress(LedgerError), zombie.bucket.open(client) as ledger:
            write(ledger, zombie.acknowledged)
        zombie.bucket.forget_holders()
        with zombie.bucket.open() as later:
            later.append(STREAM, log_records(1000, 1))
            final = places(later)
            assert later.verify().ok
        kept = zombie.acknowledged[zombie.replaced_at if rest == "seal and drop" else 0 :]
        assert set(events_of(kept)) <= set(final.values())
        assert len(final) == len(set(final.values()))
        for seen in zombie.seen:
            assert {at: one for at, one in seen.items() if at >= min(final)}.items() <= final.items()


def test_a_living_writer_is_not_replaced_and_says_who_it_is() -> None:
    bucket = Bucket()
    with bucket.open() as ledger:
        ledger.append(STREAM, log_records(0, 1))
        with bucket.open() as rival, pytest.raises(StreamLockedError, match="process"):
            rival.append(STREAM, log_records(1, 1))


def test_an_object_that_is_said_to_exist_but_does_not_is_created_again() -> None:
    """S3 answers 409 while another request for the key is under way."""
    bucket = Bucket()

    class Conflicting(FaultyClient):
        def create(self, key: str, content: Content) -> str:
            self.requests += 1
            if self.requests == 1:
                raise FileExistsError(key)
            return self.client.create(key, content)

    create_once(Conflicting(bucket.client), "key", b"mine")
    assert bucket.client.get("key") == b"mine"
    create_once(bucket.client, "key", b"mine")
    with pytest.raises(FileExistsError):
        create_once(bucket.client, "key", b"other")
    create_once(bucket.client, "parts", lambda: [b"a" * 10, b"b" * 10])
    create_once(bucket.client, "parts", lambda: [b"a" * 5, b"a" * 5 + b"b" * 10])
    with pytest.raises(FileExistsError):
        create_once(bucket.client, "parts", lambda: [b"a" * 10, b"b" * 11])


@pytest.mark.parametrize("deleted", range(4))
def test_readers_tolerate_pieces_beside_the_segment_that_replaced_them(deleted: int) -> None:
    """The states between the sealed object, its manifest and the end of the deletion."""
    bucket = Bucket()
    with bucket.open() as ledger:
        for number in range(3):
            ledger.append(STREAM, log_records(number * EVENTS, EVENTS))
        pieces = {key: bucket.client.get(key) for key in bucket.keys(".open/")}
        ledger.seal()
    for key in [*pieces][deleted:]:
        bucket.client.put(key, pieces[key])

    for manifest in (True, False):
        if not manifest:
            bucket.client.delete(bucket.keys(".man"))
        with bucket.open(read_only=True) as reader:
            assert stored(reader) == events_of([0, 1, 2])
            assert reader.verify().ok
    check(bucket, [0, 1, 2], range(3))
    assert len(bucket.keys(".seg")) == 1 + (len(bucket.keys(".seg")) > 1)


def test_a_reader_that_loses_pieces_to_sealing_reads_on_in_the_sealed_object() -> None:
    bucket = Bucket()
    with bucket.open() as ledger:
        for number in range(4):
            ledger.append(STREAM, log_records(number * EVENTS, EVENTS))
        with bucket.open(read_only=True) as reader:
            batches = reader.read(STREAM, batch_rows=EVENTS)
            first = next(batches)
            ledger.seal()
            rest = [payload for batch in batches for payload in batch.payload.to_list()]
    assert [*first.payload.to_list(), *rest] == [b"line %d" % number for number in range(4 * EVENTS)]
