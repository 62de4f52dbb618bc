"""Which windows a poll reads: late entries are met whatever the pauses, the cursor never passes the clock."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cloudledger.adapters.acquisition import Gap, Overlap, Window, WindowSettings
from cloudledger.adapters.acquisition.window import NS, cut, merged
from cloudledger.adapters.acquisition.window_cursor import WindowCursor
from cloudledger.adapters.acquisition.window_plan import plan_poll

OVERLAP = Overlap(each_poll_s=60, deep_s=1800, deep_every_s=600)
START = 1_000_000 * NS

seconds = st.integers(0, 30_000)


@given(st.lists(st.tuples(st.integers(1, 20_000), st.integers(0, 12)), max_size=30), seconds, st.integers(0, 1200))
def test_an_entry_that_is_late_by_less_than_the_overlap_is_read_whatever_the_pauses(
    polls: list[tuple[int, int]], time_s: int, late_s: int
) -> None:
    """An entry that becomes visible up to `deep_s - deep_every_s` after its time is never missed."""
    time_ns, visible_ns = START + time_s * NS, START + (time_s + late_s) * NS
    cursor, now_ns, met = WindowCursor(start_ns=START), START + 1, False

    # After the polls with their pauses and their breaks in between, two that are not disturbed.
    for pause_s, most_steps in [*polls, (late_s + time_s + 700, 10**6), (700, 10**6)]:
        now_ns += pause_s * NS
        for number, step in enumerate(plan_poll(cursor, WindowSettings(window_s=900), OVERLAP, now_ns=now_ns)):
            if number >= most_steps:
                break
            inside = step.window.since_ns <= time_ns < step.window.until_ns
            met = met or (inside and visible_ns <= now_ns)
            cursor = WindowCursor(start_ns=START, done_ns=step.done_ns, deep_ns=step.deep_ns)

    assert met


@given(st.lists(st.integers(-5_000, 20_000), min_size=1, max_size=20), st.sampled_from([0.0, 7200.0]))
def test_the_cursor_never_goes_back_nor_passes_the_clock(moves: list[int], ahead_s: float) -> None:
    """Clocks are set back, and entries carry times ahead of them."""
    cursor, now_ns, latest = WindowCursor(start_ns=START), START, START
    for move in moves:
        now_ns += move * NS
        latest = max(latest, now_ns)
        for step in plan_poll(cursor, WindowSettings(ahead_s=ahead_s), OVERLAP, now_ns=now_ns):
            assert cursor.done_ns <= step.done_ns <= latest
            cursor = WindowCursor(start_ns=START, done_ns=step.done_ns, deep_ns=step.deep_ns)


def test_entries_ahead_of_the_clock_are_asked_for_with_the_last_window() -> None:
    settings = WindowSettings(window_s=100, ahead_s=50)

    steps = list(plan_poll(WindowCursor(start_ns=START), settings, OVERLAP, now_ns=START + 150 * NS))

    assert [tuple(step.window) for step in steps] == [
        (START, START + 100 * NS),
        (START + 100 * NS, START + 200 * NS),
    ]
    assert steps[-1].done_ns == START + 150 * NS


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 500), st.sampled_from([0, 7, 60]))
def test_windows_cover_a_span_without_holes(since: int, length: int, span: int, align: int) -> None:
    windows = list(cut(since, since + length, span, align))

    assert windows[0].since_ns <= since
    assert windows[-1].until_ns >= since + length
    assert all(before.until_ns == after.since_ns for before, after in pairwise(windows))
    if align:
        assert not any(edge % align for window in windows for edge in window)


def test_a_window_is_halved_down_to_the_least_and_only_at_aligned_places() -> None:
    assert Window(0, 10).halves(least_ns=6) == ()
    assert Window(0, 30).halves(least_ns=1, align_ns=20) == ()
    assert Window(0, 60).halves(least_ns=1, align_ns=20) == (Window(0, 20), Window(20, 60))


def test_gaps_that_touch_are_one_where_they_have_one_reason() -> None:
    gaps = [Gap(5, 9, "a", 0), Gap(0, 5, "a", 0), Gap(9, 12, "b", 0), Gap(20, 30, "b", 0)]

    assert [tuple(gap.window) for gap in merged(gaps)] == [(0, 9), (9, 12), (20, 30)]
