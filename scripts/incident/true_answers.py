"""Tell the truth of what was generated.

After everything is written: from the plan, from what the traffic did, and from what the files hold.
"""

from __future__ import annotations

from datetime import UTC, datetime

from . import places
from .aws_edge import LOAD_BALANCER
from .broken_file import HALVES, NOT_UTF8
from .clock import MICROSECONDS
from .culprit_run import CULPRIT, PLANTED_SECRET
from .gcp_edge import URL_MAP
from .native_file import FileSet
from .prices import ingestion_cost
from .scaling_groups import FAULTY_GROUP, FAULTY_SERVICE, HEALTHY_GROUPS, MAXIMUM, MAXIMUM_PODS, scaling_since
from .story import FIRST_FAILING, NOISY, Story
from .terraform_run import Run
from .terraform_runs import DEBUG_RUN
from .traffic import Traffic
from .truth import CostShare, Culprit, Edge, FileTruth, Noise, ScalingFault, Truth
from .volumes import Volumes


def truth_of(story: Story, runs: list[Run], traffic: Traffic, volumes: Volumes, files: FileSet, broken: int) -> Truth:
    """Return the truth; `broken` is the number of lines of the damaged file."""
    written = [FileTruth(name, file.records, file.duplicates) for name, file in sorted(files.files.items())]
    written.append(FileTruth("broken.log", broken))
    healthy = sorted(service.name for service in story.services if service.name not in story.cascade)
    calls = [Edge(s.name, call.callee.name, call.count) for s in story.services for call in s.calls if call.count]
    return Truth(
        seed=story.seed,
        start=_instant(story.start),
        end=_instant(story.end),
        directory=str(files.directory),
        services={service.name: service.cloud for service in story.services},
        edges=sorted(calls, key=lambda edge: (-edge.calls, edge.caller, edge.callee)),
        datastore_edges=[Edge(FIRST_FAILING, places.DATABASE, traffic.database_calls)],
        load_balancers={LOAD_BALANCER: "web-gateway", URL_MAP: "storefront"},
        culprit=_culprit(next(run for run in runs if run.key == CULPRIT)),
        other_runs=[run.key for run in runs if run.key != CULPRIT],
        first_failing=FIRST_FAILING,
        datastore=places.DATABASE,
        fault_at=_instant(story.fault_at),
        cascade={name: _instant(traffic.first_errors[name]) for name in sorted(traffic.first_errors)},
        healthy=healthy,
        scaling=_scaling_faults(story),
        healthy_groups=list(HEALTHY_GROUPS),
        noise=_noise(story, volumes),
        cost_shares=_cost_shares(volumes),
        planted_secret=PLANTED_SECRET,
        requests=traffic.requests,
        spans=traffic.spans,
        files=written,
        records=sum(file.records for file in written),
        duplicates=sum(file.duplicates for file in written),
        unreadable=HALVES,
        not_utf8=NOT_UTF8,
    )


def _scaling_faults(story: Story) -> list[ScalingFault]:
    since = _instant(scaling_since(story))
    thrashing = ["flapping", "insufficient_capacity"]
    return [
        ScalingFault(FAULTY_GROUP, FAULTY_SERVICE, thrashing, since, MAXIMUM),
        ScalingFault(
            f"horizontalpodautoscaler/{FAULTY_SERVICE}", FAULTY_SERVICE, ["at_max_capacity"], since, MAXIMUM_PODS
        ),
    ]


def _culprit(run: Run) -> Culprit:
    changed = [change for change in run.changes if change.action != "no-op"]
    settings = {"max_connections": ("800", "60"), "instance_class": ("db.r6g.2xlarge", "db.t4g.medium")}
    resources = [change.after["arn"] for change in changed]
    return Culprit(run.key, run.session, _instant(run.start), _instant(run.end), resources, settings)


def _noise(story: Story, volumes: Volumes) -> Noise:
    group = (f"projects/{places.GCP_PROJECT}", NOISY)
    factor = volumes.total[group] / volumes.ordinary(group)
    return Noise(NOISY, DEBUG_RUN, _instant(story.debug_at), round(factor, 3))


def _cost_shares(volumes: Volumes) -> list[CostShare]:
    pools: dict[str, int] = {}
    for (pool, _), size in volumes.total.items():
        pools[pool] = pools.get(pool, 0) + size
    everything = sum(ingestion_cost(pool, size) for pool, size in pools.items())
    shares = []
    for (pool, service), size in sorted(volumes.total.items()):
        cost = ingestion_cost(pool, size)
        shares.append(CostShare(service, pool, size, round(cost, 12), size / pools[pool], round(cost / everything, 9)))
    return shares


def _instant(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us // MICROSECONDS, UTC).replace(microsecond=at_us % MICROSECONDS)
