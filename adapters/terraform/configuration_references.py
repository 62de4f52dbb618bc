"""Which resources a plan's configuration makes each resource depend on.

Between the plan parser and `ResourceChanged.dependencies`. References are followed through variables into the calling
module and through outputs into called modules. Addresses are of the configuration, without instance keys, as state
files write them.
See https://developer.hashicorp.com/terraform/internals/json-format#expression-representation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MAX_DEPTH = 16
"""Chosen: deeper chains of modules are a cycle in a damaged document."""


class _Module:
    """One module of the configuration, with its place in the tree."""

    def __init__(self, fields: Mapping[str, Any], path: str, caller: _Module | None, call: Mapping[str, Any]) -> None:
        self.path, self.caller, self.call = path, caller, call
        self.resources = fields.get("resources") or []
        self.outputs = fields.get("outputs") or {}
        self.calls = {
            name: _Module(called.get("module") or {}, self._below(name), self, called)
            for name, called in (fields.get("module_calls") or {}).items()
        }

    def _below(self, name: str) -> str:
        return f"{self.path}.module.{name}" if self.path else f"module.{name}"

    def address(self, local: str) -> str:
        return f"{self.path}.{local}" if self.path else local

    def modules(self) -> Iterator[_Module]:
        yield self
        for called in self.calls.values():
            yield from called.modules()


def dependencies_of_configuration(configuration: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the dependencies of each resource of a plan's `configuration`, by configuration address.

    >>> queue = {"address": "aws_sqs_queue.q", "expressions": {"name": {"references": ["aws_sns_topic.t.name"]}}}
    >>> dependencies_of_configuration({"root_module": {"resources": [queue, {"address": "aws_sns_topic.t"}]}})
    {'aws_sqs_queue.q': ('aws_sns_topic.t',), 'aws_sns_topic.t': ()}
    """
    root = _Module(configuration.get("root_module") or {}, "", None, {})
    found: dict[str, tuple[str, ...]] = {}
    for module in root.modules():
        for resource in module.resources:
            address = module.address(str(resource.get("address", "")))
            names = [*_references(resource.get("expressions")), *_references(resource.get("for_each_expression"))]
            names += [*_references(resource.get("count_expression")), *(resource.get("depends_on") or [])]
            targets = {target for name in names for target in _resolved(module, name, 0)}
            found[address] = tuple(sorted(targets - {address}))
    return found


def _references(expression: Any) -> Iterator[str]:
    if isinstance(expression, dict):
        for name, value in expression.items():
            if name == "references" and isinstance(value, list):
                yield from (one for one in value if isinstance(one, str))
            else:
                yield from _references(value)
    elif isinstance(expression, list):
        for item in expression:
            yield from _references(item)


def _resolved(module: _Module, reference: str, depth: int) -> Iterator[str]:
    """Yield the resources that a reference leads to."""
    if depth > MAX_DEPTH:
        return
    words = [word.split("[", 1)[0] for word in reference.split(".")]
    if len(words) < 2 or words[0] in ("local", "each", "count", "path", "terraform", "self"):
        return
    if words[0] == "var":
        yield from _of_variable(module, words[1], depth)
    elif words[0] == "module":
        yield from _of_output(module, words, depth)
    else:
        size = 3 if words[0] == "data" else 2
        yield module.address(".".join(words[:size]))


def _of_variable(module: _Module, name: str, depth: int) -> Iterator[str]:
    if module.caller is None:
        return
    for reference in _references((module.call.get("expressions") or {}).get(name)):
        yield from _resolved(module.caller, reference, depth + 1)


def _of_output(module: _Module, words: list[str], depth: int) -> Iterator[str]:
    called = module.calls.get(words[1])
    if called is None:
        return
    outputs = [words[2]] if len(words) > 2 and words[2] in called.outputs else list(called.outputs)
    for output in outputs:
        expression = called.outputs[output]
        names = [*_references(expression.get("expression")), *(expression.get("depends_on") or [])]
        for reference in names:
            yield from _resolved(called, reference, depth + 1)
