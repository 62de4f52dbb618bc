"""Lists that an application logged as one line: nothing of them is lost, and they keep their carrier's time."""

import json

import pytest

from cloudledger.adapters.attributes import attributes_of
from tests.adapters.parsed import batch_of_records

LOGGED_AT_MS = 1_795_170_000_000


def logged(*lines: str, group: str = "checkout-prod") -> str:
    events = [{"id": f"{row:056d}", "timestamp": LOGGED_AT_MS, "message": line} for row, line in enumerate(lines)]
    place = {"owner": "000123456789", "logGroup": group, "logStream": "web/1"}
    return json.dumps({"messageType": "DATA_MESSAGE", "subscriptionFilters": ["all"], "logEvents": events, **place})


@pytest.mark.parametrize("line", ["[]", '{"Records": []}', '{"records":[]}', '{"value":[]}'])
def test_an_empty_list_that_was_logged_is_an_event_and_as_a_document_it_is_none(line: str) -> None:
    assert len(batch_of_records(logged(line))) == 1
    assert len(batch_of_records(line)) == 0


def test_an_empty_list_among_full_ones_is_kept() -> None:
    lines = ['[{"a":1}]', "[]", '[{"a":2},{"a":3}]', '{"Records":[{"b":1}]}', '{"Records":[]}']

    assert len(batch_of_records(logged(*lines))) == 6


def test_items_of_a_logged_list_have_the_time_and_the_place_of_the_line() -> None:
    [event] = batch_of_records(logged('{"Records":[{"order":7}]}'))

    assert event.occurred_at == LOGGED_AT_MS * 1_000_000
    assert attributes_of(event)["aws.log.group.names"] == ["checkout-prod"]
