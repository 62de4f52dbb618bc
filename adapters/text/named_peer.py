"""The callee that a message names: the host of a URL, or of "connection to host:port refused" and the like.

Only a candidate: whether the host is a service is for the dependency read model to say, which knows all services.
Hosts of documentation links, of the machine itself and of names without a resolvable form are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...domain.columns import StringColumn
from .chunk_text import ChunkText

_URL = re.compile(
    r"\b(?:jdbc:)?[a-z][a-z0-9+.]{1,20}://(?:[^/@\s\"'<>]{1,128}@)?(\[?[A-Za-z0-9][A-Za-z0-9_.-]*)(?::(\d{2,5}))?"
)
_CONNECT = re.compile(
    r"(?:[Cc]onnect(?:ion|ing|ed)?(?: (?:timed out|refused|reset|failed))?(?: to|:) |[Cc]alling |[Uu]pstream |dial tcp "
    r"|[Tt]imeout (?:calling|connecting to) |[Cc]all to |[Rr]equest to |[Ff]ailed to (?:call|reach|connect to) "
    r"|address=|host=|server=)"
    r"[/\"'(]?([A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)(?::(\d{2,5}))?(?=[\s\"',;:)/\]]|$)"
)
_CONNECT_MARKS = (
    *("onnect", "alling ", "pstream ", "ial tcp ", "imeout c", "all to ", "equest to ", "ailed to "),
    *("address=", "host=", "server="),
)
"""One of these is in whatever `_CONNECT` matches. Measured: 1.4 us a message instead of 12 for the pattern."""

_LEAD_CHARS = 48
"""The longest that `_CONNECT` matches before the end of a mark: where a match of the first one can begin."""

_SCHEME_CHARS = 26
"""The longest `jdbc:` and scheme before `://` in `_URL`: where a match of the first one can begin."""

_SELF = frozenset(
    {"localhost", "127.0.0.1", "0.0.0.0", "host", "the", "a", "an", "server", "service", "upstream", "remote"}
)
_NOT_HOSTS = ("www.", "docs.", "github.com", "schemas.", "w3.org", "xmlns")
_SCHEMES_OF_FILES = ("file", "classpath")


def named_peers(
    messages: Sequence[str], failed: Sequence[bool] | npt.NDArray[np.bool_], text: ChunkText | None = None
) -> StringColumn:
    """Return the host that each message names as its callee, with its port where given, else "".

    Args:
        messages: the texts.
        failed: whether a message tells of a failure; only those are searched for the words of a broken connection.
        text: the same messages, if they were joined before.

    >>> named_peers(["GET http://ts-order:8080/api", "Connection to db-1:5432 refused"], [False, True]).to_list()
    ['ts-order:8080', 'db-1:5432']
    """
    hosts = [""] * len(messages)
    with_url = (text or ChunkText(messages)).rows_with("://")
    for row in set(np.flatnonzero(failed).tolist()).difference(with_url):
        hosts[row] = _connected_host(messages[row])
    for row in with_url:
        hosts[row] = _url_host(messages[row])
    return StringColumn.of(hosts)


def _url_host(message: str) -> str:
    found = _URL.search(message, max(0, message.find("://") - _SCHEME_CHARS))
    return _host(found) if found else ""


def _connected_host(message: str) -> str:
    places = [place for mark in _CONNECT_MARKS if (place := message.find(mark)) >= 0]
    if not places:
        return ""
    found = _CONNECT.search(message, max(0, min(places) - _LEAD_CHARS))
    return _host(found) if found else ""


def _host(found: re.Match[str]) -> str:
    if found[1].lower() in _SELF or found[0].startswith(_SCHEMES_OF_FILES):
        return ""
    host, port = found[1].lower().strip("."), found[2]
    if any(mark in host for mark in _NOT_HOSTS) or ("." not in host and "-" not in host and not port):
        return ""
    return f"{host}:{port}" if port else host
