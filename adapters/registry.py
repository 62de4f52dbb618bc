"""The registry of formats: finds the envelope or parser of a record by its content.

Immutable: adding a format gives a new registry. Generic parsers (any JSON object, any text) stand last and take what
nothing else recognises, so that no record is without a parser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .app_json_parser import AppJsonParser
from .app_text_parser import AppTextParser
from .envelope import Envelope
from .formats import CARRIERS, CATCH_ALL, LISTS, PARSERS
from .parser import Parser, Sample

Route = Envelope | Parser


@dataclass(frozen=True)
class Registry:
    """Carriers, parsers, lists and generic parsers, in the order in which they are tried."""

    carriers: tuple[Envelope, ...] = CARRIERS
    parsers: tuple[Parser, ...] = PARSERS
    lists: tuple[Envelope, ...] = LISTS
    generic: tuple[Parser, ...] = (AppJsonParser(), AppTextParser())

    def route(self, sample: Sample) -> Route:
        """Return what understands a record.

        >>> from .records import Origin
        >>> Registry().route(Sample(b"plain words", {}, Origin("a.log"))).format
        'app.text'
        """
        routes: tuple[Route, ...] = (*self.carriers, *self.parsers, *self.lists, *self.generic)
        return next((route for route in routes if route.recognises(sample)), self.generic[-1])

    def is_generic(self, route: Route) -> bool:
        """Say whether a route takes anything, so that each record must be looked at on its own."""
        return route in self.generic or (not isinstance(route, Envelope) and route.format in CATCH_ALL)

    def parser(self, format: str) -> Parser | None:
        """Return the parser of a format."""
        return next((parser for parser in (*self.parsers, *self.generic) if parser.format == format), None)

    def with_parser(self, parser: Parser) -> Registry:
        """Return a registry that tries one more parser before all others."""
        return replace(self, parsers=(parser, *self.parsers))

    def attributes(self, format: str, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a stored record's attributes in OpenTelemetry names, decoded by the parser of its format."""
        parser = self.parser(format)
        return parser.attributes(body, context) if parser else {}
