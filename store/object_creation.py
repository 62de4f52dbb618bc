"""Create an object exactly once although requests and answers get lost.

Between the file system of objects and its client. A create-only put may be sent again: when it finds the object there,
what is there tells whether it is ours (the answer was lost) or another writer's. S3 answers 409 while another put of
the same key is under way, and obstore takes that for "exists" (apache/arrow-rs-object-store#852): then nothing is there
yet, and it is tried again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..domain.errors import ObjectStoreError
from .object_client import PART_BYTES, Content, ObjectClient

ATTEMPTS = 4
FIRST_WAIT_S = 0.05
"""Waits double: 0.05 to 0.2 s. They come on top of the client's own retries, which do not repeat a conditional put
whose answer was lost."""


def create_once(client: ObjectClient, key: str, content: Content) -> str:
    """Create an object; one that is there with just this content counts as created.

    Returns:
        The object's tag; empty where only its content told that it is ours.

    Raises:
        FileExistsError: another one is there.
        ObjectStoreError: the store could not be reached; the object may be there or not.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
        tag = _created(client, key, content, last=attempt == ATTEMPTS - 1)
        if tag is not None:
            return tag
    raise ObjectStoreError(f"{key} could not be created: the store says that it exists, but it does not", passing=True)


def _created(client: ObjectClient, key: str, content: Content, *, last: bool) -> str | None:
    """Try once; return the tag of the object, None where it has to be tried again."""
    try:
        return client.create(key, content)
    except FileExistsError:
        try:
            if holds(client, key, content):
                return ""
        except FileNotFoundError:
            return None
        raise
    except ObjectStoreError as error:
        if last or not error.passing:
            raise
        return None


def put_surely(client: ObjectClient, key: str, content: bytes) -> None:
    """Write an object that only this writer writes; again, where a request or its answer is lost.

    Raises:
        ObjectStoreError: the store could not be reached.
    """
    for attempt in range(ATTEMPTS):
        try:
            client.put(key, content)
            return
        except ObjectStoreError as error:
            if attempt == ATTEMPTS - 1 or not error.passing:
                raise
            time.sleep(FIRST_WAIT_S * 2**attempt)


def holds(client: ObjectClient, key: str, content: Content) -> bool:
    """Say whether an object has just this content.

    Raises:
        FileNotFoundError: there is no such object.
    """
    if not callable(content):
        return client.get(key) == content
    size, start = client.head(key).size, 0
    for piece in _parts(content()):
        if start + len(piece) > size or client.get_range(key, start, len(piece)) != piece:
            return False
        start += len(piece)
    return start == size


def _parts(chunks: Iterable[bytes]) -> Iterable[bytes]:
    """Join small chunks and yield none that is empty."""
    part = bytearray()
    for chunk in chunks:
        part += chunk
        if len(part) >= PART_BYTES:
            yield bytes(part)
            part = bytearray()
    if part:
        yield bytes(part)
