"""An HTTP server on loopback that answers as a provider does, and breaks as networks do.

A provider's fake subclasses `HttpFake` and answers requests; the schedule's network faults (reset, truncated body,
empty or foreign 200) are carried out here. Over TLS with `context`, for SDKs that send tokens nowhere else.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.wire.faults import NETWORK, Faults


class Answer(NamedTuple):
    """What is sent back; `parts` are streamed instead of the body, until they end or the client goes."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    parts: Iterable[bytes] | None = None


class Request(NamedTuple):
    """What came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class HttpFake(ABC):
    """Serves on 127.0.0.1 and a free port, in threads of this process; use it in a `with`."""

    def __init__(self, faults: Faults | None = None, *, context: ssl.SSLContext | None = None) -> None:
        self.faults = faults or Faults()
        self.requests: list[Request] = []
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Return the provider's answer."""

    @abstractmethod
    def fault(self, kind: str, request: Request) -> Answer:
        """Return how the provider says that something is wrong."""

    def faulty(self, request: Request) -> bool:
        """Say whether a request may be hit by a fault."""
        return True


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that break: that is what they are for."""


def _handler_of(fake: HttpFake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            request = Request(self.command, self.path, dict(self.headers.items()), self.rfile.read(size))
            fake.requests.append(request)
            kind = fake.faults.next() if fake.faulty(request) else ""
            if kind == "reset":
                self._reset()
            elif kind == "empty200":
                self._send(Answer(200, b""))
            elif kind == "html200":
                self._send(Answer(200, b"<html><body>Please log in</body></html>", {"Content-Type": "text/html"}))
            elif kind and kind not in NETWORK:
                self._send(fake.fault(kind, request))
            else:
                self._send(fake.answer(request), cut=kind == "truncated")

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815 - names of http.server

        def _send(self, answer: Answer, *, cut: bool = False) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.parts is None:
                self.send_header("Content-Length", str(len(answer.body)))
            else:
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if answer.parts is None:
                self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
            else:
                self._stream(answer.parts, cut=cut)
            self.close_connection = cut

        def _stream(self, parts: Iterable[bytes], *, cut: bool) -> None:
            """Send parts as chunks, as services stream; cut off, the last chunk is missing."""
            for part in parts:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.flush()
                if cut:
                    return
            self.wfile.write(b"0\r\n\r\n")

        def _reset(self) -> None:
            linger = struct.pack("ii", 1, 0)  # closing sends RST instead of FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
