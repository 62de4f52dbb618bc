"""EventHubs: what diagnostic settings and exports send to an event hub, live.

Each partition is read on from the sequence number that the ledger holds; there is no other checkpoint. What had expired
before it was read is a recorded gap. See https://learn.microsoft.com/azure/event-hubs/event-hubs-features and
https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide. Needs the role "Azure Event Hubs Data
Receiver" on the hub; or a connection string with the claim Listen, by reference. Give the source a consumer group of
its own: five may read one partition of a group at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from azure.eventhub import EventHubConsumerClient
from azure.eventhub.amqp import AmqpMessageBodyType

from ....domain.columns import StringColumn
from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    Check,
    Delivery,
    Lost,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    SecretReference,
    SourceIdentity,
    StreamSource,
    Verdict,
    secret,
)
from ...records import Origin, Records
from .access import check_right
from .cloud import PUBLIC, AzureCloud
from .connection import AzureConnection
from .credentials import AzureCredentials
from .event_hub_pump import EventHubPump, Received
from .failures import classify

RATE = RateLimit(per_s=5.0, burst=10)
"""Requests for the state of partitions, of which a namespace has 50 a second:
https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas."""

IDLE_S = 0.5
"""How long to listen before saying that nothing came. Chosen: stopping takes no longer."""

SILENT_LOOKS = 60
"""Looks in a row at which nothing came although something waits: the link is dead, and the client does not know it."""

ROLE = "Azure Event Hubs Data Receiver"
RIGHT = "Microsoft.EventHub/namespaces/messages/receive/action"
STARTS = ("earliest", "latest")


class _Partition(NamedTuple):
    """What a partition holds: its first and last sequence number, if it holds any."""

    first: int
    last: int
    is_empty: bool


class Partitions:
    """Receives from all partitions of one hub."""

    silent_looks = SILENT_LOOKS

    def __init__(
        self,
        connection: AzureConnection,
        namespace: str,
        hub: str,
        *,
        stream: str,
        group: str,
        start: str,
        connection_string: SecretReference | None,
    ) -> None:
        self.connection, self.namespace, self.hub = connection, namespace, hub
        self._group, self._start, self._string = group, start, connection_string
        self.identity = SourceIdentity(
            stream=stream,
            provider="azure",
            account=namespace,
            api="event-hubs",
            cursor="sequence number of each partition",
            dedupe=("namespace", "hub", "partition", "sequence number", "record"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        return classify(error)

    def refresh(self) -> None:
        """Get a token anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the state of the hub may be read."""

        def send() -> Any:
            with self._client() as client:
                return client.get_eventhub_properties()

        return (check_right(RIGHT, ROLE, requests, send),)

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        """Yield events as they arrive, and twice a second that nothing did."""
        with self._client() as client:
            created_ms, known = requests.call(lambda: _state_of(client))
        places = {name: self._place(positions.get(name), state) for name, state in known.items()}
        lost = self._lost(positions, known, requests.runtime.now_ns())
        yield Delivery(
            positions={name: str(place) for name, place in places.items()} if lost or self._start == "latest" else {},
            lost=lost,
            caught_up=_is_caught_up(places, known),
        )
        with EventHubPump(self._client(), places) as pump:
            for found in self._listened(pump, lambda: _is_caught_up(places, known)):
                if found is None:
                    yield Delivery(caught_up=_is_caught_up(places, known))
                    continue
                place = places[found.partition] = found.events[-1].sequence_number
                page, positions = self._page(found, created_ms), {found.partition: str(place)}
                yield Delivery(page, positions, caught_up=_is_caught_up(places, known))

    def _listened(self, pump: EventHubPump, is_caught_up: Callable[[], bool]) -> Iterator[Received | None]:
        """Yield what comes, or that nothing did; a silence while something waits ends the session."""
        silent = 0
        while silent < self.silent_looks:
            found = pump.next(IDLE_S)
            silent = 0 if found is not None or is_caught_up() else silent + 1
            yield found
        raise ConnectionError("nothing came of what waits in the hub")

    def _client(self) -> Any:
        """Return a client that does nothing again by itself."""
        options: dict[str, Any] = {"retry_total": 0}
        if self.connection.ca_file:
            options["connection_verify"] = self.connection.ca_file
        if self._string is not None:
            text = self._string.resolve()
            return EventHubConsumerClient.from_connection_string(text, self._group, eventhub_name=self.hub, **options)
        host = f"{self.namespace}{self.connection.cloud.event_hubs}"
        return EventHubConsumerClient(host, self.hub, self._group, self.connection.credential(), **options)

    def _place(self, stored: str | None, state: _Partition) -> int:
        """Return the sequence number behind which a partition is read."""
        if stored is None:
            return state.last if self._start == "latest" and not state.is_empty else -1
        return -1 if _began_anew(int(stored), state) else max(int(stored), -1 if state.is_empty else state.first - 1)

    def _lost(self, positions: Mapping[str, str], known: Mapping[str, _Partition], now_ns: int) -> tuple[Lost, ...]:
        """Return what partitions no longer hold of what was not read yet."""
        found = []
        for name, state in known.items():
            if name not in positions or state.is_empty:
                continue
            stored = int(positions[name])
            if _began_anew(stored, state):
                found.append(f"partition {name} counts anew: what came after {stored} is unknown")
            elif stored < state.first - 1:
                found.append(f"partition {name}: {stored + 1} to {state.first - 1} expired before they were read")
        return tuple([Lost(now_ns, now_ns + 1, reason, sampled=False) for reason in found])

    def _page(self, found: Received, created_ms: int) -> Page:
        """Return events as records, known by hub, partition and sequence number."""
        bodies = [_body(event) for event in found.events]
        times = [_nanoseconds(event.enqueued_time) for event in found.events]
        key = f"eventhubs/{self.namespace}/{self.hub}/{found.partition}@{created_ms}"
        count = len(bodies)
        records = Records(
            bodies,
            bodies,
            Origin(key, {"provider": "azure"}, times[-1]),
            np.array([event.sequence_number for event in found.events], np.int64),
            np.zeros(count, np.int64),
            StringColumn.constant("", count),
        )
        return Page(records, sum(map(len, bodies)))


def _state_of(client: Any) -> tuple[int, dict[str, _Partition]]:
    """Return when a hub was made, which tells it from one of the same name, and what its partitions hold."""
    told = client.get_eventhub_properties()
    known = {}
    for name in told["partition_ids"]:
        state = client.get_partition_properties(name)
        known[name] = _Partition(
            state["beginning_sequence_number"], state["last_enqueued_sequence_number"], state["is_empty"]
        )
    return int(told["created_at"].timestamp() * 1000), known


def _began_anew(stored: int, state: _Partition) -> bool:
    return not state.is_empty and stored > state.last


def _is_caught_up(places: Mapping[str, int], known: Mapping[str, _Partition]) -> bool:
    """Say whether everything was read that was there when the session began."""
    return all(state.is_empty or places[name] >= state.last for name, state in known.items())


def _body(event: Any) -> bytes:
    """Return what an event holds: its bytes, or its value as JSON."""
    if event.body_type == AmqpMessageBodyType.DATA:
        return b"".join(event.body)
    return msgspec.json.encode(_plain(event.body))


def _plain(value: Any) -> Any:
    """Return a value of AMQP with its texts decoded."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


