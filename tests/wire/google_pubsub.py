"""FakePubSub: a subscription of Pub/Sub over gRPC, pulled and streamed, with deadlines, redelivery and duplicates.

A message that is not acknowledged before its deadline comes again, with another id to acknowledge; one that was
acknowledged too late comes again as well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import grpc
from google.iam.v1 import iam_policy_pb2
from google.protobuf import empty_pb2
from google.pubsub_v1.types import (
    AcknowledgeRequest,
    ModifyAckDeadlineRequest,
    PubsubMessage,
    PullRequest,
    PullResponse,
    ReceivedMessage,
    StreamingPullRequest,
    StreamingPullResponse,
)

from tests.wire.faults import Faults
from tests.wire.grpc_fake import CODES, GrpcFake, Method, abort

_NS = 1_000_000_000


class FakePubSub(GrpcFake):
    """One subscription.

    Args:
        bodies: what was published, in order.
        faults: statuses, repeated, and empty: an answer without messages although some wait.
        clock_ns: decides when deadlines have passed.
        deadline_s: of the subscription.
        at_once: messages in an answer at most.

    Attributes:
        waiting: messages by id, that are not acknowledged yet.
        delivered: how often each was delivered; `leased_until`: until when it does not come again.
        permissions: what the caller may do.
    """

    service = "google.pubsub.v1.Subscriber"

    def __init__(
        self,
        bodies: Sequence[bytes] = (),
        faults: Faults | None = None,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        deadline_s: float = 10.0,
        at_once: int = 25,
    ) -> None:
        super().__init__(faults)
        self.clock_ns, self.deadline_s, self.at_once = clock_ns, deadline_s, at_once
        self.waiting: dict[str, bytes] = {}
        self.delivered: dict[str, int] = {}
        self.permissions = ["pubsub.subscriptions.consume"]
        self.leased_until: dict[str, int] = {}
        self._guard = threading.Lock()
        for body in bodies:
            self.publish(body)
        rights = {"TestIamPermissions": self._handler("TestIamPermissions", Method(_Rights, self._rights))}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("google.iam.v1.IAMPolicy", rights),)
        )

    def publish(self, body: bytes, *, name: str = "") -> None:
        """Let a message wait."""
        self.waiting[name or str(7_000_000_000 + len(self.delivered) + len(self.waiting))] = body

    def methods(self) -> dict[str, Method]:
        return {
            "Pull": Method(PullRequest, self._pull),
            "Acknowledge": Method(AcknowledgeRequest, self._acknowledge),
            "ModifyAckDeadline": Method(ModifyAckDeadlineRequest, self._extend),
            "StreamingPull": Method(StreamingPullRequest, self._stream, streams=True),
        }

    def fault(self, kind: str, request: Any, answer: Any) -> Any:
        if kind == "repeated" and isinstance(answer, PullResponse):
            return PullResponse(received_messages=[one for one in answer.received_messages for _ in (1, 2)])
        return PullResponse() if kind == "empty" and isinstance(answer, PullResponse) else answer

    def _pull(self, request: Any, context: grpc.ServicerContext) -> Any:
        return PullResponse(received_messages=self._taken(min(request.max_messages, self.at_once), self.deadline_s))

    def _stream(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        first = next(requests)
        self.requests.append(("Stream", first))
        while context.is_active():
            kind = self.faults.next() if self._free() else ""
            if kind in CODES:
                abort(context, kind)
            if kind == "end":
                return
            if taken := self._taken(self.at_once, first.stream_ack_deadline_seconds):
                yield StreamingPullResponse(received_messages=taken * (2 if kind == "repeated" else 1))
            time.sleep(0.005)

    def _taken(self, most: int, deadline_s: float) -> list[Any]:
        """Return messages whose deadline has passed, or that were never delivered."""
        with self._guard:
            free = self._free()[:most]
            for name in free:
                self.leased_until[name] = self.clock_ns() + int(deadline_s * _NS)
                self.delivered[name] = self.delivered.get(name, 0) + 1
            return [self._received(name) for name in free]

    def _free(self) -> list[str]:
        now = self.clock_ns()
        return [name for name in list(self.waiting) if self.leased_until.get(name, 0) <= now]

    def _received(self, name: str) -> Any:
        message = PubsubMessage(data=self.waiting[name], message_id=name)
        return ReceivedMessage(ack_id=f"{name}/{self.delivered[name]}", message=message)

    def _acknowledge(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._guard:
            for name in self._still_held(request.ack_ids):
                del self.waiting[name]
        return empty_pb2.Empty()

    def _extend(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._guard:
            until = self.clock_ns() + request.ack_deadline_seconds * _NS
            self.leased_until.update(dict.fromkeys(self._still_held(request.ack_ids), until))
        return empty_pb2.Empty()

    def _still_held(self, ack_ids: Sequence[str]) -> list[str]:
        held = dict.fromkeys(ack_id.rpartition("/")[0] for ack_id in ack_ids if self._is_held(ack_id))
        return [name for name in held if name in self.waiting]

    def _is_held(self, ack_id: str) -> bool:
        name, _, delivery = ack_id.rpartition("/")
        return self.delivered.get(name) == int(delivery) and self.leased_until[name] > self.clock_ns()

    def _rights(self, request: Any, context: grpc.ServicerContext) -> Any:
        held = [name for name in request.permissions if name in self.permissions]
        return iam_policy_pb2.TestIamPermissionsResponse(permissions=held)


_Rights = iam_policy_pb2.TestIamPermissionsRequest
