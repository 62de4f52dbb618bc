"""Follow a ledger: read models that keep up with what is appended, by this process or any other.

Between the ledger and the queries. Nothing here knows who appends, and whoever appends does not know of this: the
ledger is all that they share.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from ..domain.arguments import check_number, check_type
from ..domain.timestamps import to_instant_ns
from ..store import Ledger
from .catch_up import checked_projections, save_all
from .checkpointing import newest, stream_ends
from .folding import Progress, fold_parts
from .models import ReadModels, default_projections
from .projection import Projection
from .reading import plan_parts

POLL_S = 0.1
"""Seconds between two looks for new events. Measured: a look costs some 0.1 ms a stream."""

CHECKPOINT_EVERY_S = 60.0
"""Seconds between checkpoints while events come. Chosen: what a killed follower has to fold again."""

Instant = datetime | str | int


def follow_models(
    ledger: Ledger,
    *,
    until: Instant | None = None,
    stop: threading.Event | None = None,
    projections: Sequence[Projection] | None = None,
    poll_s: float = POLL_S,
    checkpoint_every_s: float = CHECKPOINT_EVERY_S,
    clock: Callable[[], int] = time.time_ns,
) -> Iterator[ReadModels]:
    """Yield the read models, and again whenever they have taken in new events.

    The models that were yielded before are not to be used any more then. Ends after `until`, when `stop` is set, or at
    a KeyboardInterrupt: with models that hold everything that was committed until then, and with a checkpoint.

    Args:
        ledger: the ledger; opened with `read_only=True` no checkpoint is saved.
        until: the instant to stop at.
        stop: stops when it is set, within a fraction of a second.
        projections: the folds; the library's four by default.
        poll_s: seconds between two looks for new events.
        checkpoint_every_s: seconds between checkpoints while events come.
        clock: gives the present time in nanoseconds.

    Raises:
        InvalidArgumentError: an argument is wrong.
        SegmentDamageError: a stored file is damaged.

    >>> with Ledger.open("follow-models-example") as ledger:
    ...     for models in follow_models(ledger, until="2026-01-01T00:00:00Z"):
    ...         models.timeline.deployments()
    ()
    """
    check_type("ledger", ledger, Ledger, "give an open ledger, like Ledger.open('ledger')")
    check_number("poll_s", poll_s, 0.001, 3600.0)
    chosen = checked_projections(default_projections() if projections is None else projections)
    until_ns = None if until is None else to_instant_ns(until)
    stopping = stop or threading.Event()
    keeper = _Keeper(ledger, chosen, int(checkpoint_every_s * 1e9), clock)

    def over() -> bool:
        return stopping.is_set() or (until_ns is not None and clock() >= until_ns)

    return keeper.models(lambda: _pause(stopping, poll_s), over)


def _pause(stopping: threading.Event, seconds: float) -> None:
    """Wait; an interrupt from the keyboard is a wish to stop."""
    try:
        stopping.wait(seconds)
    except KeyboardInterrupt:
        stopping.set()


class _Keeper:
    """Keeps the states of projections in memory and folds what is new into them."""

    def __init__(
        self, ledger: Ledger, projections: Sequence[Projection], every_ns: int, clock: Callable[[], int]
    ) -> None:
        ends = stream_ends(ledger)
        self._ledger, self._every_ns, self._clock = ledger, every_ns, clock
        self._progress: dict[str, Progress] = {one.name: newest(ledger, one, ends) for one in projections}
        self._saved_ns = clock()

    def models(self, pause: Callable[[], None], over: Callable[[], bool]) -> Iterator[ReadModels]:
        """Yield models at first, after each change, and at the end whatever came last."""
        try:
            self._fold_new()
            yield ReadModels(self._ledger, self._progress)
            ending = False
            while not ending:
                ending = over()  # asked before looking, so that the last look sees all that was committed before
                if self._fold_new():
                    self._save_now_and_then()
                    yield ReadModels(self._ledger, self._progress)
                elif not ending:
                    pause()
        finally:
            self._save()

    def _fold_new(self) -> bool:
        """Fold what was committed since the last time; say whether there was anything."""
        positions = {name: one.positions for name, one in self._progress.items()}
        parts = plan_parts(stream_ends(self._ledger), positions)
        fold_parts(self._ledger, parts, self._progress)
        return bool(parts)

    def _save_now_and_then(self) -> None:
        if self._clock() - self._saved_ns >= self._every_ns:
            self._save()

    def _save(self) -> None:
        self._saved_ns = self._clock()
        if not self._ledger.read_only:
            save_all(self._ledger, self._progress)
