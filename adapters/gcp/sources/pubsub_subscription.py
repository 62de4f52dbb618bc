"""PubSubSubscription: the messages of a subscription, as a sink of Cloud Logging (or anybody) publishes them.

Following takes a streaming pull, reading what is there takes pulls until nothing more comes. A message is acknowledged
after the commit that holds it, so it may come again, and is stored once: entries by their own id, whatever else by
that of its message. Nothing is refused ("nack"): that would count towards a dead letter topic. See
https://cloud.google.com/pubsub/docs/pull and https://cloud.google.com/logging/docs/export/pubsub. Needs
`roles/pubsub.subscriber` (`pubsub.subscriptions.consume`) on the subscription.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
from google.api_core.exceptions import DeadlineExceeded, GoogleAPICallError, ServiceUnavailable
from google.auth.credentials import Credentials
from google.pubsub_v1.types import PullRequest, StreamingPullRequest

from ....domain.columns import StringColumn
from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    BreakerSettings,
    Check,
    Delivery,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    StreamSource,
    Verdict,
)
from ...records import Origin, Records
from .access import check_permissions
from .connection import TIMEOUT_S, GcpConnection
from .credentials import GcpCredentials
from .failures import classify
from .grpc_session import GrpcSession
from .leases import LEASE_S, TICK_S, Leases

MESSAGES = 1000
"""In one pull, and on their way at once: the most that a pull gives."""

OUTSTANDING_BYTES = 16 << 20
"""On their way at once in a streaming pull. Chosen: eight commits."""

ACKNOWLEDGED_AT_ONCE = 1000
"""Ids in one request: each has up to some 200 bytes, and a request 512 KiB."""

EMPTY_PULLS = 2
"""In a row before a subscription counts as empty: a pull may give nothing although something waits."""

RATE = RateLimit(per_s=100.0, burst=100)
"""Far below the quotas of https://cloud.google.com/pubsub/quotas, which are by region and in bytes."""

HEALTHY_S = 60.0
"""A stream that breaks after this was closed by the service, which does so now and then, and is no trouble."""

_LOOK_S = 0.5


