"""A gRPC server on loopback that answers as a provider does, with the faults of a schedule.

A provider's fake subclasses `GrpcFake` and names its methods; requests and answers are the provider's own generated
messages. Faults are statuses, with `google.rpc.RetryInfo` where the provider sends it, and answers that are cut off.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any, NamedTuple

import grpc
from google.protobuf import any_pb2
from google.rpc import status_pb2
from google.rpc.error_details_pb2 import RetryInfo
from grpc_status import rpc_status

from tests.wire.faults import Faults

CODES = {
    "aborted": grpc.StatusCode.ABORTED,
    "data_loss": grpc.StatusCode.DATA_LOSS,
    "deadline": grpc.StatusCode.DEADLINE_EXCEEDED,
    "denied": grpc.StatusCode.PERMISSION_DENIED,
    "expired": grpc.StatusCode.UNAUTHENTICATED,
    "internal": grpc.StatusCode.INTERNAL,
    "invalid": grpc.StatusCode.INVALID_ARGUMENT,
    "missing": grpc.StatusCode.NOT_FOUND,
    "out_of_range": grpc.StatusCode.OUT_OF_RANGE,
    "reset": grpc.StatusCode.UNAVAILABLE,
    "throttled": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "throttled_bare": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "token_refused": grpc.StatusCode.INVALID_ARGUMENT,
    "unavailable": grpc.StatusCode.UNAVAILABLE,
}

WORDS = {"token_refused": "page_token is no longer valid", "reset": "recvmsg:Connection reset by peer"}


class Method(NamedTuple):
    """One method: the type of its requests, what answers, and whether both sides stream."""

    request: Any
    answer: Callable[[Any, grpc.ServicerContext], Any]
    streams: bool = False


class GrpcFake(ABC):
    """Serves on 127.0.0.1 and a free port, in threads of this process; use it in a `with`.

    Args:
        faults: which request goes wrong, and how.
        credentials: of the server, for TLS; none for plain text.
        port: where to serve; by default a free one.
    """

    service = ""

    def __init__(
        self, faults: Faults | None = None, *, credentials: grpc.ServerCredentials | None = None, port: int = 0
    ) -> None:
        self.faults = faults or Faults()
        self.requests: list[tuple[str, Any]] = []
        self.metadata: list[dict[str, str]] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        handlers = {name: self._handler(name, method) for name, method in self.methods().items()}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(self.service, handlers),))
        bind = f"127.0.0.1:{port}"
        self.port = (
            self._server.add_insecure_port(bind)
            if credentials is None
            else self._server.add_secure_port(bind, credentials)
        )
        self.url = f"{'https' if credentials else 'http'}://127.0.0.1:{self.port}"

    @abstractmethod
    def methods(self) -> dict[str, Method]:
        """Return what it answers."""

    def __enter__(self) -> Any:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving, and end every call."""
        self._server.stop(None).wait()

    def faulty(self, name: str) -> bool:
        """Say whether a method may be hit by a fault."""
        return True

    def fault(self, kind: str, request: Any, answer: Any) -> Any:
        """Return an answer that is changed by a fault of the provider's own."""
        return answer

    def _handler(self, name: str, method: Method) -> grpc.RpcMethodHandler:
        if method.streams:

            def stream(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[bytes]:
                self._seen(name, None, context)
                self._fail(self.faults.next() if self.faulty(name) else "", context)
                for answer in method.answer(requests, context):
                    yield serialized(answer)

            return grpc.stream_stream_rpc_method_handler(stream, method.request.deserialize, None)

        def unary(request: Any, context: grpc.ServicerContext) -> bytes:
            self._seen(name, request, context)
            kind = self.faults.next() if self.faulty(name) else ""
            self._fail(kind, context)
            answer = serialized(self.fault(kind, request, method.answer(request, context)))
            return answer[:-1] if kind == "truncated" else answer

        return grpc.unary_unary_rpc_method_handler(unary, _deserializer(method.request), None)

    def _seen(self, name: str, request: Any, context: grpc.ServicerContext) -> None:
        self.requests.append((name, request))
        self.metadata.append({key: str(value) for key, value in context.invocation_metadata()})

    def _fail(self, kind: str, context: grpc.ServicerContext) -> None:
        if kind in CODES:
            abort(context, kind)


def abort(context: grpc.ServicerContext, kind: str) -> None:
    """End a call by the status of a fault."""
    code, words = CODES[kind], WORDS.get(kind, kind)
    if kind != "throttled":
        context.abort(code, words)
    info = RetryInfo()
    info.retry_delay.FromMilliseconds(1500)
    packed = any_pb2.Any()
    packed.Pack(info)
    context.abort_with_status(rpc_status.to_status(status_pb2.Status(code=8, message=words, details=[packed])))


def serialized(answer: Any) -> bytes:
    """Return the bytes of a message, plain or wrapped by proto-plus."""
    plain = answer if hasattr(answer, "SerializeToString") else type(answer).pb(answer)
    return bytes(plain.SerializeToString())


def _deserializer(kind: Any) -> Callable[[bytes], Any]:
    return kind.deserialize if hasattr(kind, "deserialize") else kind.FromString  # type: ignore[no-any-return]
