"""The how-to of new formats works as it is written: its module, installed by its entry point, reads its lines."""

import tomllib
from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, attributes_of, ingest
from cloudledger.domain import LogRecorded
from cloudledger.store import Ledger
from tests.adapters.test_installed_formats import installed
from tests.adapters.vocabulary import wrong_types
from tests.architecture.source_tree import ROOT
from tests.architecture.test_documents import blocks

HOW_TO = ROOT / "docs" / "new-format.md"


def test_the_module_of_the_how_to_is_used_once_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [lines], [module, _] = blocks(HOW_TO, {"text"}), blocks(HOW_TO, {"python"})
    [project] = blocks(HOW_TO, {"toml"})
    entries = tomllib.loads(project)["project"]["entry-points"]["cloudledger.formats"]
    (tmp_path / "site").mkdir()
    installed(tmp_path / "site", "till_format", "\n".join(f"{name} = {at}" for name, at in entries.items()), module)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    (tmp_path / "tills.txt").write_text(lines)

    with Ledger.open(str(tmp_path / "ledger")) as ledger:
        report = ingest(ledger, [FileSource(str(tmp_path / "tills.txt"))])
        events = sorted(ledger.search(format="shop.till"), key=lambda event: event.occurred_at)

    assert report.formats == {"shop.till": 3}
    assert [event.severity for event in events] == [9, 13, 17]
    assert [event.service for event in events] == ["till-7", "till-7", "till-9"]
    assert isinstance(events[2], LogRecorded)
    attributes = attributes_of(events[2])
    assert attributes["log.record.body"] == "printer offline"
    assert attributes["device.id"] == "till-9"
    assert wrong_types(attributes) == []
