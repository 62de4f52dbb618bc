"""What the names and types of attributes must be; used by the tests of all formats."""

from typing import Any

from cloudledger.adapters.attribute_types import BODY, COLLECTOR_NAMES, PROVIDERS
from cloudledger.adapters.semantic_conventions import type_of

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "int": int,
    "double": float,
    "boolean": bool,
    "string[]": list,
    "any": object,
}


def wrong_names(attributes: dict[str, Any]) -> list[str]:
    """Return the names that are neither of the conventions nor under a documented prefix, nor the collector's."""
    return [
        name
        for name in attributes
        if not type_of(name)
        and name != BODY
        and name not in COLLECTOR_NAMES
        and not ("." in name and name.partition(".")[0] in PROVIDERS)
    ]


def wrong_types(attributes: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Return the names of the conventions whose values have another type than the conventions say."""
    found = [(name, type_of(name), value) for name, value in attributes.items() if type_of(name)]
    return [(name, kind, value) for name, kind, value in found if not _is_of(kind, value)]


def _is_of(kind: str, value: Any) -> bool:
    if kind == "string[]":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, TYPES[kind]) and not (kind == "int" and isinstance(value, bool))
