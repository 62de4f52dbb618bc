"""The callee that a message names: the host of a URL, or of "connection to host:port refused" and the like.

Only a candidate: whether the host is a service is for the dependency read model to say, which knows all services.
Hosts of documentation links, of the machine itself and of names without a resolvable form are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...domain.columns import StringColumn

_URL = re.compile(
    r"\b(?:jdbc:)?[a-z][a-z0-9+.]{1,20}://(?:[^/@\s\"'<>]{1,128}@)?(\[?[A-Za-z0-9][A-Za-z0-9_.-]*)(?::(\d{2,5}))?"
)
_CONNECT = re.compile(
    r"(?:[Cc]onnect(?:ion|ing|ed)?(?: (?:timed out|refused|reset|failed))?(?: to|:) |[Cc]alling |[Uu]pstream |dial tcp "
    r"|[Tt]imeout (?:calling|connecting to) |[Cc]all to |[Rr]equest to |[Ff]ailed to (?:call|reach|connect to) "
    r"|address=|host=|server=)"
    r"[/\"'(]?([A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)(?::(\d{2,5}))?(?=[\s\"',;:)/\]]|$)"
)
_SELF = frozenset(
    {"localhost", "127.0.0.1", "0.0.0.0", "host", "the", "a", "an", "server", "service", "upstream", "remote"}
)
_NOT_HOSTS = ("www.", "docs.", "github.com", "schemas.", "w3.org", "xmlns")
_SCHEMES_OF_FILES = ("file", "classpath")


def named_peers(messages: Sequence[str], failed: Sequence[bool]) -> StringColumn:
    """Return the host that each message names as its callee, with its port where given, else "".

    Args:
        messages: the texts.
        failed: whether a message tells of a failure; only those are searched for the words of a broken connection.

    >>> named_peers(["GET http://ts-order:8080/api", "Connection to db-1:5432 refused"], [False, True]).to_list()
    ['ts-order:8080', 'db-1:5432']
    """
    url, connect = _URL.search, _CONNECT.search
    found = [url(m) if "://" in m else connect(m) if f else None for m, f in zip(messages, failed, strict=True)]
    return StringColumn.of([_host(f) if f else "" for f in found])


def _host(found: re.Match[str]) -> str:
    if found[1].lower() in _SELF or found[0].startswith(_SCHEMES_OF_FILES):
        return ""
    host, port = found[1].lower().strip("."), found[2]
    if any(mark in host for mark in _NOT_HOSTS) or ("." not in host and "-" not in host and not port):
        return ""
    return f"{host}:{port}" if port else host
