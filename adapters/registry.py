"""The registry of formats: finds the envelope or parser of a record by its content.

Immutable: adding a format gives a new registry. Generic parsers (any JSON object, any text) stand last and take what
nothing else recognises, so that no record is without a parser. How to write a format: docs/new-format.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..domain.errors import InvalidArgumentError
from .app_json_parser import AppJsonParser
from .app_text_parser import AppTextParser
from .envelope import Envelope
from .formats import CARRIERS, CATCH_ALL, LISTS, PARSERS
from .installed_formats import InstalledFormats, UnusableFormatWarning, installed_formats, is_parser, is_route
from .parser import Parser, Sample

Route = Envelope | Parser


@dataclass(frozen=True)
class Registry:
    """Carriers, parsers, lists and generic parsers, in the order in which they are tried."""

    carriers: tuple[Envelope, ...] = CARRIERS
    parsers: tuple[Parser, ...] = PARSERS
    lists: tuple[Envelope, ...] = LISTS
    generic: tuple[Parser, ...] = (AppJsonParser(), AppTextParser())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the library's own routes by their place: other processes have them, and tables hold functions."""
        parts = (self.carriers, self.parsers, self.lists, self.generic)
        return _registry_of, tuple(tuple([_PLACES.get(id(route), route) for route in part]) for part in parts)

    @classmethod
    def installed(cls) -> Registry:
        """Return all formats that are installed: the library's own, and before them those of other distributions.

        >>> Registry.installed().parser("aws.cloudtrail").format
        'aws.cloudtrail'
        """
        found = installed_formats()
        return _BUILT_IN if not (found.parsers or found.envelopes) else _with_installed(found)

    def route(self, sample: Sample) -> Route:
        """Return what understands a record.

        >>> from .records import Origin
        >>> Registry().route(Sample(b"plain words", {}, Origin("a.log"))).format
        'app.text'
        """
        routes: tuple[Route, ...] = (*self.carriers, *self.parsers, *self.lists, *self.generic)
        return next((route for route in routes if _recognises(route, sample)), self.generic[-1])

    def is_generic(self, route: Route) -> bool:
        """Say whether a route takes anything, so that each record must be looked at on its own."""
        return route in self.generic or (not isinstance(route, Envelope) and route.format in CATCH_ALL)

    def parser(self, format: str) -> Parser | None:
        """Return the parser of a format."""
        return next((parser for parser in (*self.parsers, *self.generic) if parser.format == format), None)

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of all formats, sorted.

        >>> "gcp.audit" in Registry().formats
        True
        """
        return tuple(sorted({parser.format for parser in (*self.parsers, *self.generic)}))

    def with_parser(self, parser: Parser) -> Registry:
        """Return a registry that tries one more parser before all others.

        Raises:
            InvalidArgumentError: what is no parser; a class of one is not either.
        """
        if not is_parser(parser):
            raise InvalidArgumentError(
                f"{parser!r} is no parser: give an object with format, recognises, parse and attributes"
            )
        return replace(self, parsers=(parser, *self.parsers))

    def with_envelope(self, envelope: Envelope) -> Registry:
        """Return a registry that tries one more envelope before all others.

        Raises:
            InvalidArgumentError: what is no envelope; a class of one is not either.
        """
        if is_parser(envelope) or not is_route(envelope):
            raise InvalidArgumentError(
                f"{envelope!r} is no envelope: give an object with name, decodes, recognises and peel"
            )
        return replace(self, carriers=(envelope, *self.carriers))

    def attributes(self, format: str, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a stored record's attributes in OpenTelemetry names, decoded by the parser of its format."""
        parser = self.parser(format)
        return parser.attributes(body, context) if parser else {}


_BUILT_IN = Registry()
_OWN: tuple[Route, ...] = (*CARRIERS, *PARSERS, *LISTS, *_BUILT_IN.generic)
_PLACES: Mapping[int, int] = {id(route): place for place, route in enumerate(_OWN)}


def _registry_of(*parts: Sequence[int | Route]) -> Registry:
    """Return the registry of pickled parts: a number is the place of one of the library's own routes."""
    routes: list[Any] = [tuple([_OWN[one] if isinstance(one, int) else one for one in part]) for part in parts]
    return Registry(*routes)


def _with_installed(found: InstalledFormats) -> Registry:
    return Registry(carriers=(*found.envelopes, *CARRIERS), parsers=(*found.parsers, *PARSERS))


def _recognises(route: Route, sample: Sample) -> bool:
    try:
        return bool(route.recognises(sample))
    except Exception as error:  # a recogniser of another distribution must not end the ingest
        name = route.name if isinstance(route, Envelope) else route.format
        problem = f"format {name!r} cannot look at a record of {sample.origin.object_key}"
        warnings.warn(f"{problem}, {type(error).__name__}: {error}", UnusableFormatWarning, stacklevel=2)
        return False
