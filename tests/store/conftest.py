"""Fixtures of the store's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.store import Ledger, local_file_system

SYNCS = (local_file_system._data_sync, local_file_system._name_sync)
"""How the local file system really syncs."""


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out syncing: whether it is asked for is proved on the simulated disk, here it only takes time."""
    monkeypatch.setattr(local_file_system, "_data_sync", lambda descriptor: None)
    monkeypatch.setattr(local_file_system, "_name_sync", lambda descriptor: None)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger, open for writing."""
    with Ledger.open(tmp_path / "ledger") as opened:
        yield opened
