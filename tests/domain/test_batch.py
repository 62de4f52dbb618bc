"""Batches hold events without loss, as rows and as columns."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain import (
    BytesColumn,
    ColumnNotReadError,
    CostRecorded,
    DeploymentRecorded,
    Event,
    EventBatch,
    InvalidArgumentError,
    Kind,
    LogRecorded,
    RaggedColumn,
    RecordRejected,
    ScalingRecorded,
    StringColumn,
    batch_of,
)
from cloudledger.domain import event_payload as payload_module
from cloudledger.domain.columns import concat_bytes, concat_ragged, concat_strings
from cloudledger.domain.dictionary import Dictionary
from cloudledger.domain.event_payload import facts_of, payload_of

TEXT = st.text(max_size=12)
INT64 = st.integers(-(2**63), 2**63 - 1)


def events() -> st.SearchStrategy[Event]:
    envelope = {
        "event_id": st.binary(min_size=16, max_size=16),
        "occurred_at": INT64,
        "service": TEXT,
        "resource": TEXT,
        "severity": st.integers(0, 24),
        "duration_us": st.none() | st.integers(0, 2**62),
        "size_bytes": st.integers(1, 2**62),
        "template": st.integers(0, 2**64 - 1),
        "trace_id": st.just("") | st.integers(1, 2**128 - 1).map(lambda value: f"{value:032x}"),
        "span_id": st.just("") | st.integers(1, 2**64 - 1).map(lambda value: f"{value:016x}"),
        "mentions": st.lists(TEXT.filter(bool), max_size=3).map(tuple),
    }
    return st.one_of(
        st.builds(LogRecorded, payload=st.binary(max_size=30), context=TEXT, **envelope),
        st.builds(RecordRejected, reason=TEXT, payload=st.binary(max_size=30), **envelope),
        st.builds(DeploymentRecorded, deployment_id=TEXT, phase=TEXT, summary=st.dictionaries(TEXT, INT64), **envelope),
        st.builds(ScalingRecorded, phase=TEXT, new_size=st.none() | st.integers(0, 99), observed=st.none(), **envelope),
        st.builds(CostRecorded, charge_key=TEXT, tags=st.dictionaries(TEXT, TEXT, max_size=3), **envelope),
    )


@given(st.lists(events(), max_size=12))
def test_rows_come_back_as_they_went_in(rows: list[Event]) -> None:
    assert list(batch_of(rows)) == rows


@given(st.lists(st.lists(events(), max_size=5), min_size=1, max_size=4))
def test_joining_batches_keeps_rows_and_order(parts: list[list[Event]]) -> None:
    joined = EventBatch.concat([batch_of(part) for part in parts])

    assert list(joined) == [event for part in parts for event in part]


@given(st.lists(events(), min_size=1, max_size=10), st.data())
def test_taking_rows_gives_those_rows(rows: list[Event], data: st.DataObject) -> None:
    picked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=12))

    assert list(batch_of(rows).take(np.array(picked, np.int64))) == [rows[row] for row in picked]


@given(st.lists(events(), min_size=1, max_size=10))
def test_a_mask_and_a_slice_pick_rows(rows: list[Event]) -> None:
    batch = batch_of(rows)
    mask = np.arange(len(rows)) % 2 == 0

    assert list(batch.take(mask)) == rows[::2] == list(batch[::2])
    assert batch[-1] == rows[-1]


def test_one_kind_can_be_picked() -> None:
    batch = batch_of([LogRecorded(event_id=bytes(16)), RecordRejected(event_id=bytes(16), reason="x")])

    assert [type(event) for event in batch.of_kind(Kind.RECORD_REJECTED)] == [RecordRejected]
    assert batch.take(batch.kind == Kind.LOG_RECORDED).of_kind(Kind.LOG_RECORDED)[0] == batch[0]


def test_a_place_in_the_store_becomes_the_reference() -> None:
    batch = EventBatch.build(2).stored_as("aws/trail", np.array([7, 8]))

    assert [event.reference for event in batch] == ["aws/trail@7", "aws/trail@8"]


def test_a_column_that_was_not_read_says_so() -> None:
    partial = EventBatch(1, {"kind": np.ones(1, np.uint8)})

    with pytest.raises(ColumnNotReadError, match="add it to columns"):
        _ = partial.service
    with pytest.raises(AttributeError):
        _ = partial.nonsense


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"sevice": "x"}, "unknown columns"),
        ({"severity": [1, 2, 3]}, "has 3 rows"),
        ({"payload": [b"a"]}, "has 1 rows"),
    ],
)
def test_wrong_columns_say_what_is_wrong(columns: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        EventBatch.build(2, **columns)


def test_an_index_outside_is_an_index_error() -> None:
    with pytest.raises(IndexError, match="row 3"):
        EventBatch.build(2)[3]


@pytest.mark.parametrize(
    "event",
    [
        LogRecorded(event_id=b"short"),
        LogRecorded(event_id=bytes(16), trace_id="not hex"),
        LogRecorded(event_id=bytes(16), span_id="f" * 40, trace_id="f" * 40),
    ],
)
def test_impossible_ids_are_refused_with_advice(event: LogRecorded) -> None:
    with pytest.raises(InvalidArgumentError):
        batch_of([event])


def test_replaced_columns_keep_the_rest() -> None:
    batch = EventBatch.build(2, service=["a", "b"], severity=9)

    changed = batch.with_columns(severity=[1, 2], region="eu", payload=BytesColumn.of([b"x", b"y"]))

    assert [(e.service, e.severity, e.region) for e in changed] == [("a", 1, "eu"), ("b", 2, "eu")]


def test_the_size_of_an_event_defaults_to_its_payload() -> None:
    assert EventBatch.build(2, payload=[b"abc", b""]).size_bytes.tolist() == [3, 0]


@given(st.lists(st.lists(TEXT, max_size=6), min_size=1, max_size=4))
def test_joined_string_columns_hold_the_same_strings(parts: list[list[str]]) -> None:
    assert concat_strings([StringColumn.of(part) for part in parts]).to_list() == list(chain.from_iterable(parts))


@given(st.lists(st.lists(st.lists(TEXT, max_size=3), max_size=4), min_size=1, max_size=4))
def test_joined_ragged_columns_hold_the_same_lists(parts: list[list[list[str]]]) -> None:
    joined = concat_ragged([RaggedColumn.of(part) for part in parts])

    assert [list(joined.row(row)) for row in range(len(joined))] == list(chain.from_iterable(parts))
    assert joined.row_numbers().tolist() == [n for n, row in enumerate(list(chain.from_iterable(parts))) for _ in row]


@given(st.lists(st.lists(st.binary(max_size=5), max_size=4), min_size=1, max_size=4))
def test_joined_bytes_columns_hold_the_same_bytes(parts: list[list[bytes]]) -> None:
    assert concat_bytes([BytesColumn.of(part) for part in parts]).to_list() == list(chain.from_iterable(parts))


def test_an_older_payload_is_lifted_on_read_and_its_bytes_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = payload_of(RecordRejected(reason="bad", payload=b"x"))
    monkeypatch.setattr(payload_module, "SCHEMA_VERSION", 2)
    monkeypatch.setitem(payload_module.UPCASTERS, 1, lambda kind, fields: {**fields, "origin": "lifted"})

    assert facts_of(Kind.RECORD_REJECTED, stored)["origin"] == "lifted"


def test_a_dictionary_gives_strings_that_come_twice_one_code() -> None:
    dictionary = Dictionary(["pay", "", "pay", "cart"])

    assert dictionary.values == ["", "pay", "cart"]
    assert [dictionary.code(value) for value in ("", "cart", "pay", "new")] == [0, 2, 1, 3]
