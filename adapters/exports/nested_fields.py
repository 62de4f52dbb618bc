"""Build nested objects out of dotted names, as the other schemas want them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any


def put(document: dict[str, Any], path: str, value: Any) -> bool:
    """Set a value under a dotted path where nothing stands yet; say whether there was room.

    >>> document = {"a": {"b": 1}, "c": 2}
    >>> put(document, "a.d.e", 3), put(document, "a.b", 4), put(document, "c.d", 5), document
    (True, False, False, {'a': {'b': 1, 'd': {'e': 3}}, 'c': 2})
    """
    *parents, last = path.split(".")
    holder: Any = document
    for key in parents:
        holder = holder.setdefault(key, {})
        if not isinstance(holder, dict):
            return False
    if last in holder:
        return False
    holder[last] = value
    return True


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value, nested objects that are empty left out.

    >>> present({"a": 0, "b": None, "c": "", "d": {}, "e": {"f": None}, "g": []})
    {'a': 0}
    """
    kept = {name: present(value) if isinstance(value, dict) else value for name, value in fields.items()}
    return {name: value for name, value in kept.items() if value is not None and value not in ("", {}, [])}


def is_ip(text: str) -> bool:
    """Say whether a text is an IP address.

    >>> is_ip("2001:db8::1"), is_ip("cloudformation.amazonaws.com")
    (True, False)
    """
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
