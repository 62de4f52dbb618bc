"""Object stores for tests: one in memory, one that loses requests and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from obstore.store import MemoryStore

from cloudledger.domain.errors import ObjectStoreError
from cloudledger.store import Ledger
from cloudledger.store.object_cache import ObjectCache
from cloudledger.store.object_client import Content, Found, Names, ObjectClient, ObjectMeta, ObstoreClient
from cloudledger.store.object_file_system import ObjectFileSystem

Made = TypeVar("Made")
URL = "memory://bucket/ledger"


class Cut(BaseException):
    """The process dies here."""


class FaultyClient:
    """Stands before a client and fails at the request of a number.

    Attributes:
        fault: `before`: the request does not arrive; `after`: its answer does not; `die...`: nor does the process
            go on; `none`.
        requests: how many requests that change something were made.
    """

    def __init__(self, client: ObjectClient, *, fault: str = "none", fail_at: int = 0, times: int = 1) -> None:
        self.client, self.fault, self.fail_at, self.times, self.requests = client, fault, fail_at, times, 0

    def run(self, request: Callable[[], Made]) -> Made:
        self.requests += 1
        fails = self.fail_at <= self.requests < self.fail_at + self.times
        if fails and self.fault.endswith("before"):
            self.fail()
        made = request()
        if fails and self.fault.endswith("after"):
            self.fail()
        return made

    def fail(self) -> None:
        if self.fault.startswith("die"):
            raise Cut
        raise ObjectStoreError("injected: 503", passing=True)

    def get(self, key: str) -> bytes:
        return self.client.get(key)

    def get_range(self, key: str, start: int, length: int) -> bytes:
        return self.client.get_range(key, start, length)

    def head(self, key: str) -> ObjectMeta:
        return self.client.head(key)

    def list(self, prefix: str, *, after: str = "") -> Found:
        return self.client.list(prefix, after=after)

    def names(self, prefix: str) -> Names:
        return self.client.names(prefix)

    def create(self, key: str, content: Content) -> str:
        return self.run(lambda: self.client.create(key, content))

    def put(self, key: str, content: bytes) -> None:
        self.run(lambda: self.client.put(key, content))

    def delete(self, keys: Sequence[str]) -> None:
        self.run(lambda: self.client.delete(keys))


class Bucket:
    """A store in memory, and ledgers on it: each as another process would see it."""

    def __init__(self) -> None:
        self.client = ObstoreClient(MemoryStore())

    def files(self, client: ObjectClient | None = None) -> ObjectFileSystem:
        return ObjectFileSystem(client or self.client, URL, cache=ObjectCache(None))

    def open(self, client: ObjectClient | None = None, *, read_only: bool = False) -> Ledger:
        return Ledger.open(URL, files=self.files(client), read_only=read_only)

    def keys(self, part: str = "") -> list[str]:
        return [meta.key for meta in self.client.list("") if part in meta.key]

    def forget_holders(self) -> None:
        """Make every lease one of a process that has ended."""
        for key in self.keys("/LOCK/"):
            self.client.put(key, self.client.get(key).replace(b'"released":false', b'"released":true'))
