"""What is kept of a deployment: names, times, states and errors; never the value of a parameter or an output.

Used by the source as soon as an answer is there, and by the parser for files. Values of parameters that are not marked
as secure come in plain text, and errors repeat them. See
https://learn.microsoft.com/azure/azure-resource-manager/templates/parameters#secure-parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

_NAMES: Final = ("id", "operationId", "name", "type", "location")
_TEXTS: Final = (
    *("provisioningState", "provisioningOperation", "timestamp", "duration", "statusCode", "mode"),
    *("correlationId", "templateHash", "trackingId"),
)
_TARGET: Final = ("id", "resourceType", "resourceName")

MASK: Final = "***"
SHORTEST_MASKED: Final = 6
"""Chosen: shorter values (`prod`, `80`) stand in too many harmless places."""


def without_values(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deployment or an operation with only what is known to hold no value that somebody gave.

    >>> told = {"parameters": {"key": {"value": "hunter22"}}, "error": {"code": "Bad", "message": "not hunter22"}}
    >>> without_values({"id": "/x", "properties": told})
    {'id': '/x', 'properties': {'error': {'code': 'Bad', 'message': 'not ***'}}}
    """
    properties = fields.get("properties")
    told = properties if isinstance(properties, dict) else {}
    kept = {**_chosen(told, _TEXTS), **_structured(told)}
    values = sorted(set(_values(told)), key=len, reverse=True)
    return {**_chosen(fields, _NAMES), "properties": _masked(kept, values)}


def _structured(told: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"error": told.get("error"), "statusMessage": _error_of(told.get("statusMessage"))}
    if isinstance(target := told.get("targetResource"), dict):
        kept["targetResource"] = _chosen(target, _TARGET)
    if isinstance(resources := told.get("outputResources"), list):
        kept["outputResources"] = [_chosen(one, ("id",)) for one in resources if isinstance(one, dict)]
    if generator := generator_of(told):
        kept["template"] = {"metadata": {"_generator": {"name": generator}}}
    return {name: value for name, value in kept.items() if value}


def _error_of(message: Any) -> Any:
    """Return the error of a status message, which otherwise is the resource as its provider answered."""
    if not isinstance(message, dict):
        return message
    return {"error": message["error"]} if message.get("error") else _chosen(message, ("status", "code", "message"))


def generator_of(properties: Mapping[str, Any]) -> str:
    """Return what made the template (`bicep`), where the template is there and says so.

    >>> generator_of({"template": {"metadata": {"_generator": {"name": "bicep"}}}})
    'bicep'
    """
    told: Any = properties
    for name in ("template", "metadata", "_generator", "name"):
        told = told.get(name) if isinstance(told, Mapping) else None
    return told if isinstance(told, str) else ""


def _chosen(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if isinstance(value := fields.get(name), str)}


def _values(told: Mapping[str, Any]) -> Iterator[str]:
    for name in ("parameters", "outputs"):
        for one in _inner(told.get(name)):
            yield from _texts(one.get("value") if isinstance(one, dict) else one)


def _inner(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= SHORTEST_MASKED:
        yield value
    for one in _inner(value):
        yield from _texts(one)


def _masked(kept: dict[str, Any], values: list[str]) -> dict[str, Any]:
    """Return the fields with the values masked where people are told what went wrong."""
    for name in ("error", "statusMessage") if values else ():
        if name in kept:
            kept[name] = _mask(kept[name], values)
    return kept


def _mask(told: Any, values: list[str]) -> Any:
    if isinstance(told, dict):
        return {name: _mask(one, values) for name, one in told.items()}
    if isinstance(told, list):
        return [_mask(one, values) for one in told]
    if isinstance(told, str):
        for value in values:
            # Errors within errors are JSON in a text: there a value stands as JSON writes it.
            for form in (value, msgspec.json.encode(value).decode()[1:-1]):
                told = told.replace(form, MASK)
    return told
