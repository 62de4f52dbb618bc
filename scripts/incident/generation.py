"""Generate an incident: the plan, the traffic through it, the native files, the truth.

The front door's function stands here; everything is decided by its arguments, so the same call writes the same content.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

from . import places
from .aws_control import write_cloudtrail, write_flow_log
from .aws_edge import AlbAccessLog, DatabaseLog, LambdaLog
from .azure_control import write_activity_log, write_diagnostics
from .billing_files import write_bills
from .broken_file import write_broken
from .clock import MICROSECONDS, utc_text
from .cloudwatch import CloudWatchFiles, write_control_message
from .containers import AksContainers, EksContainers, GkeContainers
from .gcp_edge import LoadBalancerLog, write_audit_log
from .native_file import FileSet
from .pods import pods_of
from .scaling_files import write_scaling
from .story import DEFAULT_START, FIRST_FAILING, Story, make_story
from .terraform_files import write_run
from .terraform_runs import make_runs
from .traffic import Edge, Traffic, lines_per_request
from .true_answers import truth_of
from .truth import Truth, write_truth
from .volumes import Volumes

_HOUR = 3600 * MICROSECONDS
_CONTROL_SHARE = 0.01
"""Rows of CloudTrail, flow logs, activity and audit logs, each as a share of all entries."""


def generate(
    directory: Path,
    *,
    seed: int = 7,
    services: int = 12,
    minutes: int = 90,
    entries: int = 60_000,
    start: datetime = DEFAULT_START,
) -> Truth:
    """Write the native files of an incident to `directory/files` and its truth to `directory/truth.json`.

    Args:
        directory: an empty or new folder.
        seed: the same seed gives the same content.
        services: how many there are, 12 to 200.
        minutes: length of the story, at least 5.
        entries: about how many records to write, at least 2,000.
        start: when it begins.

    Raises:
        ValueError: an argument is out of its range.
    """
    if entries < 2_000:
        raise ValueError("the story needs at least 2000 entries")
    story = make_story(seed=seed, services=services, minutes=minutes, start=start)
    runs, files, volumes = make_runs(story), FileSet(directory / "files"), Volumes(story)
    control = max(int(entries * _CONTROL_SHARE), 40)
    traffic = _write_traffic(files, story, volumes, entries - 4 * control - 400)
    write_cloudtrail(files, story, runs, control)
    write_flow_log(files, story, control)
    write_activity_log(files, story, runs, control)
    write_diagnostics(files, story, control // 2)
    write_audit_log(files, story, runs, control // 2)
    for run in runs:
        write_run(files, run)
    write_scaling(files, story)
    write_bills(files, story, volumes)
    broken = write_broken(files.directory / "broken.log", story)
    files.close()
    truth = truth_of(story, runs, traffic, volumes, files, broken)
    write_truth(directory / "truth.json", truth)
    return truth


def _write_traffic(files: FileSet, story: Story, volumes: Volumes, entries: int) -> Traffic:
    """Send so many requests that they leave about so many records."""
    cloudwatch = CloudWatchFiles(files, story.seed)
    write_control_message(files.open("aws/cloudwatch/logs-00.ndjson.gz"))
    eks = EksContainers(cloudwatch, volumes, story.seed)
    aks = AksContainers(files, volumes, story.seed)
    gke = GkeContainers(files, volumes, story.seed)
    alb = AlbAccessLog(files, story.service("web-gateway"), utc_text(story.start)[:10].replace("-", "/"), story.seed)
    edges: dict[str, Edge] = {
        "web-gateway": alb,
        "storefront": LoadBalancerLog(files, volumes, story.service("storefront"), story.seed),
        "notifications": _lambda_log(cloudwatch, volumes, story),
    }
    clouds: dict[str, EksContainers | AksContainers | GkeContainers] = {"aws": eks, "azure": aks, "gcp": gke}
    emitters = {s.name: clouds[s.cloud].emitter(s) for s in story.services if s.kind == "container"}
    entrances = [service for service in story.services if service.entry_weight]
    weights = [service.entry_weight for service in entrances]
    count = max(int(entries / lines_per_request(story, entrances, weights, Random(f"sample {story.seed}"))), 1)
    random = Random(f"traffic {story.seed}")
    traffic = Traffic(story, random, emitters, edges)
    hour = 0
    for number in range(count):
        at_us = story.start + int(story.duration * (number + random.random()) / count)
        if (at_us - story.start) // _HOUR > hour:
            hour = (at_us - story.start) // _HOUR
            for writer in (cloudwatch, aks, gke, alb):
                writer.start_hour(hour)
        traffic.request(random.choices(entrances, weights)[0], at_us)
    _write_database_log(cloudwatch, volumes, story, traffic)
    for closing in (cloudwatch, aks, gke):
        closing.close()
    return traffic


def _lambda_log(cloudwatch: CloudWatchFiles, volumes: Volumes, story: Story) -> LambdaLog:
    date = utc_text(story.start)[:10].replace("-", "/")
    return LambdaLog(cloudwatch, volumes, story.service("notifications"), date, story.seed)


def _write_database_log(cloudwatch: CloudWatchFiles, volumes: Volumes, story: Story, traffic: Traffic) -> None:
    """Write the database's own log: its restart with the new limit, and the connections it refused."""
    log = DatabaseLog(cloudwatch, volumes, places.RDS_LOG_GROUP, places.DATABASE)
    pods = pods_of(story.service(FIRST_FAILING), story.seed)
    for minute in range(0, story.duration // (60 * MICROSECONDS), 5):
        log.write(
            story.start + minute * 60 * MICROSECONDS,
            "",
            391,
            "LOG",
            f"checkpoint complete: wrote {900 + minute} buffers (0.7%)",
        )
    restart = story.apply_start + (story.apply_end - story.apply_start) * 7 // 10
    log.write(restart, "", 388, "LOG", "received fast shutdown request")
    log.write(restart + 9 * MICROSECONDS, "", 388, "LOG", "parameter max_connections changed to 60")
    log.write(restart + 14 * MICROSECONDS, "", 388, "LOG", "database system is ready to accept connections")
    for number, at_us in enumerate(traffic.refusals[::3]):
        who = f"{pods[number % len(pods)].ip}({30_000 + number % 30_000}):payments@payments"
        log.write(
            at_us,
            who,
            20_000 + number % 9_999,
            "FATAL",
            "remaining connection slots are reserved for non-replication superuser connections",
        )
