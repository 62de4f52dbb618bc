"""Wrong arguments of `ingest` are refused before anything is read, with what to give instead."""

from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.store import Ledger


@pytest.mark.parametrize(
    "sources", ["a.log", ["a.log"], [Path("a.log")], FileSource("a.log"), None, [FileSource("a"), 5]]
)
def test_what_is_no_list_of_sources_is_refused(tmp_path: Path, sources: object) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger, pytest.raises(InvalidArgumentError, match="give a list"):
        ingest(ledger, sources)  # type: ignore[arg-type]  # what a caller without a type checker may pass


def test_sources_may_come_from_a_generator(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("ready\n")

    with Ledger.open(tmp_path / "ledger") as ledger:
        assert ingest(ledger, (FileSource(path) for path in [tmp_path / "a.log"])).appended == 1  # type: ignore[arg-type]
