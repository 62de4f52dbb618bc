"""Give attributes the names and types of OpenTelemetry's conventions, whatever their parser took over from the record.

Between the parsers and whoever asks for attributes. A name of the conventions has the conventions' type; a value that
cannot have it stands under the format's prefix, so that the type under each name stays one. Numbers and truth values
that providers write as texts become numbers and truth values where the name says that it measures or decides. See
https://opentelemetry.io/docs/specs/semconv/general/naming/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from .field_paths import flattened
from .semantic_conventions import NAMESPACES, type_of

BODY: Final = "log.record.body"
"""The Body of OpenTelemetry's log data model, which is no attribute there."""

OWN: Final = "cloudledger"
"""Prefix of what the library itself says of an event."""

APPLICATION: Final = "app"
"""Prefix of what an application calls by a name of its own."""

PROVIDERS: Final = frozenset({"aws", "azure", "gcp", "k8s", APPLICATION, OWN})
"""Prefixes under which every name may stand."""

COLLECTOR_NAMES: Final = frozenset(
    {
        *("client.type", "client.host.name", "device.type", "dns.question.type", "dns.response_code"),
        *("error.code", "error.message", "error.target", "http.request.server.duration", "http.response.status_text"),
        *(
            "log.record.logger",
            "log.record.severity.original",
            "messaging.message.count",
            "network.connection.id",
            "network.local.mac",
        ),
        *("network.protocol.original", "security_rule.action", "security_rule.evaluation.count"),
        *("security_rule.evaluation.reason", "security_rule.ruleset.mode", "tls.client.ja4", "tls.enabled"),
        *("tls.protocol.original", "tls.server.name", "tls.early_data_request", "db.client.name", "dns.answer.data"),
        *("http.request.id", "rpc.jsonrpc.error_code", "rpc.jsonrpc.error_message"),
    }
)
"""Names without a provider's prefix that the conventions lack: OpenTelemetry's collector, or the Elastic Common Schema,
gives them to fields that several clouds have."""

_MEASURES: Final = frozenset(
    {"bytes", "size", "length", "packets", "count", "total", "duration", "latency", "rtt", "ttl", "port", "percent"}
    | {"ms", "millis", "milliseconds", "seconds", "mb", "kb", "status", "code", "retries", "attempts"}
)
"""Words of names that measure; `code` is that of a status."""

_TEXTUAL: Final = frozenset({"label", "labels", "tag", "tags", "annotation", "annotations", "header", "headers", "env"})
"""Words of names below which providers keep texts of the user's own."""

_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MAX_DIGITS: Final = 18
"""Longer numbers stay texts: they would not fit 64 bits."""


def prefix_of(format: str) -> str:
    """Return under what the fields of a format stand that have no name in the conventions.

    >>> prefix_of("gcp.audit"), prefix_of("app.json")
    ('gcp.audit', 'app')
    """
    return APPLICATION if format.partition(".")[0] == APPLICATION else format or OWN


def conventional(found: Mapping[str, Any], format: str) -> dict[str, Any]:
    """Return attributes under names and in types of the conventions.

    >>> conventional({"client.port": "80", "server.port": "x", "aws.waf.bytes": "12", "odd": 1}, "aws.waf")
    {'client.port': 80, 'aws.waf.server.port': 'x', 'aws.waf.bytes': 12, 'aws.waf.odd': 1}
    """
    named: dict[str, Any] = {}
    prefix = prefix_of(format)
    allowed = PROVIDERS | {format.partition(".")[0]} | (NAMESPACES if prefix != APPLICATION else frozenset())
    for name, value in found.items():
        kind = type_of(name)
        typed = of_type(value, kind) if kind else None
        if typed is not None:
            named[name] = typed
        elif name == BODY:
            named[name] = value
        elif not kind and "." in name and name.partition(".")[0] in allowed:
            named[name] = measured(name, value)
        elif value is not None:
            named.setdefault(f"{prefix}.{name}", measured(name, value))
    return named


def of_type(value: Any, kind: str) -> Any:
    """Return a value as the conventions want it; None where it cannot be that.

    >>> of_type("200", "int"), of_type(5, "string"), of_type("a", "string[]"), of_type("x", "boolean")
    (200, '5', ['a'], None)
    """
    if kind == "string[]":
        listed = value if isinstance(value, list) else [value]
        texts = [_text(one) for one in listed]
        return None if None in texts or not texts else texts
    readers = {"string": _text, "int": _integer, "double": _double, "boolean": _boolean}
    return readers[kind](value) if kind in readers else value


def measured(name: str, value: Any) -> Any:
    """Return a provider's own value: a number or truth value that is written as text, as what it means.

    >>> measured("aws.elb.sent_bytes", "29"), measured("aws.account", "29"), measured("azure.isRequest", "true")
    (29, '29', True)
    """
    if type(value) is not str or len(value) > _MAX_DIGITS:
        return value
    number = value.lower() not in ("true", "false")
    if number and not value[-1:].isdecimal():
        return value
    words = [word.lower() for word in _WORDS.findall(name)]
    if not _TEXTUAL.isdisjoint(words):
        return value
    if not number:
        return value.lower() == "true"
    if not words or words[-1] not in _MEASURES or (words[-1] == "code" and "status" not in words):
        return value
    return next((one for one in (_integer(value), _double(value)) if one is not None and str(one) == value), value)


def application_attributes(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an application's own fields, with dots for nesting; a usual name of the text is the body.

    >>> application_attributes({"msg": "paid", "http": {"request": {"method": "GET"}}, "order": 7})
    {'log.record.body': 'paid', 'http.request.method': 'GET', 'order': 7}
    """
    leaves = flattened(found, "", limit=1 << 20)
    body = next((key for key in _BODIES if isinstance(leaves.get(key), str)), "") if BODY not in leaves else ""
    return {BODY if name == body else name: value for name, value in leaves.items()}


_BODIES: Final = ("message", "msg", "@m", "Message", "log", "body", "text", "short_message", "MESSAGE", "textPayload")


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode() if isinstance(value, bool | int | float) else None


def _integer(value: Any) -> int | None:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        return int(value)
    digits = value.removeprefix("-") if isinstance(value, str) else ""
    return int(value) if digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS else None


def _double(value: Any) -> float | None:
    if type(value) in (int, float):
        return float(value) if abs(value) < 2**1000 else None
    try:
        number = float(value) if isinstance(value, str) and len(value) <= 32 else None
    except ValueError:
        return None
    return number if number is not None and number - number == 0 else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None
