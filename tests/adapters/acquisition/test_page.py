"""Records of an answer that no parser knows keep one id, however often and wherever they are answered."""

from cloudledger.adapters.acquisition import page_of
from cloudledger.adapters.records import Origin

ORIGIN = Origin("aws/1/eu-west-1/activities")


def test_records_without_an_id_of_their_own_are_named_by_their_content() -> None:
    first, second = page_of([b"{}x", b"{}y"], ORIGIN), page_of([b"{}y", b"{}z"], ORIGIN)

    assert first.records.event_ids()[1].tolist() == second.records.event_ids()[0].tolist()
    assert len({tuple(row) for page in (first, second) for row in page.records.event_ids().tolist()}) == 3


def test_equal_records_of_one_page_are_each_a_record() -> None:
    ids = page_of([b"same", b"same", b"other"], ORIGIN).records.event_ids().tolist()

    assert len({tuple(row) for row in ids}) == 3
    assert ids == page_of([b"same", b"same", b"other"], ORIGIN).records.event_ids().tolist()


def test_numbered_records_are_named_by_their_number() -> None:
    assert page_of([b"a", b"a"], ORIGIN, offset=7).records.offsets.tolist() == [7, 8]
