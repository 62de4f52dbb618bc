"""FakeStorage: list, read and permissions of Cloud Storage's JSON API, with faults and short pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from tests.wire.faults import Faults
from tests.wire.google_rest import GoogleRestFake, told
from tests.wire.http_fake import Answer, Request

PERMISSIONS = ("storage.objects.get", "storage.objects.list")


class Stored(NamedTuple):
    """One object."""

    content: bytes
    generation: int
    updated_ns: int


class FakeStorage(GoogleRestFake):
    """One bucket.

    Args:
        faults: those of `GoogleRestFake`, and empty_page.
        page_objects: objects in a page at most.

    Attributes:
        objects: by name.
        broken: names of objects whose content cannot be read.
        permissions: what the caller may do.
    """

    def __init__(self, faults: Faults | None = None, *, page_objects: int = 7) -> None:
        super().__init__(faults)
        self.objects: dict[str, Stored] = {}
        self.page_objects, self.broken = page_objects, set[str]()
        self.permissions: Sequence[str] = PERMISSIONS

    def put(self, name: str, content: bytes, updated_ns: int) -> None:
        """Write an object, or replace it."""
        generation = self.objects[name].generation + 1 if name in self.objects else 1_700_000_000_000_001
        self.objects[name] = Stored(content, generation, updated_ns)

    def answer(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/iam/testPermissions"):
            wanted = parse_qs(parts.query)["permissions"]
            return told({"permissions": [name for name in wanted if name in self.permissions]})
        _, _, name = parts.path.partition("/o/")
        return self._content(unquote(name), asked, request) if name else self._list(asked)

    def fault(self, kind: str, request: Request) -> Answer:
        if kind == "empty_page" and "/o/" not in urlsplit(request.path).path:
            asked = parse_qs(urlsplit(request.path).query)
            return told({"nextPageToken": asked.get("pageToken", ["0"])[0]})
        return super().fault("unavailable" if kind == "empty_page" else kind, request)

    def _list(self, asked: dict[str, str]) -> Answer:
        names = [name for name in sorted(self.objects) if name.startswith(asked.get("prefix", ""))]
        at = int(asked.get("pageToken", "0"))
        end = at + min(self.page_objects, int(asked["maxResults"]))
        more = {"nextPageToken": str(end)} if end < len(names) else {}
        return told({"kind": "storage#objects", "items": [self._item(name) for name in names[at:end]], **more})

    def _item(self, name: str) -> dict[str, Any]:
        held = self.objects[name]
        updated = datetime.fromtimestamp(held.updated_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {"name": name, "size": str(len(held.content)), "generation": str(held.generation), "updated": updated}

    def _content(self, name: str, asked: dict[str, str], request: Request) -> Answer:
        held = self.objects.get(name)
        if held is None or name in self.broken or asked.get("generation") != str(held.generation):
            return Answer(404, json.dumps({"error": {"code": 404, "message": "No such object"}}).encode())
        start, _, end = request.headers["range"].removeprefix("bytes=").partition("-")
        part = held.content[int(start) : int(end) + 1]
        headers = {"Content-Range": f"bytes {start}-{int(start) + len(part) - 1}/{len(held.content)}"}
        return Answer(206, part, {"Content-Type": "application/octet-stream", **headers})
