"""The truth of an incident: what answers must find.

Written beside the native files, never among them.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec


class Edge(msgspec.Struct, frozen=True):
    """One service calls another, so many times."""

    caller: str
    callee: str
    calls: int


class Culprit(msgspec.Struct, frozen=True):
    """The deployment that did it. The run is the key that its files share, relative to the folder of native files."""

    run: str
    actor: str
    started: datetime
    ended: datetime
    resources: list[str]
    settings: dict[str, tuple[str, str]]


class ScalingFault(msgspec.Struct, frozen=True):
    """A group that thrashes against its maximum, or stands at it: what is wrong with it, and since when."""

    group: str
    service: str
    classes: list[str]
    since: datetime
    maximum: int


class CostShare(msgspec.Struct, frozen=True):
    """What the logs of one service cost on the day: in a pool that is billed as one (log group, workspace, project)."""

    service: str
    pool: str
    billed_bytes: int
    cost: float
    share_of_pool: float
    share: float


class FileTruth(msgspec.Struct, frozen=True):
    """One native file: how many records it holds, and how many of them were delivered before."""

    name: str
    records: int
    duplicates: int = 0


class Noise(msgspec.Struct, frozen=True):
    """The service whose debug logging was switched on, by which run, when."""

    service: str
    run: str
    since: datetime
    volume_factor: float


class Truth(msgspec.Struct, frozen=True):
    """All that is known of a generated incident.

    `load_balancers` maps each load balancer to the service behind it, `cascade` each failing service to the instant of
    its first server error. `unreadable` counts the records of broken.log that are to be rejected, `not_utf8` those that
    may be, or be read without the bytes that are no text.
    `planted_secret` must surface nowhere.
    """

    seed: int
    start: datetime
    end: datetime
    directory: str
    services: dict[str, str]
    edges: list[Edge]
    datastore_edges: list[Edge]
    load_balancers: dict[str, str]
    culprit: Culprit
    other_runs: list[str]
    first_failing: str
    datastore: str
    fault_at: datetime
    cascade: dict[str, datetime]
    healthy: list[str]
    scaling: list[ScalingFault]
    healthy_groups: list[str]
    noise: Noise
    cost_shares: list[CostShare]
    planted_secret: str
    requests: int
    spans: int
    files: list[FileTruth]
    records: int
    duplicates: int
    unreadable: int
    not_utf8: int

    @property
    def native(self) -> Path:
        """The folder of native files: what is ingested."""
        return Path(self.directory)


def write_truth(path: Path, truth: Truth) -> None:
    """Write the truth as JSON; the folder is left out, so that the file does not depend on its place."""
    content = msgspec.json.encode(msgspec.structs.replace(truth, directory="files"), order="deterministic")
    path.write_bytes(msgspec.json.format(content) + b"\n")


def read_truth(path: Path) -> Truth:
    """Read a truth back."""
    truth = msgspec.json.decode(path.read_bytes(), type=Truth)
    return msgspec.structs.replace(truth, directory=str(path.parent / truth.directory))
