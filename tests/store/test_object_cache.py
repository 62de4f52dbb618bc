"""The local cache of objects: bounded, checked, keeps indexes longest, and is never needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cloudledger.domain.errors import MissingExtraError
from cloudledger.store import Ledger
from cloudledger.store.object_cache import ObjectCache
from cloudledger.store.object_client import ObjectClient, open_client
from cloudledger.store.object_file_system import ObjectFileSystem
from cloudledger.store.object_lease import LeaseHeldError, ObjectLease
from tests.store.builders import STREAM, log_records, random_batch
from tests.store.objects import URL, Bucket, FaultyClient


class CountingClient(FaultyClient):
    """Counts what is read."""

    def __init__(self, client: ObjectClient) -> None:
        super().__init__(client)
        self.bytes_read = self.reads = 0

    def get_range(self, key: str, start: int, length: int) -> bytes:
        self.reads, self.bytes_read = self.reads + 1, self.bytes_read + length
        return super().get_range(key, start, length)


def size_on_disk(directory: Path) -> int:
    """Return the bytes of all files."""
    return sum(path.stat().st_size for path in directory.iterdir())


def test_the_directory_stays_within_its_budget_and_indexes_stay_longest(tmp_path: Path) -> None:
    cache = ObjectCache(str(tmp_path), budget=10_000, memory_bytes=0)
    cache.put("index", b"i" * 900, index=True)
    for number in range(50):
        cache.put(f"data {number}", bytes([number]) * 996, index=False)
        cache.get("data 0", index=False)

    assert size_on_disk(tmp_path) == cache.disk_bytes <= 10_000
    for again in (cache, ObjectCache(str(tmp_path), budget=10_000)):
        assert again.get("index", index=True) == b"i" * 900
        assert again.get("data 0", index=False) == bytes(996)
        assert again.get("data 49", index=False) == b"\x31" * 996
        assert again.get("data 7", index=False) is None
    cache.put("too large", b"x" * 20_000, index=False)
    assert cache.disk_bytes <= 10_000


def test_a_damaged_entry_is_fetched_again(tmp_path: Path) -> None:
    ObjectCache(str(tmp_path)).put("key", b"content", index=False)
    (path,) = tmp_path.iterdir()
    for damage in (b"c0ntent" + path.read_bytes()[-4:], b"", b"abc"):
        path.write_bytes(damage)
        assert ObjectCache(str(tmp_path)).get_or_fetch("key", lambda: b"content", index=False) == b"content"


@pytest.mark.parametrize("place", ["/dev/null/nowhere", None])
def test_without_a_directory_everything_still_works(place: str | None) -> None:
    cache = ObjectCache(place)

    assert cache.get_or_fetch("key", lambda: b"content", index=True) == b"content"


def test_what_was_read_once_is_not_asked_again_by_another_process(tmp_path: Path) -> None:
    bucket = Bucket()
    with bucket.open() as ledger:
        for number in range(5):
            ledger.append(STREAM, random_batch(number, 2_000))
        ledger.seal()
    counts = []
    for _ in range(2):
        client = CountingClient(bucket.client)
        files = ObjectFileSystem(client, URL, cache=ObjectCache(str(tmp_path)))
        with Ledger.open(URL, files=files, read_only=True) as reader:
            assert sum(len(batch) for batch in reader.read(STREAM)) == 10_000
            assert list(reader.search(trace_id="f" * 32)) == []
        counts.append(client.reads)

    assert counts[0] > 0
    assert counts[1] == 0


def test_a_question_reads_footers_and_not_whole_segments(tmp_path: Path) -> None:
    bucket = Bucket()
    with bucket.open() as ledger:
        for number in range(20):
            ledger.append(STREAM, random_batch(number, 3_000))
        ledger.seal()
    (segment,) = bucket.keys(".seg")
    client = CountingClient(bucket.client)
    files = ObjectFileSystem(client, URL, cache=ObjectCache(str(tmp_path)))

    with Ledger.open(URL, files=files, read_only=True) as reader:
        assert list(reader.search(trace_id="f" * 32)) == []

    assert client.bytes_read < bucket.client.head(segment).size / 5


def test_a_lease_whose_holder_is_silent_runs_out() -> None:
    bucket, now = Bucket(), [0.0]

    def clock() -> float:
        return now[0]

    now[0] = os.times().elapsed * 0 + 4_000_000_000.0
    first = ObjectLease.take(bucket.client, "LOCK", now=clock)
    second = ObjectLease.take(bucket.client, "LOCK", now=clock)
    now[0] = 0.0
    with pytest.raises(LeaseHeldError, match="process"):
        ObjectLease.take(bucket.client, "LOCK", now=clock)

    assert (first.number, second.number, first.newest(), second.newest()) == (1, 2, 2, 2)
    first.release()
    second.release()
    assert ObjectLease.take(bucket.client, "LOCK", above=10, now=clock).number == 11


def test_without_obstore_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)

    with pytest.raises(MissingExtraError, match=r"cloudledger\[object-storage\]"):
        open_client("s3://bucket/ledger")


def test_a_local_cache_directory_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDLEDGER_CACHE", str(tmp_path / "deep" / "cache"))
    monkeypatch.setenv("CLOUDLEDGER_CACHE_BYTES", "5000")
    bucket = Bucket()
    with Ledger.open(URL, files=ObjectFileSystem(bucket.client, URL)) as ledger:
        ledger.append(STREAM, log_records(0, 3))
        assert sum(len(batch) for batch in ledger.read()) == 3

    assert (tmp_path / "deep" / "cache").stat().st_mode & 0o077 == 0
    assert 0 < size_on_disk(tmp_path / "deep" / "cache") <= 5000
