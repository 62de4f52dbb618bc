"""The right to do something alone, by numbered objects of which each can be created once.

For streams (the number is the writer's epoch) and for checkpoints. Whoever creates the next number has the right; the
one before has lost it and finds out by listing. That alone makes it safe. How long a holder who stays silent is left in
peace is only politeness, so that clocks need not agree.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from ..domain.errors import FencedWriterError
from .object_client import ObjectClient, ObjectMeta
from .object_creation import create_once, put_surely

LEASE_S = 60
"""A holder that has shown no sign of life for so long may be replaced. Chosen: longer than any commit's retries."""

RENEW_S = 20
"""A holder shows life so often, when it commits. Chosen: two may be missed."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a lease; `nonce` tells two of one process apart."""

    pid: int
    host: str
    nonce: str
    released: bool = False

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"

    @property
    def is_dead(self) -> bool:
        """Whether its process is known to have ended."""
        if self.host != socket.gethostname() or self.pid == os.getpid():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False


class LeaseHeldError(Exception):
    """Somebody living holds the lease."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class ObjectLease:
    """A lease that was taken.

    Attributes:
        number: higher than that of every lease before it.
    """

    def __init__(
        self, client: ObjectClient, prefix: str, number: int, holder: Holder, now: Callable[[], float]
    ) -> None:
        self._client, self._prefix, self._holder, self._now = client, prefix, holder, now
        self.number, self._renewed = number, now()

    @classmethod
    def take(
        cls, client: ObjectClient, prefix: str, *, above: int = 0, now: Callable[[], float] = time.time
    ) -> ObjectLease:
        """Take a lease, above a number.

        Raises:
            LeaseHeldError: somebody living holds it.
        """
        known = client.list(prefix)
        if known:
            _make_sure_it_is_free(client, known[-1], now())
        number = max(above, _number(known[-1].key) if known else 0) + 1
        holder = Holder(pid=os.getpid(), host=socket.gethostname(), nonce=os.urandom(8).hex())
        try:
            create_once(client, _key(prefix, number), msgspec.json.encode(holder))
        except FileExistsError:
            raise LeaseHeldError("another writer, since this moment") from None
        lease = cls(client, prefix, number, holder, now)
        if lease.newest() != number:  # the number was free only because those above had it deleted in the meantime
            raise LeaseHeldError("another writer, since this moment")
        client.delete([meta.key for meta in known])
        return lease

    def newest(self) -> int:
        """Return the number of the newest lease: this one's, unless it was taken over."""
        newer = self._client.list(self._prefix, after=_key(self._prefix, self.number))
        return _number(newer[-1].key) if newer else self.number

    def renew(self) -> None:
        """Show life, where it is time to."""
        if self._now() - self._renewed > RENEW_S:
            self._write(self._holder)
            self._renewed = self._now()

    def release(self) -> None:
        """Give the lease up; a forked child only forgets it, and without the network it runs out by itself."""
        if os.getpid() == self._holder.pid:
            with suppress(OSError):
                self._write(msgspec.structs.replace(self._holder, released=True))

    def _write(self, holder: Holder) -> None:
        # Only its holder writes a lease again; one that was taken over is not the newest, and stays without effect.
        put_surely(self._client, _key(self._prefix, self.number), msgspec.json.encode(holder))


class SharedStreamLock:
    """The right to write a stream on an object store: the counterpart of the lock on a directory.

    Attributes:
        epoch: number of this writer: higher than that of every writer before it.
    """

    def __init__(self, lease: ObjectLease, stream: str) -> None:
        self._lease, self._stream, self.epoch = lease, stream, lease.number

    def check(self) -> None:
        """Do nothing: only what is found after a write counts."""

    def confirm(self) -> None:
        """Make sure, after a write, that no newer writer had taken the stream over by then.

        A newer one takes its number before it looks at what is stored. So whoever finds no newer number after a write
        knows that every newer one will find the write; and one that was written in vain is never acknowledged.

        Raises:
            FencedWriterError: one has.
        """
        newest = self._lease.newest()
        if newest != self.epoch:
            raise FencedWriterError(self._stream, epoch=self.epoch, newest=newest)
        self._lease.renew()

    def release(self) -> None:
        """Give the stream up."""
        self._lease.release()


def _make_sure_it_is_free(client: ObjectClient, newest: ObjectMeta, now_s: float) -> None:
    try:
        holder = msgspec.json.decode(client.get(newest.key), type=Holder)
    except (FileNotFoundError, msgspec.MsgspecError):
        return  # a newer one has just been taken, which creating the next number tells; or nobody can read who it was
    left = newest.modified_s + LEASE_S - now_s
    if not holder.released and not holder.is_dead and left > 0:
        raise LeaseHeldError(f"{holder} (which may be replaced {left:.0f} s after its last commit)")


def _key(prefix: str, number: int) -> str:
    return f"{prefix}/{number:020d}"


def _number(key: str) -> int:
    return int(key[-20:])
