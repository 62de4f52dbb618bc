"""Lists whose pages lead round in a ring end, as a gap or a degraded source, and never run for ever."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from cloudledger.adapters.acquisition import (
    Failure,
    ObjectSource,
    Page,
    PageTokens,
    RateLimit,
    RequestFailedError,
    Requests,
    Window,
    WindowSettings,
    WindowSource,
)
from cloudledger.adapters.acquisition.ports import ObjectInfo
from cloudledger.adapters.acquisition.window import NS
from cloudledger.adapters.source import SourceChunk
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.memory import MemoryObjects, MemoryWindows
from tests.wire.faults import Faults

UNLIMITED = RateLimit(per_s=1e6)
RING = {"": "a", "a": "b", "b": "a"}


class RingOfPages(MemoryWindows):
    """Three empty pages, of which the last leads to the second."""

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        tokens, token = PageTokens(), ""
        while token := tokens.following(requests.call(lambda: RING[token])):
            yield from ()


class RingOfListings(MemoryObjects):
    """A listing without objects whose pages lead round."""

    def listing(self, requests: Requests) -> Iterator[ObjectInfo]:
        tokens, token = PageTokens(), ""
        while token := tokens.following(requests.call(lambda: RING[token])):
            yield from ()


def chunks_of(source: WindowSource | ObjectSource, clock: VirtualClock) -> list[SourceChunk]:
    source.run_in(clock.runtime())
    return list(islice(source.chunks(None), 1000))


def test_tokens_that_never_come_again_lead_on_however_many_they_are() -> None:
    tokens = PageTokens()

    assert [tokens.following(f"page-{number}") for number in range(3)] == ["page-0", "page-1", "page-2"]
    assert (tokens.following(""), tokens.following(None)) == ("", None)


def test_a_token_of_an_earlier_page_is_an_answer_cut_off() -> None:
    tokens = PageTokens()
    tokens.following("a")
    tokens.following("b")

    with pytest.raises(RequestFailedError) as failed:
        tokens.following("a")
    assert failed.value.failure is Failure.TRUNCATED


def test_a_window_whose_pages_lead_round_is_a_gap() -> None:
    clock = VirtualClock()
    settings = WindowSettings(window_s=60, least_s=60, back_s=60)
    source = WindowSource(RingOfPages(clock, Faults(), []), windows=settings, rate=UNLIMITED)

    [chunk] = chunks_of(source, clock)

    assert [event.state for event in chunk.observed] == ["gap"]
    assert (chunk.observed[0].until or 0) - (chunk.observed[0].since or 0) == 60 * NS


def test_a_listing_whose_pages_lead_round_degrades_its_source() -> None:
    clock = VirtualClock()

    [chunk] = chunks_of(ObjectSource(RingOfListings(clock, Faults()), rate=UNLIMITED), clock)

    assert chunk.problem.startswith("truncated")
    assert [event.state for event in chunk.observed] == ["degraded"]
