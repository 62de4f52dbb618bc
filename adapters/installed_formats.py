"""Find the formats that other installed distributions bring, by their entry points.

Between the registry and the user's environment: a distribution names its parsers and envelopes in the entry point
group `cloudledger.formats`, and `ingest` tries them before its own. What cannot be loaded is left out and named by a
warning and by the report, so that a broken distribution costs no ingest. See
https://packaging.python.org/en/latest/specifications/entry-points/.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from typing import Any, NamedTuple, TypeGuard

from .envelope import Envelope
from .parser import Parser

GROUP = "cloudledger.formats"
"""The entry point group. Each entry point gives a parser or an envelope, a class of one, or a list of them."""

_PARSER_METHODS = ("recognises", "parse", "attributes")

Route = Envelope | Parser


class UnusableFormatWarning(UserWarning):
    """A format of another distribution cannot be used; the message names it and says why."""


class InstalledFormats(NamedTuple):
    """What the installed distributions bring, and what of it could not be loaded."""

    parsers: tuple[Parser, ...] = ()
    envelopes: tuple[Envelope, ...] = ()
    problems: tuple[str, ...] = ()


def installed_formats() -> InstalledFormats:
    """Return the formats of all distributions that can be imported now; what fails is warned about once.

    >>> installed_formats().problems
    ()
    """
    return _load(tuple(sys.path))


@lru_cache(maxsize=8)
def _load(path: tuple[str, ...]) -> InstalledFormats:
    """Load what can be found on an import path: looking through it costs some milliseconds, so it is remembered."""
    found: list[Route] = []
    problems: list[str] = []
    for entry in sorted(metadata.entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        try:
            found += _routes_of(entry.load())
        except Exception as error:  # another distribution's code: whatever it raises must not end the ingest
            problems.append(_problem(entry, error))
            warnings.warn(problems[-1], UnusableFormatWarning, stacklevel=4)
    return InstalledFormats(
        tuple([one for one in found if is_parser(one)]),
        tuple([one for one in found if isinstance(one, Envelope)]),
        tuple(problems),
    )


def _problem(entry: metadata.EntryPoint, error: Exception) -> str:
    owner = f" of {entry.dist.name} {entry.dist.version}" if entry.dist else ""
    return (
        f"format {entry.name!r}{owner} ({GROUP}: {entry.value}) is left out, {type(error).__name__}: {error};"
        " mend or uninstall it"
    )


def _routes_of(given: Any) -> list[Route]:
    """Return the parsers and envelopes that an entry point gives."""
    made = given() if isinstance(given, type) else given
    if not is_route(made) and callable(made):
        made = made()
    listed = list(made) if isinstance(made, Iterable) and not isinstance(made, str | bytes) else [made]
    for one in listed:
        if not is_route(one):
            raise TypeError(f"{one!r} is neither a parser (format, recognises, parse, attributes) nor an envelope")
    return listed


def is_parser(given: object) -> TypeGuard[Parser]:
    """Say whether an object is a parser: it names its format and has the three methods.

    >>> is_parser(object())
    False
    """
    named = isinstance(getattr(given, "format", None), str) and not isinstance(given, type)
    return named and all(callable(getattr(given, name, None)) for name in _PARSER_METHODS)


def is_route(given: object) -> TypeGuard[Route]:
    """Say whether an object is a parser or an envelope.

    >>> is_route("no")
    False
    """
    return is_parser(given) or (isinstance(given, Envelope) and not isinstance(given, type))
