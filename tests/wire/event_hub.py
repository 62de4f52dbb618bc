"""FakeEventHub: partitions of an event hub over AMQP 1.0, with the answers of `$cbs` and `$management`.

A server of qpid-proton that azure-eventhub talks to. Proton leaves out trailing nulls and writes empty lists as `0x45`,
as the protocol allows; azure-eventhub reads neither, so that `readable_frames` completes them before it does.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

import azure.eventhub._client_base as client_base
import azure.eventhub._pyamqp._connection as amqp_connection
import azure.eventhub._pyamqp._transport as pyamqp
import azure.eventhub._pyamqp.client as amqp_client
import azure.eventhub._pyamqp.session as amqp_session
import pytest
from azure.eventhub._pyamqp._decode import decode_frame
from proton import Condition, Endpoint, Message, symbol, timestamp
from proton.handlers import MessagingHandler
from proton.reactor import ApplicationEvent, Container, EventInjector

from tests.wire.faults import Faults

HUB = "logs"
KEY = "bm90LWEtc2VjcmV0LWF0LWFsbA=="
CREATED_MS = 1_700_000_000_000
_FIELDS = {0x10: 10, 0x11: 8, 0x12: 14, 0x13: 11, 0x14: 11, 0x15: 6, 0x16: 3, 0x17: 1, 0x18: 1}
"""Fields of the performatives open, begin, attach, flow, transfer, disposition, detach, end and close."""

CONDITIONS = {
    "busy": "com.microsoft:server-busy",
    "forced": "amqp:connection:forced",
    "denied": "amqp:unauthorized-access",
    "stolen": "amqp:link:stolen",
}


class Sent(NamedTuple):
    """One event of a partition."""

    number: int
    body: Any
    enqueued_ms: int = CREATED_MS


def _completed(data: memoryview) -> tuple[int, list[Any]]:
    kind, size = data[2], _FIELDS.get(data[2], 0)
    if data[3] == 0x45:
        return kind, [None] * size + ([data[4:]] if kind == 0x14 else [])
    kind, fields = decode_frame(data)
    payload = [fields.pop()] if kind == 0x14 else []
    return kind, fields + [None] * (size - len(fields)) + payload


@contextmanager
def readable_frames(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let azure-eventhub read what proton writes, and look for answers each 2 ms instead of each 50."""
    quick = SimpleNamespace(**{**vars(time), "sleep": lambda seconds: time.sleep(min(seconds, 0.002))})
    with monkeypatch.context() as patch:
        patch.setattr(pyamqp, "decode_frame", _completed)
        for module in (client_base, amqp_connection, amqp_client, amqp_session):
            patch.setattr(module, "time", quick)
        yield


