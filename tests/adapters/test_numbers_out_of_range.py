"""Numbers that no reader can hold are valid JSON: their records are kept and read."""

import pytest

from cloudledger.domain.events import LogRecorded
from tests.adapters.native_records import diagnostics
from tests.adapters.parsed import event_of


@pytest.mark.parametrize("number", ["1e400", "-1e999", "9" * 25, "9" * 5000])
def test_a_record_with_a_huge_number_is_read_all_the_same(number: str) -> None:
    event = event_of(f'{{"level":"error","msg":"no","time":"2026-11-20T10:00:00Z","n":{number}}}')

    assert isinstance(event, LogRecorded)
    assert (event.format, event.severity) == ("app.json", 17)


def test_a_huge_number_changes_no_format() -> None:
    record = diagnostics("AnyCategory")

    assert event_of(record[:-1] + ',"n":1e400}').format == event_of(record).format
