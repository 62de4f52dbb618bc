"""Pages of a search: together they give what one search gives, each event once, whatever happens in between."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.store import Ledger
from cloudledger.store.search_order import OrderKey
from tests.store.builders import START_NS, log_recorded
from tests.store.simulated_disk import SimulatedDisk


def all_pages(ledger: Ledger, **asked: object) -> list[str]:
    """Return the references of all pages."""
    found, resume = list[str](), None
    while True:
        page = ledger.search_page(after=resume, **asked)  # type: ignore[arg-type]
        found += [event.reference for event in page.events]
        resume = page.resume
        if resume is None:
            return found


@settings(max_examples=40)
@given(
    times=st.lists(st.integers(0, 5), min_size=1, max_size=40),
    limit=st.integers(1, 9),
    order=st.sampled_from(["time", "newest"]),
)
def test_pages_give_what_one_search_gives(times: list[int], limit: int, order: str) -> None:
    with Ledger.open("/ledger", files=SimulatedDisk(), clock=lambda: START_NS) as ledger:
        for number, time in enumerate(times):
            ledger.append("ab"[number % 2], [log_recorded(number, occurred_at=START_NS + time)])
            if number % 7 == 6:
                ledger.seal()

        whole = [event.reference for event in ledger.search(limit=None, order=order)]

        assert all_pages(ledger, limit=limit, order=order) == whole
        assert len(whole) == len(times)


def test_a_page_goes_on_where_the_last_ended_although_events_came_before(ledger: Ledger) -> None:
    ledger.append("a", [log_recorded(n, occurred_at=START_NS + n) for n in (1, 3, 5)])
    first = ledger.search_page(limit=2)
    ledger.append("a", [log_recorded(n, occurred_at=START_NS + n) for n in (2, 4)])

    second = ledger.search_page(limit=2, after=first.resume)

    assert [e.occurred_at - START_NS for e in first.events + second.events] == [1, 3, 4, 5]
    assert second.resume is None


def test_the_last_page_has_no_token(ledger: Ledger) -> None:
    ledger.append("a", [log_recorded(n) for n in range(4)])

    assert ledger.search_page(limit=4).resume is None
    assert ledger.search_page(limit=None).resume is None
    assert ledger.search_page(limit=3).resume is not None
    assert ledger.search_page(service="nobody") == ledger.search_page(until=0)


@pytest.mark.parametrize("token", ["", "nonsense!", "AAAA", OrderKey(True, 1, "a", 1).token])
def test_a_token_of_another_search_is_refused(ledger: Ledger, token: str) -> None:
    with pytest.raises(InvalidArgumentError, match="token"):
        ledger.search_page(after=token)