def _nanoseconds(instant: Any) -> int:
    return int(instant.timestamp() * 1000) * 1_000_000 if instant else 0


class EventHubs(StreamSource):
    """The records in the events of a hub, each once.

    Args:
        namespace, hub: where they are; `namespace` without its domain.
        group: the consumer group.
        start: `earliest` or `latest`, for partitions that were never read.
        credentials: where they come from, or a ready `TokenCredential`.
        connection_string: reference to one, instead of credentials.
        stream: the stream to write; by default named by namespace, hub and group.
        cloud, ca_file: other addresses than the public ones.
        retry, rate: see the settings.

    >>> EventHubs("shop", "insights-logs")
    EventHubs(stream='azure/shop/event-hubs/insights-logs/$Default')
    """

    def __init__(
        self,
        namespace: str,
        hub: str,
        *,
        group: str = "$Default",
        start: str = "earliest",
        credentials: AzureCredentials | Any | None = None,
        connection_string: SecretReference | str | None = None,
        stream: str | None = None,
        cloud: AzureCloud = PUBLIC,
        ca_file: str = "",
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if not namespace or not hub or not group or start not in STARTS:
            raise InvalidArgumentError(
                f"namespace={namespace!r}, hub={hub!r}, group={group!r}, start={start!r}:"
                f" give all, the last as one of {STARTS}"
            )
        reader = Partitions(
            AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file),
            namespace,
            hub,
            stream=stream or f"azure/{namespace}/event-hubs/{hub}/{group}",
            group=group,
            start=start,
            connection_string=secret(connection_string),
        )
        super().__init__(reader, retry=retry, rate=rate)
