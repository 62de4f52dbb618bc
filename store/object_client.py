"""What the store asks of an object store, and the one implementation of it: `obstore` (optional, imported here only).

Below `object_file_system`. Small on purpose, so that a test can stand in between and lose requests or answers. Keys are
relative to the ledger's place in the bucket. Retries of single requests are obstore's own, bounded; credentials and
endpoints come from the environment as it documents them (https://developmentseed.org/obstore/latest/authentication/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from ..domain.errors import InvalidArgumentError, MissingExtraError, ObjectStoreError
from .file_system import Buffer

SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl")
"""Schemes of URLs that name an object store which can create an object only if it is missing."""

MAX_RETRIES = 5
RETRY_SECONDS = 20
"""Bound of obstore's own retries of one request. Chosen: a failover of the clouds' front ends takes seconds."""

PART_BYTES = 8 * 1024 * 1024
"""Size of the parts of a large object. S3 wants at least 5 MiB but for the last part, and at most 10,000 parts."""


class ObjectMeta(NamedTuple):
    """What a listing says of an object; `modified_s` is by the store's clock."""

    key: str
    size: int
    e_tag: str
    modified_s: float


Found = list[ObjectMeta]
Names = list[str]
Content = Buffer | Callable[[], Iterable[bytes]]
"""Bytes, or what gives them in chunks, as often as they are needed, for an object too large to hold."""


class ObjectClient(Protocol):
    """An object store. A missing object is `FileNotFoundError`; all other failures are `OSError`."""

    def get(self, key: str) -> bytes:
        """Return an object."""
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return bytes of an object; the range lies within it."""
        ...

    def head(self, key: str) -> ObjectMeta:
        """Return what is known of an object."""
        ...

    def list(self, prefix: str, *, after: str = "") -> Found:
        """Return all objects below a prefix, in the order of their keys; with `after` only those behind that key."""
        ...

    def names(self, prefix: str) -> Names:
        """Return the names directly below a prefix, sorted."""
        ...

    def create(self, key: str, content: Content) -> str:
        """Write an object, completely or not at all, and return its tag; `FileExistsError` where there is one."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Write an object, replacing what is there."""
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; nothing happens for missing ones."""
        ...


def open_client(url: str) -> ObjectClient:
    """Return a client for an URL like `s3://bucket/ledger`.

    Raises:
        InvalidArgumentError: the scheme is not one of an object store.
        MissingExtraError: obstore is not installed.
    """
    scheme = urlsplit(url).scheme.lower()
    if scheme == "file":
        raise InvalidArgumentError(f"{url!r}: give the directory itself, without file://: object clients do not sync")
    if scheme not in SCHEMES:
        raise InvalidArgumentError(f"{url!r}: give a directory, or a URL of s3://, gs:// or az://")
    return ObstoreClient(_obstore().store.from_url(url, retry_config=_retries()))


def _retries() -> dict[str, Any]:
    backoff = {"init_backoff": timedelta(seconds=0.05), "max_backoff": timedelta(seconds=5), "base": 2}
    return {"max_retries": MAX_RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS), "backoff": backoff}


def _obstore() -> Any:
    try:
        import obstore
        import obstore.store
    except ImportError:
        raise MissingExtraError("obstore", "object-storage") from None
    return obstore


class ObstoreClient:
    """An object store by `obstore`: any of its store objects."""

    def __init__(self, store: Any) -> None:
        self._store, self._api = store, _obstore()

    def get(self, key: str) -> bytes:
        """Return an object."""
        return bytes(self._try(lambda: self._api.get(self._store, key).bytes()))

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return bytes of an object."""
        return bytes(self._try(lambda: self._api.get_range(self._store, key, start=start, length=length)))

    def head(self, key: str) -> ObjectMeta:
        """Return what is known of an object."""
        return _meta(self._try(lambda: self._api.head(self._store, key)))

    def list(self, prefix: str, *, after: str = "") -> Found:
        """Return all objects below a prefix, in the order of their keys."""
        found = self._try(lambda: self._api.list(self._store, prefix, offset=after or None).collect())
        return sorted(_meta(meta) for meta in found if meta["path"] > after)

    def names(self, prefix: str) -> Names:
        """Return the names directly below a prefix, sorted."""
        found = self._try(lambda: self._api.list_with_delimiter(self._store, prefix or None))
        paths = [*found["common_prefixes"], *[meta["path"] for meta in found["objects"]]]
        return sorted({path.rstrip("/").rpartition("/")[2] for path in paths})

    def create(self, key: str, content: Content) -> str:
        """Write an object where there is none, in parts if it is large; return its tag."""
        if not callable(content):
            return self._create(key, bytes(content))
        # Spooled, since obstore may not be called (to read the chunks) while it is uploading.
        with SpooledTemporaryFile(PART_BYTES) as spool:
            for chunk in content():
                spool.write(chunk)
            large = spool.tell() > PART_BYTES
            spool.seek(0)
            return self._create(key, spool if large else spool.read())

    def _create(self, key: str, content: Any) -> str:
        in_parts = not isinstance(content, bytes)
        made = self._try(
            lambda: self._api.put(
                self._store, key, content, mode="create", use_multipart=in_parts, chunk_size=PART_BYTES
            )
        )
        return _tag(made)

    def put(self, key: str, content: bytes) -> None:
        """Write an object, replacing what is there."""
        self._try(lambda: self._api.put(self._store, key, content, use_multipart=False))

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects."""
        if keys:
            try:
                self._try(lambda: self._api.delete(self._store, [*keys]))
            except FileNotFoundError:
                self._delete_singly(keys)

    def _delete_singly(self, keys: Sequence[str]) -> None:
        """Some stores stop at the first object that is missing."""
        for key in keys:
            try:
                self._try(lambda key=key: self._api.delete(self._store, key))  # type: ignore[misc]
            except FileNotFoundError:
                continue

    def _try(self, request: Callable[[], Any]) -> Any:
        errors = self._api.exceptions
        try:
            return request()
        except FileNotFoundError as error:
            raise FileNotFoundError(_first_line(error)) from error
        except errors.AlreadyExistsError as error:
            raise FileExistsError(_first_line(error)) from error
        except (errors.BaseError, OSError) as error:
            passing = isinstance(error, (errors.GenericError, errors.JoinError))
            raise ObjectStoreError(_first_line(error), passing=passing) from error


def _meta(found: Any) -> ObjectMeta:
    return ObjectMeta(found["path"], found["size"], _tag(found), found["last_modified"].timestamp())


def _tag(found: Any) -> str:
    """Return the tag of an object; Azure quotes it in some answers only."""
    return (found["e_tag"] or "").strip('"')


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
