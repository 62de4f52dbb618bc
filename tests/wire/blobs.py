"""FakeBlobs: the listing and the ranged, conditional reads of one container of Blob Storage."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.wire.azure_fake import AzureFake, header
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, Request

CONTAINER = "insights-logs-kube-audit"


class Blob(NamedTuple):
    """A blob as it stands; its version goes up with each write."""

    content: bytes
    version: int = 1
    modified_s: float = 0.0
    kind: str = "BlockBlob"


class FakeBlobs(AzureFake):
    """A container.

    Attributes:
        blobs: by name.
        page_blobs: blobs in a page at most.
        folders: names of folders, which accounts with a hierarchical namespace list too.
        unreadable: names of blobs that give nothing.
    """

    def __init__(self, faults: Faults | None = None, **settings: Any) -> None:
        super().__init__(faults, **settings)
        self.blobs: dict[str, Blob] = {}
        self.page_blobs, self.folders, self.unreadable = 4, set[str](), set[str]()

    def put(self, name: str, content: bytes, *, kind: str = "BlockBlob", modified_s: float | None = None) -> None:
        """Write a blob anew."""
        version = self.blobs[name].version + 1 if name in self.blobs else 1
        self.blobs[name] = Blob(content, version, modified_s or self.clock_ns() / 1e9, kind)

    def append(self, name: str, content: bytes) -> None:
        """Write to the end of an append blob."""
        before = self.blobs[name].content if name in self.blobs else b""
        self.put(name, before + content, kind="AppendBlob")

    def served(self, request: Request) -> Answer:
        address = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        container, _, name = unquote(address.path).strip("/").partition("/")
        if container != CONTAINER:
            return _refused(404, "ContainerNotFound")
        return self._listing(asked) if asked.get("comp") == "list" else self._content(name, request)

    def fault(self, kind: str, request: Request) -> Answer:
        if kind == "no_marker":
            return Answer(200, b"<EnumerationResults><Blobs></Blobs></EnumerationResults>")
        if kind == "empty_page" and "comp=list" in request.path:
            marker = parse_qs(urlsplit(request.path).query).get("marker", ["0"])[0]
            body = f"<EnumerationResults><Blobs/><NextMarker>{marker}</NextMarker></EnumerationResults>"
            return Answer(200, body.encode())
        if kind == "whole" and "comp=list" not in request.path:  # a proxy that knows no ranges
            name = unquote(urlsplit(request.path).path).strip("/").partition("/")[2]
            return Answer(200, self.blobs[name].content + b" and more")
        return super().fault(kind, request) if kind not in ("empty_page", "whole") else self.served(request)

    def _listing(self, asked: dict[str, str]) -> Answer:
        names = sorted(name for name in {*self.blobs, *self.folders} if name.startswith(asked.get("prefix", "")))
        start = int(asked.get("marker", "0"))
        size = min(self.page_blobs, int(asked["maxresults"]))
        more = str(start + size) if start + size < len(names) else ""
        found = "".join(self._listed(name) for name in names[start : start + size])
        body = f"<EnumerationResults><Blobs>{found}</Blobs><NextMarker>{more}</NextMarker></EnumerationResults>"
        return Answer(200, b"\xef\xbb\xbf" + body.encode(), {"Content-Type": "application/xml"})

    def _listed(self, name: str) -> str:
        if name in self.folders:
            return f"<Blob><Name>{name}</Name><Properties><ResourceType>directory</ResourceType></Properties></Blob>"
        blob = self.blobs[name]
        encoded = ' Encoded="true"' if "\x01" in name else ""
        shown = quote(name) if encoded else escape(name)
        return (
            f"<Blob><Name{encoded}>{shown}</Name><Properties>"
            f"<Last-Modified>{formatdate(blob.modified_s, usegmt=True)}</Last-Modified><Etag>0x{blob.version}</Etag>"
            f"<Content-Length>{len(blob.content)}</Content-Length><BlobType>{blob.kind}</BlobType>"
            "</Properties></Blob>"
        )

    def _content(self, name: str, request: Request) -> Answer:
        if name in self.unreadable or name not in self.blobs:
            return _refused(404, "BlobNotFound")
        blob, match = self.blobs[name], header(request, "If-Match")
        if match and match != f'"0x{blob.version}"':
            return _refused(412, "ConditionNotMet")
        start, end = header(request, "Range").removeprefix("bytes=").split("-")
        return Answer(206, blob.content[int(start) : int(end) + 1], {"ETag": f'"0x{blob.version}"'})


def _refused(status: int, code: str) -> Answer:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"
    return Answer(status, body.encode(), {"Content-Type": "application/xml", "x-ms-error-code": code})
