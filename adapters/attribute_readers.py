"""Readers of the values that several attributes share: numbers in texts, addresses, URLs, protocol versions.

Used by the attribute tables of the clouds' formats. Each returns no attribute for what it cannot read. Names follow
https://opentelemetry.io/docs/specs/semconv/registry/attributes/.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from .attribute_table import Reader
from .tolerant_json import read_json

MAX_NUMBER_CHARS: Final = 32
"""A longer text is no number that a provider writes. Python reads long ones in quadratic time."""


def number(*names: str) -> Reader:
    """Read a number, also one in a text.

    >>> number("http.response.status_code")("200"), number("x")(0.5), number("x")("Unknown")
    ({'http.response.status_code': 200}, {'x': 0.5}, {})
    """

    def read(value: Any) -> dict[str, Any]:
        found = number_of(value)
        return {} if found is None else dict.fromkeys(names, found)

    return read


def number_of(value: Any) -> int | float | None:
    """Return the number that a value is or spells.

    >>> number_of("12"), number_of("0.25"), number_of(True), number_of("a")
    (12, 0.25, None, None)
    """
    if type(value) in (int, float):
        return value  # type: ignore[no-any-return]  # mypy does not narrow by `type(...) in`
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NUMBER_CHARS:
        return None
    try:
        return int(value)
    except ValueError:
        pass
    try:
        found = float(value)
    except ValueError:
        return None
    return found if found - found == 0 else None  # neither infinite nor NaN


def seconds(name: str) -> Reader:
    """Read a duration as protobuf's JSON writes it, in seconds.

    >>> seconds("http.request.server.duration")("0.005192s")
    {'http.request.server.duration': 0.005192}
    """

    def read(value: Any) -> dict[str, Any]:
        found = number_of(value.removesuffix("s")) if isinstance(value, str) else None
        return {} if found is None else {name: float(found)}

    return read


def lower(name: str) -> Reader:
    """Read a text that the conventions want in lower case.

    >>> lower("network.transport")("UDP")
    {'network.transport': 'udp'}
    """
    return lambda value: {name: value.lower()} if isinstance(value, str) else {}


def also(*names: str) -> Reader:
    """Give a value under several names.

    >>> also("client.address", "network.peer.address")("192.0.2.1")
    {'client.address': '192.0.2.1', 'network.peer.address': '192.0.2.1'}
    """
    return lambda value: dict.fromkeys(names, value)


def boolean(name: str) -> Reader:
    """Read a truth value, also one in a text.

    >>> boolean("x")("True"), boolean("x")(False), boolean("x")("maybe")
    ({'x': True}, {'x': False}, {})
    """

    def read(value: Any) -> dict[str, Any]:
        known = {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, str | bool) else None
        return {} if known is None else {name: known}

    return read


def decoded(name: str) -> Reader:
    """Read JSON that stands in a text; a plain text gets another name, so that the type under each stays one.

    >>> decoded("a.b")('{"code": 1}'), decoded("a.b")("plain")
    ({'a.b': {'code': 1}}, {'a.b.text': 'plain'})
    """

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, str):
            return {name: value}
        try:
            return {name: read_json(value.encode("utf-8", "replace"))}
        except ValueError:
            return {f"{name}.text": value}

    return read


def host_port(role: str) -> Reader:
    """Read an address with or without its port.

    >>> host_port("server")("10.0.0.1:80"), host_port("client")("2001:db8::1"), host_port("client")("[::1]:8")
    ({'server.address': '10.0.0.1', 'server.port': 80}, {'client.address': '2001:db8::1'}, \
{'client.address': '::1', 'client.port': 8})
    """

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, str):
            return {}
        address, port = split_port(value)
        return {f"{role}.address": address} | ({f"{role}.port": port} if port is not None else {})

    return read


def split_port(text: str) -> tuple[str, int | None]:
    """Return address and port of a text.

    >>> split_port("shop.example.com:443"), split_port("::1")
    (('shop.example.com', 443), ('::1', None))
    """
    address, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or len(port) > 5 or (":" in address and not address.endswith("]")):
        return text.strip("[]"), None
    return address.strip("[]"), int(port)


def url(value: Any) -> dict[str, Any]:
    """Read an absolute URL as its parts; of anything else, the text as it came.

    >>> url("https://shop.example.com:443/a?b=1")["url.domain"], url("/a")
    ('shop.example.com', {'url.original': '/a'})
    """
    if not isinstance(value, str):
        return {}
    try:
        parts = urlsplit(value)
        port, domain = parts.port, parts.hostname
    except ValueError:
        return {"url.original": value}
    if not parts.scheme or not parts.netloc:
        return {"url.original": value}
    found = {
        "url.full": value,
        "url.scheme": parts.scheme,
        "url.domain": domain,
        "url.port": port,
        "url.path": parts.path,
        "url.query": parts.query,
        "url.fragment": parts.fragment,
    }
    return {name: part for name, part in found.items() if part not in (None, "")}


def http_protocol(value: Any) -> dict[str, Any]:
    """Read `HTTP/1.1`.

    >>> http_protocol("HTTP/1.1"), http_protocol("2.0.0.0")
    ({'network.protocol.name': 'http', 'network.protocol.version': '1.1'}, {'network.protocol.version': '2.0.0.0'})
    """
    if not isinstance(value, str):
        return {}
    name, slash, version = value.partition("/")
    if slash:
        return {"network.protocol.name": name.lower(), "network.protocol.version": version}
    if value[:1].isdecimal():
        return {"network.protocol.version": value}
    return {"network.protocol.original": value}


def tls_protocol(value: Any) -> dict[str, Any]:
    """Read `TLS 1.2` and `TLSv1.2`; the second, which Go's and IANA's names do not know, also as it came.

    >>> tls_protocol("TLS 1.2"), tls_protocol("TLSv1.3")["tls.protocol.version"], tls_protocol("odd")
    ({'tls.protocol.name': 'TLS', 'tls.protocol.version': '1.2'}, '1.3', {'tls.protocol.original': 'odd'})
    """
    if not isinstance(value, str):
        return {}
    name, blank, version = value.partition(" ")
    if not blank:
        name, _, version = value.partition("v")
    if name not in ("TLS", "SSL") or not version[:1].isdecimal():
        return {"tls.protocol.original": value}
    original = {} if blank else {"tls.protocol.original": value}
    return {"tls.protocol.name": name, "tls.protocol.version": version} | original


def epoch_seconds(name: str) -> Reader:
    """Read seconds since 1970 as the instant that they are.

    >>> epoch_seconds("not_after")("1744717084")
    {'not_after': '2025-04-15T11:38:04Z'}
    """

    def read(value: Any) -> dict[str, Any]:
        found = number_of(value)
        if found is None or not 0 <= found < 2**33:
            return {}
        return {name: datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

    return read


_PROTOCOLS: Final = {
    **{1: "icmp", 2: "igmp", 4: "ipv4", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah"},
    **{58: "ipv6-icmp", 89: "ospf", 94: "ipip", 112: "vrrp", 115: "l2tp", 132: "sctp"},
}
"""https://www.iana.org/assignments/protocol-numbers, as far as clouds carry them."""


def protocol_number(*names: str) -> Reader:
    """Read the number of an IP protocol as its name; one without a name stays a number.

    >>> protocol_number("network.transport")(6), protocol_number("network.transport")("17")
    ({'network.transport': 'tcp'}, {'network.transport': 'udp'})
    """

    def read(value: Any) -> dict[str, Any]:
        found = number_of(value)
        return {} if found is None else dict.fromkeys(names, _PROTOCOLS.get(int(found), str(found)))

    return read


def as_json(name: str) -> Reader:
    """Keep an object or list as one attribute.

    >>> as_json("azure.identity")({"type": "SAS"})
    {'azure.identity': {'type': 'SAS'}}
    """
    return lambda value: {name: value} if isinstance(value, dict | list) else {f"{name}.text": _text(value)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
