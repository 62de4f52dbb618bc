"""Damage to checkpoints: folded again from the events, never an error, never another answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cloudledger.projections import catch_up, replay
from cloudledger.projections.models import default_projections
from cloudledger.projections.projection import Projection
from cloudledger.store import Ledger
from tests.projections.event_counts import EventCounts
from tests.projections.histories import history

PROJECTIONS: tuple[Projection, ...] = (EventCounts(), *default_projections())


def flip_last_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: tuple[Callable[[Path], None], ...] = (flip_last_byte, cut_in_half, empty, Path.unlink)

each_damage = pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)


@pytest.fixture
def location(tmp_path: Path) -> Path:
    """A ledger with two checkpoints and a tail."""
    with Ledger.open(tmp_path / "ledger") as ledger:
        for seed in range(3):
            for stream in ("aws/1", "azure/2"):
                ledger.append(stream, history(seed, 50))
            if seed < 2:
                catch_up(ledger, projections=PROJECTIONS)
    return tmp_path / "ledger"


def check(location: Path) -> None:
    """Twice, since the first run stores anew what it could not read."""
    for _ in range(2):
        with Ledger.open(location) as ledger:
            caught_up, zero = catch_up(ledger, projections=PROJECTIONS), replay(ledger, projections=PROJECTIONS)
            for projection in PROJECTIONS:
                assert caught_up.state(projection.name).encoded() == zero.state(projection.name).encoded()


def files(location: Path, suffix: str) -> list[Path]:
    found = sorted((location / "checkpoints").rglob(f"*{suffix}"))
    assert found
    return found


@each_damage
def test_damaged_partitions_are_folded_again(location: Path, damage: Callable[[Path], None]) -> None:
    for path in files(location, ".pack"):
        damage(path)

    check(location)


@each_damage
def test_a_damaged_checkpoint_is_passed_over(location: Path, damage: Callable[[Path], None]) -> None:
    for path in files(location, "2.ckpt"):
        damage(path)

    check(location)


@each_damage
def test_without_any_whole_checkpoint_everything_is_folded_again(
    location: Path, damage: Callable[[Path], None]
) -> None:
    for path in files(location, ".ckpt"):
        damage(path)

    check(location)
