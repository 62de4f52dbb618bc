"""A simulated autoscaler: a load in, the events out that a provider would have written.

Healthy settings are those that the providers recommend: a warm-up as long as an instance takes to come, slow scaling
in, a maximum with headroom. Sick ones break one of these.
"""

from dataclasses import dataclass, field

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.batch_rows import batch_of
from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import Event, MetricRecorded, ScalingRecorded
from tests.projections.scaling.load_curves import Load

START_NS = 1_795_132_800_000_000_000
"""2026-11-20T00:00:00Z."""

MINUTE_NS = 60_000_000_000


@dataclass(frozen=True)
class Settings:
    """How a group scales; times in minutes."""

    dialect: str = "aws"
    target: float = 0.6
    low: float = 0.54
    high: float = 0.0
    minimum: int = 2
    maximum: int = 40
    out_after: int = 3
    in_after: int = 15
    warm_up: int = 4
    provision: float = 2.0
    step_out: int = 0
    step_in: int = 1
    start: int = 4
    policy_in: str = ""
    with_metrics: bool = True
    with_logs: bool = True


@dataclass
class Simulation:
    """What came out: events, and how the group fared."""

    settings: Settings
    name: str = "cart-asg"
    events: list[Event] = field(default_factory=list)
    utilisation: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @property
    def resource(self) -> str:
        return f"arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:u:autoScalingGroupName/{self.name}"

    @property
    def service(self) -> str:
        return self.name.removesuffix("-asg")

    def run(self, load: Load, rng: np.random.Generator) -> "Simulation":
        """Drive the group through a load."""
        settings = self.settings
        desired, coming = settings.start, np.zeros(len(load) + 600, np.int64)
        serving, high, low, quiet_until = settings.start, 0, 0, 0
        recent: list[float] = []
        for minute, work in enumerate(load.tolist()):
            serving = min(serving + int(coming[minute]), desired)
            busy = min(work / max(serving, 1), 1.0)
            self.utilisation.append(busy)
            self.sizes.append(desired)
            high = high + 1 if busy > (settings.high or settings.target) else 0
            low = low + 1 if busy < settings.low else 0
            recent = [*recent[-settings.in_after :], busy * serving / settings.target]
            if high >= settings.out_after and minute >= quiet_until:
                wanted = self._wanted_out(desired, serving, busy)
                new = min(wanted, settings.maximum)
                if new > desired or wanted > settings.maximum:
                    self._decide(minute, desired, new, wanted, busy)
                for _ in range(new - desired):
                    minutes = max(settings.provision * rng.lognormal(0, 0.25), 0.5)
                    self._launch(minute, minutes)
                    coming[minute + int(np.ceil(minutes))] += 1
                if new > desired:
                    desired, quiet_until, low = new, minute + settings.warm_up, 0
            elif low >= settings.in_after and minute >= quiet_until:
                least = max(int(np.ceil(max(recent) - 1e-9)), settings.minimum)
                step = settings.step_in or desired
                new = max(least if settings.in_after > 5 else settings.minimum, desired - step, settings.minimum)
                if new < desired:
                    self._decide(minute, desired, new, new, busy)
                    desired, serving, low, quiet_until = new, min(serving, new), 0, minute + 2
        return self

    def _wanted_out(self, desired: int, serving: int, busy: float) -> int:
        if self.settings.step_out:
            return desired + self.settings.step_out
        return max(int(np.ceil(serving * busy / self.settings.target)), desired)

    def _decide(self, minute: int, old: int, new: int, wanted: int, busy: float) -> None:
        settings, way = self.settings, "out" if new > old else "in" if new < old else "none"
        limited = "max" if wanted > settings.maximum else ""
        shared = {"phase": "decision", "direction": way, "new_size": new}
        if settings.dialect == "hpa":
            self._add(minute, 5, **shared, group_kind="pod", policy_type="target")
            if limited:
                known = {"limited_by": "max", "max_size": settings.maximum, "new_size": new}
                self._add(minute, 6, phase="limit", name="TooManyReplicas", **known)
        elif settings.dialect == "gcp":
            told = {"observed": busy, "threshold": settings.target, "unconstrained_size": wanted, "limited_by": limited}
            bound = settings.maximum if limited else None
            self._add(minute, 5, **shared, **told, old_size=old, max_size=bound, policy_type="target", metric="CPU")
        elif way != "none":
            policy = settings.policy_in if way == "in" and settings.policy_in else "cpu"
            kind = "step" if settings.step_out else "target"
            self._add(minute, 5, **shared, old_size=old, policy=policy, policy_type=kind, trigger="alarm")

    def _launch(self, minute: int, minutes: float, **changes: object) -> None:
        if self.settings.dialect == "hpa":
            return
        at_ns = START_NS + minute * MINUTE_NS + 20 * 10**9
        end_ns = at_ns + int(minutes * MINUTE_NS)
        told = {
            "phase": "attempt",
            "direction": "out",
            "outcome": "succeeded",
            "attempt_id": f"{self.name}-{len(self.events)}",
        }
        self._add(minute + int(minutes), 30, **{**told, "started_at": at_ns, "ended_at": end_ns, **changes})

    def fail(self, minute: int, reason: str, message: str) -> None:
        """Add a failed launch."""
        self._launch(minute, 0.1, outcome="failed", reason_class=reason, message=message)

    def limits(self) -> None:
        """Add the configuration, as the provider would be asked for it."""
        self._add(0, 0, phase="config", min_size=self.settings.minimum, max_size=self.settings.maximum,
                  new_size=self.settings.start)  # fmt: skip

    def add(self, minute: int, **facts: object) -> None:
        """Add any scaling event."""
        self._add(minute, 7, **facts)

    def _add(self, minute: int, second: int, **facts: object) -> None:
        name = str(facts.pop("name", "ScalingDecision"))
        self.events.append(
            ScalingRecorded(
                event_id=event_id("simulated", self.name, str(len(self.events))),
                occurred_at=START_NS + minute * MINUTE_NS + second * 10**9,
                format=f"{self.settings.dialect}.autoscaling",
                provider=self.settings.dialect,
                service=self.service,
                resource=self.resource,
                name=name,
                **facts,  # type: ignore[arg-type]
            )
        )

    def batches(self, load: Load, errors: Load | None = None) -> list[EventBatch]:
        """Return all events: scaling, metrics and what the service logged."""
        metrics = self._metrics() if self.settings.with_metrics else []
        found = [batch_of([*self.events, *metrics])]
        return [*found, self._logs(load, errors)] if self.settings.with_logs else found

    def _metrics(self) -> list[MetricRecorded]:
        told = [
            MetricRecorded(
                event_id=event_id("metric", self.name, str(minute)),
                occurred_at=START_NS + minute * MINUTE_NS,
                resource=self.resource,
                name="CPU",
                value=busy,
            )
            for minute, busy in enumerate(self.utilisation)
        ]
        self._add(0, 1, phase="status", metric="CPU", threshold=self.settings.target)
        told_target = self.events.pop()
        return [told_target, *told]  # type: ignore[list-item]

    def _logs(self, load: Load, errors: Load | None) -> EventBatch:
        counts = np.rint(20 * load / max(float(load.mean()), 1e-9)).astype(np.int64)
        minutes = np.repeat(np.arange(len(load)), counts)
        chance = np.random.default_rng(len(minutes)).random(len(minutes))
        failed = chance < (np.full(len(load), 0.002) if errors is None else errors)[minutes]
        ids = np.stack([np.full(len(minutes), 7), np.arange(len(minutes))], axis=1).astype(np.uint64)
        return EventBatch.build(
            len(minutes),
            event_id=ids,
            occurred_at=START_NS + minutes * MINUTE_NS,
            service=self.service,
            severity=np.where(failed, 17, 9),
        )
