"""Fixtures of the store's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.store import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger, open for writing."""
    with Ledger.open(tmp_path / "ledger") as opened:
        yield opened
