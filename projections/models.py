"""ReadModels: what `catch_up` and `replay` give out, the four models under one roof.

At the end of the flow: the states that were folded, each behind the queries of its model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from ..domain.errors import InvalidArgumentError
from ..store import Ledger
from .cost import CostModel, CostProjection
from .dependencies import DependenciesModel, DependenciesProjection
from .folding import Progress
from .partitions import ProjectionState
from .projection import Projection
from .reading import DamagedPlace
from .scaling import ScalingModel, ScalingProjection
from .timeline import TimelineModel, TimelineProjection


def default_projections() -> Sequence[Projection]:
    """Return the four folds of the library.

    >>> sorted(projection.name.partition("@")[0] for projection in default_projections())
    ['cost', 'dependencies', 'scaling', 'timeline']
    """
    return (TimelineProjection(), DependenciesProjection(), ScalingProjection(), CostProjection())


class ReadModels:
    """The read models of a ledger, as of the positions that were folded.

    >>> from cloudledger.store import Ledger
    >>> from cloudledger.projections import catch_up
    >>> with Ledger.open("ledger") as ledger:
    ...     models = catch_up(ledger)
    ...     models.timeline.deployments()
    ()
    """

    def __init__(self, ledger: Ledger, progress: Mapping[str, Progress], damage: Sequence[DamagedPlace] = ()) -> None:
        self.ledger = ledger
        self.damage = tuple(damage)
        """Places of stored files that could not be read and are missing from the answers."""
        self._states = {name: one.state for name, one in progress.items()}
        self.positions: dict[str, dict[str, int]] = {name: dict(one.positions) for name, one in progress.items()}
        """Per projection the last position that was folded of each stream."""

    @cached_property
    def timeline(self) -> TimelineModel:
        """Changes to the infrastructure, and the events that they explain."""
        return TimelineModel(self.state("timeline"), ledger=self.ledger)

    @cached_property
    def dependencies(self) -> DependenciesModel:
        """Which service calls which, and how failures spread."""
        return DependenciesModel(self.state("dependencies"), ledger=self.ledger)

    @cached_property
    def scaling(self) -> ScalingModel:
        """What the autoscalers did, and what kept them from it."""
        return ScalingModel(self.state("scaling"), ledger=self.ledger)

    @cached_property
    def cost(self) -> CostModel:
        """What logging and everything else costs, by service."""
        return CostModel(self.state("cost"), ledger=self.ledger)

    def state(self, name: str) -> ProjectionState:
        """Return the folded state of a projection, by its name with or without the version.

        Raises:
            InvalidArgumentError: no such projection was folded.
        """
        for known, state in self._states.items():
            if name in (known, known.partition("@")[0]):
                return state
        known_names = ", ".join(self._states) or "none"
        raise InvalidArgumentError(
            f"projection {name!r} was not folded: pass it in projections= (folded: {known_names})"
        )
