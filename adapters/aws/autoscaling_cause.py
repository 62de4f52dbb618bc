"""Read the `Cause` of EC2 Auto Scaling activities: why a group changed, sentence by sentence.

Under the autoscaling parser. The grammar is that of "Verify a scaling activity for an Auto Scaling group" in the EC2
Auto Scaling user guide: several sentences `At <time> ...`, each of which may be shared by many activities (one per
instance).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ...domain.timestamps import parse_timestamp_ns

_SENTENCE: Final = re.compile(r"At (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ")
_CHANGE: Final = re.compile(r"chang(?:ing|ed) the desired capacity from (\d+) to (\d+)")
_DIFFERENCE: Final = re.compile(r"(?:increas|shrink|decreas)ing the capacity from (\d+) to (\d+)")
_ALARM: Final = re.compile(r"monitor alarm (\S+) in state (\w+) triggered policy (.+?)(?: chang|\.?\s*$)")
_CONSTRAINTS: Final = re.compile(r"constraints to min: (\d*), max: (\d*), desired: (\d*)")
_SCHEDULED: Final = re.compile(r"scheduled action (?!update)(\S+)")
_TRIGGERS: Final = (
    ("alarm", re.compile(r"monitor alarm")),
    ("schedule", re.compile(r"scheduled action")),
    ("predictive", re.compile(r"predictive scaling|forecast", re.I)),
    ("refresh", re.compile(r"instance refresh", re.I)),
    ("health", re.compile(r"health[ -]check|unhealthy", re.I)),
    ("rebalance", re.compile(r"balanc\w+ the group's zones|rebalanc", re.I)),
    ("spot", re.compile(r"spot .*interruption|at an elevated risk", re.I)),
    ("user", re.compile(r"user request|user health-check")),
    ("difference", re.compile(r"difference between desired and actual capacity")),
)
_MAINTENANCE: Final = frozenset({"health", "rebalance", "refresh", "spot"})


@dataclass(frozen=True, slots=True)
class CauseSentence:
    """One sentence of a cause; a sentence with `changes_desired` is a decision."""

    at_ns: int | None
    text: str
    trigger: str
    changes_desired: bool = False
    old_size: int | None = None
    new_size: int | None = None
    min_size: int | None = None
    max_size: int | None = None
    alarm: str = ""
    policy: str = ""

    @property
    def policy_type(self) -> str:
        """The kind of policy behind it: target, step, schedule, predictive, manual, health, refresh or empty."""
        if self.trigger == "alarm":
            return "target" if self.alarm.startswith("TargetTracking-") else "step"
        return {"user": "manual", "rebalance": "health", "spot": "health", "difference": ""}.get(
            self.trigger, self.trigger
        )


def cause_sentences(cause: str) -> list[CauseSentence]:
    """Return the sentences of a cause.

    >>> [s.trigger for s in cause_sentences(
    ...     "At 2020-02-11T18:34:10Z a monitor alarm high in state ALARM triggered policy p changing the desired"
    ...     " capacity from 3 to 2.  At 2020-02-11T18:34:31Z instance i-1 was selected for termination.")]
    ['alarm', '']
    """
    parts = _SENTENCE.split(cause)
    sentences = [_sentence(None, parts[0])] if parts[0].strip() else []
    return sentences + [_sentence(parts[i], parts[i + 1]) for i in range(1, len(parts) - 1, 2)]


def maintenance_of(sentences: list[CauseSentence]) -> str:
    """Return the trigger of a change that is no decision to scale (health, rebalance, refresh, spot), else empty.

    >>> maintenance_of(cause_sentences("At 2020-02-11T18:34:31Z an instance was taken out of service in response to an"
    ...                                " EC2 health check indicating it has been terminated or stopped."))
    'health'
    """
    if any(sentence.changes_desired for sentence in sentences):
        return ""
    return next((s.trigger for s in sentences if s.trigger in _MAINTENANCE), "")


def _sentence(at: str | None, text: str) -> CauseSentence:
    text = text.strip()
    change = _CHANGE.search(text)
    sizes = change or _DIFFERENCE.search(text)
    alarm, limits, scheduled = _ALARM.search(text), _CONSTRAINTS.search(text), _SCHEDULED.search(text)
    return CauseSentence(
        at_ns=parse_timestamp_ns(at),
        text=text,
        trigger=next((name for name, pattern in _TRIGGERS if pattern.search(text)), ""),
        changes_desired=change is not None,
        old_size=int(sizes[1]) if sizes else None,
        new_size=int(sizes[2]) if sizes else None,
        min_size=_whole(limits[1]) if limits else None,
        max_size=_whole(limits[2]) if limits else None,
        alarm=alarm[1] if alarm else "",
        policy=alarm[3] if alarm else scheduled[1] if scheduled else "",
    )


def _whole(text: str) -> int | None:
    return int(text) if text else None
