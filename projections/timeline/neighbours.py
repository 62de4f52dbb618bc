"""Neighbours of managed objects: what they depend on and what depends on them, up to two steps away.

From the dependencies that states and plans list (addresses of the configuration, so all instances of one resource are
neighbours). Never counts as managing: a neighbour's change only makes it a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .resource_history import ManagedObject

FIRST_STEP = 0.6
STEP_FACTOR = 0.5
"""Scores: 0.6 for a direct neighbour, half of it for the next."""

MAX_NEIGHBOURS = 500
"""Chosen: an object that hundreds depend on (a VPC) says little about each of them."""

_KEY = re.compile(r'\[(?:"(?:\\.|[^"\\])*"|\d+)\]')


class Neighbours:
    """Dependencies in both directions."""

    def __init__(self, objects: Iterable[ManagedObject]) -> None:
        self._by_address: dict[tuple[str, str], list[ManagedObject]] = {}
        self._users: dict[tuple[str, str], list[ManagedObject]] = {}
        for managed in objects:
            self._by_address.setdefault((managed.stack, configuration_of(managed.address)), []).append(managed)
            for dependency in managed.dependencies:
                self._users.setdefault((managed.stack, dependency), []).append(managed)
        self._known: dict[int, list[tuple[ManagedObject, float, str]]] = {}

    def of(self, managed: ManagedObject) -> list[tuple[ManagedObject, float, str]]:
        """Return neighbours with score and reason, the nearest first."""
        if managed.serial not in self._known:
            self._known[managed.serial] = self._walk(managed)
        return self._known[managed.serial]

    def _walk(self, managed: ManagedObject) -> list[tuple[ManagedObject, float, str]]:
        found: list[tuple[ManagedObject, float, str]] = []
        seen, frontier = {managed.serial}, [managed]
        for score in (FIRST_STEP, FIRST_STEP * STEP_FACTOR):
            following: list[ManagedObject] = []
            for here in frontier:
                for near, reason in self._next(here):
                    if near.serial not in seen:
                        seen.add(near.serial)
                        following.append(near)
                        found.append((near, score, reason))
            frontier = following
        return found[:MAX_NEIGHBOURS]

    def _next(self, here: ManagedObject) -> list[tuple[ManagedObject, str]]:
        needed = [
            (one, f"{here.address} depends on {one.address}")
            for dependency in here.dependencies
            for one in self._by_address.get((here.stack, dependency), [])
        ]
        users = self._users.get((here.stack, configuration_of(here.address)), [])
        return needed + [(one, f"{one.address} depends on {here.address}") for one in users]


def configuration_of(address: str) -> str:
    """Return an address without instance keys.

    >>> configuration_of('module.svc["orders"].aws_sqs_queue.jobs[2]')
    'module.svc.aws_sqs_queue.jobs'
    """
    return _KEY.sub("", address)