class FakeEventHub(MessagingHandler):
    """An event hub; use it in a `with`.

    Args:
        partitions: events of each, by the partition's id.
        faults: for each link to a partition; kinds of `CONDITIONS`, `reset` and `silent`.
        managing: for each request for the state of the hub or a partition; of the kind `management`.

    Attributes:
        began: the first number that each partition still has, where that is not 0.
        created_ms: when the hub was made.
    """

    def __init__(self, partitions: dict[str, list[Sent]], faults: Faults, managing: Faults) -> None:
        super().__init__(prefetch=100, auto_accept=True)
        self.partitions, self.faults, self.managing = partitions, faults, managing
        self.began: dict[str, int] = {}
        self.created_ms, self.links = CREATED_MS, 0
        self._places: dict[Any, tuple[str, int]] = {}
        self._replies: dict[str, Any] = {}
        self._doomed: dict[Any, str] = {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._ready, self._events = threading.Event(), EventInjector()
        self._container = Container(self)
        self._container.selectable(self._events)
        self._thread = threading.Thread(target=self._container.run, daemon=True)

    @property
    def connection_string(self) -> str:
        """What leads to it, and to no other."""
        address = f"Endpoint=sb://127.0.0.1:{self.port};SharedAccessKeyName=listen;SharedAccessKey={KEY}"
        return f"{address};EntityPath={HUB};UseDevelopmentEmulator=true;"

    def __enter__(self) -> FakeEventHub:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._events.trigger(ApplicationEvent("quit"))
        self._thread.join(10)

    def arrive(self, partition: str, event: Sent) -> None:
        """Let an event arrive at a partition that is listened to."""
        self.partitions[partition].append(event)
        self._events.trigger(ApplicationEvent("arrived"))

    def on_start(self, event: Any) -> None:
        self._acceptor = event.container.listen(f"127.0.0.1:{self.port}")
        self._ready.set()

    def on_arrived(self, event: Any) -> None:
        for link in list(self._places):
            self._send(link)

    def on_quit(self, event: Any) -> None:
        self._acceptor.close()
        self._container.stop()

    def on_link_opening(self, event: Any) -> None:
        link = event.link
        link.source.copy(link.remote_source)
        link.target.copy(link.remote_target)
        address = link.remote_source.address or ""
        if link.is_sender and "/Partitions/" in address:
            self._listen(link, address.rpartition("/")[2])
        elif link.is_sender:
            self._replies[link.connection.remote_container + address] = link

    def on_link_closed(self, event: Any) -> None:
        self._places.pop(event.link, None)

    def on_disconnected(self, event: Any) -> None:
        gone = [link for link in self._places if link.connection == event.connection]
        for link in gone:
            del self._places[link]

    def on_sendable(self, event: Any) -> None:
        if event.link in self._places:
            self._send(event.link)

    def on_message(self, event: Any) -> None:
        target = event.link.remote_target.address
        reply = self._replies[event.connection.remote_container + target]
        asked = event.message
        if target == "$cbs":
            status, body = 202, None
        else:
            status, body = self._managed(asked.properties)
        words = {"status-code": status, "status-description": "as asked"}
        reply.send(Message(body, correlation_id=asked.id, properties=words))

    def _listen(self, link: Any, partition: str) -> None:
        self.links += 1
        kind = self.faults.next()
        if kind == "reset":
            link.connection.transport.close_tail()
            return
        if kind == "silent":
            return
        if kind in CONDITIONS:
            self._doomed[link] = kind
        told = link.remote_source.filter
        told.rewind()
        wanted = str(told.get_object()) if told.next() else ""
        found = re.search(r"x-opt-(sequence-number|offset) >(=?) '(-?\d+|@latest)'", wanted)
        assert found is not None, wanted
        after = {"-1": -1, "@latest": 1 << 60}.get(found[3])
        self._places[link] = (partition, int(found[3]) if after is None else after)

    def _managed(self, asked: dict[str, Any]) -> tuple[int, Any]:
        if self.managing.next() == "management":
            return 503, None
        if asked["type"] == "com.microsoft:eventhub":
            ids = sorted(self.partitions)
            return 200, {
                "name": HUB,
                "type": asked["type"],
                "created_at": timestamp(self.created_ms),
                "partition_ids": ids,
            }
        events = self.partitions[asked["partition"]]
        return 200, {
            "name": HUB,
            "partition": asked["partition"],
            "begin_sequence_number": self.began.get(asked["partition"], 0),
            "last_enqueued_sequence_number": events[-1].number if events else -1,
            "last_enqueued_offset": str(events[-1].number) if events else "-1",
            "last_enqueued_time_utc": timestamp(events[-1].enqueued_ms if events else CREATED_MS),
            "is_partition_empty": not events,
        }

    def _send(self, link: Any) -> None:
        if not link.state & Endpoint.LOCAL_ACTIVE:
            return
        if kind := self._doomed.pop(link, ""):
            link.condition = Condition(CONDITIONS[kind], f"the fault {kind}")
            link.close()
            return
        partition, after = self._places[link]
        for event in self.partitions[partition]:
            if event.number > after and link.credit > 0:
                link.send(_message(event))
                after = event.number
        self._places[link] = (partition, after)


def _message(event: Sent) -> Message:
    annotations = {
        symbol("x-opt-sequence-number"): event.number,
        symbol("x-opt-offset"): str(event.number),
        symbol("x-opt-enqueued-time"): timestamp(event.enqueued_ms),
    }
    return Message(event.body, annotations=annotations, inferred=isinstance(event.body, bytes))
