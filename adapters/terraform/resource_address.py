"""Terraform resource addresses: modules, type, name and instance key.

Under all Terraform parsers. Keys of `for_each` may hold any character, so an address is read token by token. See
https://developer.hashicorp.com/terraform/cli/state/resource-addressing.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

_STEP = re.compile(r'([^\W\d][\w-]*)(\[(?:"(?:\\.|[^"\\])*"|\d+)\])?(?:\.|$)')
_KEY = re.compile(r'\[(?:"(?:\\.|[^"\\])*"|\d+)\]')


class ResourceAddress(msgspec.Struct, frozen=True):
    """The parts of an address; `module` keeps its instance keys, `key` is the text between the brackets.

    >>> ResourceAddress("module.db", "managed", "aws_db_instance", "main", "0").configuration
    'module.db.aws_db_instance.main'
    """

    module: str
    mode: str
    resource_type: str
    name: str
    key: str = ""

    @property
    def configuration(self) -> str:
        """The address in the configuration: without instance keys, as state files write dependencies."""
        local = f"{self.resource_type}.{self.name}"
        parts = (configuration_address(self.module), "data" if self.mode == "data" else "", local)
        return ".".join(part for part in parts if part)


@lru_cache(65_536)
def parse_address(text: str) -> ResourceAddress | None:
    """Return the parts of an address, or None.

    >>> parse_address('module.svc["a.b"].aws_sqs_queue.jobs[2]')
    ResourceAddress(module='module.svc["a.b"]', mode='managed', resource_type='aws_sqs_queue', name='jobs', key='2')
    """
    steps = _steps(text)
    position = 0
    while position + 1 < len(steps) and steps[position][0] == "module":
        position += 2
    module = ".".join(name + key for name, key in steps[:position])
    rest = steps[position:]
    mode = "data" if len(rest) == 3 and rest[0][0] == "data" else "managed"
    if len(rest) != (3 if mode == "data" else 2):
        return None
    (resource_type, _), (name, key) = rest[-2:]
    return ResourceAddress(module, mode, resource_type, name, key[1:-1])


@lru_cache(65_536)
def configuration_address(text: str) -> str:
    """Return an address without instance keys.

    >>> configuration_address('module.svc["orders"].aws_sqs_queue.jobs[2]')
    'module.svc.aws_sqs_queue.jobs'
    """
    return _KEY.sub("", text)


def _steps(text: str) -> list[tuple[str, str]]:
    steps, position = [], 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return []
        steps.append((match[1], match[2] or ""))
        position = match.end()
    return steps