class Subscription:
    """Receives the messages of one subscription."""

    def __init__(
        self, connection: GcpConnection, path: str, stream: str, *, wait_s: float, tick_s: float = TICK_S
    ) -> None:
        self.connection, self.path = connection, path
        self._wait_s, self._tick_s = wait_s, tick_s
        self.identity = SourceIdentity(
            stream=stream,
            provider="gcp",
            account=connection.project,
            api="pubsub",
            cursor="none: the subscription knows what was acknowledged",
            dedupe=("logName", "timestamp", "insertId"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of Google's libraries means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether messages may be taken; takes none."""
        wanted = ["pubsub.subscriptions.consume"]
        asked = {"resource": self.path, "permissions": wanted}
        return check_permissions(
            wanted, "roles/pubsub.subscriber", requests, lambda: self._client().test_iam_permissions(asked).permissions
        )

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        """Yield messages as they come; the subscription itself knows which were acknowledged."""
        leases = Leases(partial(self._extend, requests), tick_s=self._tick_s)
        try:
            yield from self._streamed(requests, leases) if requests.runtime.live else self._pulled(requests, leases)
        finally:
            leases.close()

    def _pulled(self, requests: Requests, leases: Leases) -> Iterator[Delivery]:
        empty = 0
        while empty < EMPTY_PULLS:
            messages = requests.call(self._pull)
            empty = 0 if messages else empty + 1
            if messages:
                yield self._delivery(messages, requests, leases)
        yield Delivery(caught_up=True)

    def _pull(self) -> Sequence[Any]:
        asked = PullRequest(subscription=self.path, max_messages=MESSAGES)
        try:
            answer = self._client().pull(asked, retry=None, timeout=self._wait_s)
        except DeadlineExceeded:
            return ()  # nothing came while it waited
        return type(answer).pb(answer).received_messages  # type: ignore[no-any-return]

    def _streamed(self, requests: Requests, leases: Leases) -> Iterator[Delivery]:
        first = StreamingPullRequest(
            subscription=self.path,
            stream_ack_deadline_seconds=LEASE_S,
            max_outstanding_messages=MESSAGES,
            max_outstanding_bytes=OUTSTANDING_BYTES,
        )
        session = GrpcSession(self._client, "streaming_pull", first, timeout_s=None)
        started_s = requests.runtime.monotonic()
        try:
            for answer in session.answers(every_s=_LOOK_S):
                messages = [] if answer is None else type(answer).pb(answer).received_messages
                yield self._delivery(messages, requests, leases) if messages else Delivery()
        except ServiceUnavailable:
            if requests.runtime.monotonic() - started_s < HEALTHY_S:
                raise

    def _client(self) -> Any:
        return self.connection.subscriber()

    def _delivery(self, messages: Sequence[Any], requests: Requests, leases: Leases) -> Delivery:
        ids = [message.ack_id for message in messages]
        leases.add(ids)
        page = page_of_messages([one.message for one in messages], self.path, self.identity, requests.runtime.now_ns())
        return Delivery(page, acknowledge=partial(self._acknowledge, ids, requests, leases))

    def _acknowledge(self, ids: list[str], requests: Requests, leases: Leases) -> None:
        """Acknowledge messages that are in the ledger now; where that fails they come again, and are stored once."""
        for at in range(0, len(ids), ACKNOWLEDGED_AT_ONCE):
            asked = {"subscription": self.path, "ack_ids": ids[at : at + ACKNOWLEDGED_AT_ONCE]}
            requests.call(partial(self._send_acknowledgement, asked))
        leases.drop(ids)

    def _send_acknowledgement(self, asked: dict[str, Any]) -> None:
        self._client().acknowledge(asked, retry=None, timeout=TIMEOUT_S)

    def _extend(self, requests: Requests, ids: list[str]) -> None:
        """Give messages more time; where that fails they may come again, and are stored once."""
        for at in range(0, len(ids), ACKNOWLEDGED_AT_ONCE):
            asked = {
                "subscription": self.path,
                "ack_ids": ids[at : at + ACKNOWLEDGED_AT_ONCE],
                "ack_deadline_seconds": LEASE_S,
            }
            try:
                self._client().modify_ack_deadline(asked, retry=None, timeout=TIMEOUT_S)
            except GoogleAPICallError:
                requests.tally["leases not extended"] += 1


def page_of_messages(messages: Sequence[Any], path: str, identity: SourceIdentity, now_ns: int) -> Page:
    """Return messages as records; one whose content has no id of its own is named by the message's."""
    bodies = [message.data for message in messages]
    origin = Origin(path, {"provider": "gcp", "account": identity.account}, now_ns)
    context = msgspec.json.encode({"subscription": path}).decode()
    places = np.array([place_of(message.message_id) for message in messages], np.int64)
    count = len(bodies)
    constant = StringColumn.constant(context, count)
    return Page(Records(bodies, bodies, origin, places, np.zeros(count, np.int64), constant), sum(map(len, bodies)))


def place_of(message_id: str) -> int:
    """Return a number that stands for a message: its id, which is a number so far, else a hash of it.

    >>> place_of("19916711285"), place_of("m-1") == place_of("m-1")
    (19916711285, True)
    """
    if message_id.isdecimal() and len(message_id) < 19:
        return int(message_id)
    digest = blake2b(message_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


class PubSubSubscription(StreamSource):
    """The messages of a Pub/Sub subscription, once each.

    Args:
        subscription: its id, or its full name where it is another project's.
        project: where it is, and whose quota is used.
        credentials: where they come from, or ready credentials of google-auth.
        wait_s: how long a pull waits for messages when reading what is there.
        stream: the stream to write; by default named by project and subscription.
        endpoint, ca_file: another address than the public one, and whom to trust there.
        retry, rate, circuit: see the settings.

    >>> PubSubSubscription("logs", project="shop-prod")
    PubSubSubscription(stream='gcp/shop-prod/pubsub/logs')
    """

    def __init__(
        self,
        subscription: str,
        *,
        project: str,
        credentials: GcpCredentials | Credentials | None = None,
        wait_s: float = 5.0,
        stream: str | None = None,
        endpoint: str = "",
        ca_file: str = "",
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if not subscription:
            raise InvalidArgumentError("subscription is empty: give the id of a Pub/Sub subscription")
        connection = GcpConnection(project, credentials=credentials, endpoint=endpoint, ca_file=ca_file)
        path = subscription if "/" in subscription else f"projects/{project}/subscriptions/{subscription}"
        name = stream or f"gcp/{project}/pubsub/{path.rpartition('/')[2]}"
        super().__init__(Subscription(connection, path, name, wait_s=wait_s), retry=retry, rate=rate, circuit=circuit)
