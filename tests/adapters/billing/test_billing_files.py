"""Billing exports as files: header, quoted line breaks and odd tag columns go the whole way into the ledger."""

from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.files import decompression
from cloudledger.domain.events import CostRecorded
from cloudledger.store import Ledger
from tests.adapters.billing.test_aws_cur_parser import HEADER, line

TAGS = ",resourceTags/user:k8s.io/x=y,resourceTags/user:team@shop"


def charges(folder: Path, text: str, *, encoding: str = "utf-8") -> list[CostRecorded]:
    (folder / "report.csv").write_bytes(text.encode(encoding))
    with Ledger.open(folder / "ledger") as ledger:
        [report] = ingest(ledger, [FileSource(folder / "report.csv")]).sources
        assert (report.problem, report.rejected) == ("", {})
        rows = [event for batch in ledger.read() for event in batch]
    assert all(isinstance(row, CostRecorded) for row in rows)
    return [row for row in rows if isinstance(row, CostRecorded)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quoted_line_break_and_tag_columns_cost_no_row(tmp_path: Path, encoding: str, end: str) -> None:
    noted = line("l2", tag='"check\nout, ""new"""') + ",b,crew"
    text = end.join([HEADER + TAGS, line("l1") + ",a,crew", noted, line("l3") + ",c,crew", ""])

    found = charges(tmp_path, text, encoding=encoding)

    assert [row.tags.get("k8s.io/x=y") for row in found] == ["a", "b", "c"]
    assert [row.tags.get("team@shop") for row in found] == ["crew"] * 3
    assert found[1].tags["Service"] == 'check\nout, "new"'


def test_a_line_break_on_the_edge_of_a_block_costs_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "BLOCK_BYTES", 700)
    rows = [line(f"l{number}", tag=f'"check\nout {number}"') for number in range(50)]

    found = charges(tmp_path, "\n".join([HEADER, *rows]))

    assert [row.tags["Service"] for row in found] == [f"check\nout {number}" for number in range(50)]
