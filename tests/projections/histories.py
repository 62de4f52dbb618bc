"""Random histories: events of all kinds over few names, so that calls, changes, scaling and charges meet each other."""

from random import Random
from typing import Any

import msgspec

from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import (
    CostRecorded,
    DeploymentRecorded,
    Event,
    LogRecorded,
    MetricRecorded,
    RecordRejected,
    ResourceChanged,
    ScalingRecorded,
    SourceObserved,
)
from cloudledger.domain.timestamps import to_instant_ns

START_NS = to_instant_ns("2026-11-20T08:00:00Z")
SECOND_NS = 1_000_000_000
SPAN_S = 4 * 3600

SERVICES = ("", "cart", "pay", "orders", "users", "mail")
RESOURCES = (
    "",
    "aws.arn:aws:rds:eu-west-1:1:db:pay",
    "azure.id:/subscriptions/s/x",
    "gcp.//run/orders",
    "i-1",
    "10.0.0.7",
)
CLOUDS = (("aws", "eu-west-1"), ("azure", "westeurope"), ("gcp", "europe-west1"))
FORMATS = ("app.json", "aws.elb", "gcp.loadbalancer", "k8s.container", "aws.cloudtrail")


def history(seed: int, count: int) -> list[Event]:
    """Return events of all kinds in no particular order of time; about one in ten comes twice."""
    random = Random(seed)
    events = [_MAKERS[_kind(random)](random, _envelope(random, f"{seed}/{number}")) for number in range(count)]
    twice = [event for event in events if random.random() < 0.1]
    return events + twice


def _kind(random: Random) -> int:
    return 0 if random.random() < 0.5 else random.randrange(len(_MAKERS))


def _envelope(random: Random, key: str) -> dict[str, Any]:
    provider, region = random.choice(CLOUDS)
    return {
        "event_id": event_id("history", key),
        "occurred_at": START_NS + random.randrange(SPAN_S) * SECOND_NS,
        "format": random.choice(FORMATS),
        "provider": provider,
        "account": random.choice(("1", "2")),
        "region": region,
        "service": random.choice(SERVICES),
        "resource": random.choice(RESOURCES),
        "name": random.choice(("", "GET /", "apply", "CPUUtilization", "UpdateDatabase")),
        "severity": random.choice((0, 5, 9, 9, 13, 17, 21)),
        "size_bytes": random.randrange(2000),
    }


def _log(random: Random, envelope: dict[str, Any]) -> Event:
    failed = random.random() < 0.2
    return LogRecorded(
        **envelope,
        status=random.choice((500, 503, 404)) if failed else random.choice((0, 200)),
        error="TimeoutError" if failed else "",
        duration_us=random.choice((None, 0, 900, 25_000, 3_000_000)),
        peer=random.choice((*SERVICES, "10.0.0.7")),
        peer_role=random.randrange(3),
        template=random.randrange(5),
        trace_id=random.choice(("", f"{random.randrange(1, 20):032x}")),
        span_id=random.choice(("", f"{random.randrange(1, 60):016x}")),
        parent_span_id=random.choice(("", f"{random.randrange(1, 60):016x}")),
        mentions=tuple(random.sample(RESOURCES[1:], random.randrange(3))),
        payload=b'{"level":"info","message":"hello"}',
    )


def _times(random: Random, envelope: dict[str, Any]) -> dict[str, Any]:
    occurred_at = envelope["occurred_at"]
    ended_at = random.choice((None, occurred_at + random.randrange(600) * SECOND_NS))
    return {"started_at": random.choice((None, occurred_at)), "ended_at": ended_at}


def _deployment(random: Random, envelope: dict[str, Any]) -> Event:
    return DeploymentRecorded(
        **envelope,
        **_times(random, envelope),
        deployment_id=f"run-{random.randrange(6)}",
        phase=random.choice(("planned", "started", "finished")),
        tool=random.choice(("terraform", "pulumi")),
        stack=random.choice(("", "prod")),
        component=random.choice(("", "database", "network")),
        change_set=random.choice(("", "cs-1")),
        actor=random.choice(("", "amit")),
        outcome=random.choice(("", "succeeded", "failed")),
        summary={"update": random.randrange(3)},
    )


def _change(random: Random, envelope: dict[str, Any]) -> Event:
    return ResourceChanged(
        **envelope,
        **_times(random, envelope),
        deployment_id=f"run-{random.randrange(6)}",
        phase=random.choice(("planned", "started", "applied", "failed", "observed")),
        action=random.choice(("create", "update", "delete", "no-op")),
        address=random.choice(("aws_db_instance.pay", "module.x.azurerm_linux_web_app.cart")),
        resource_type="aws_db_instance",
        component=random.choice(("", "database")),
        identifiers=tuple(random.sample(RESOURCES[1:], random.randrange(3))),
        changed=random.choice(({}, {"max_connections": ("100", "5")})),
    )


def _scaling(random: Random, envelope: dict[str, Any]) -> Event:
    old = random.randrange(1, 9)
    return ScalingRecorded(
        **envelope,
        **_times(random, envelope),
        phase=random.choice(("decision", "attempt", "limit", "status", "config")),
        group_kind="asg",
        direction=random.choice(("out", "in", "none")),
        old_size=random.choice((None, old)),
        new_size=random.choice((None, old + 1)),
        max_size=random.choice((None, 8)),
        limited_by=random.choice(("", "max")),
        reason_class=random.choice(("", "capacity", "quota")),
        outcome=random.choice(("", "succeeded", "failed")),
        observed=random.choice((None, 0.75)),
        attempt_id=f"a{random.randrange(9)}",
    )


def _metric(random: Random, envelope: dict[str, Any]) -> Event:
    return MetricRecorded(**envelope, value=random.random() * 100, unit="Percent", statistic="avg", period_s=60)


def _cost(random: Random, envelope: dict[str, Any]) -> Event:
    start = START_NS + random.randrange(SPAN_S // 3600) * 3600 * SECOND_NS
    return CostRecorded(
        **{**envelope, "occurred_at": start},
        charge_key=f"charge-{start}-{random.randrange(5)}",
        billed_cost_micros=random.randrange(10**7),
        effective_cost_micros=random.randrange(10**7),
        billing_currency="USD",
        charge_period_start=start,
        charge_period_end=start + 3600 * SECOND_NS,
        billing_account_id="1",
        service_name=random.choice(("AmazonCloudWatch", "Log Analytics", "Cloud Logging", "Compute")),
        usage_type=random.choice(("", "EUW1-DataProcessing-Bytes")),
        consumed_quantity=str(random.randrange(100)),
        consumed_unit="GB",
        log_class=random.choice(("", "ingest", "storage")),
        tags=random.choice(({}, {"service": "pay"})),
    )


def _source(random: Random, envelope: dict[str, Any]) -> Event:
    state = random.choice(("degraded", "recovered", "gap"))
    return SourceObserved(**envelope, source="cloudwatch", state=state)


def _rejected(random: Random, envelope: dict[str, Any]) -> Event:
    return RecordRejected(**envelope, reason="not JSON", origin="x.log", payload=b"\xff")


_MAKERS = (_log, _deployment, _change, _scaling, _metric, _cost, _source, _rejected)


def recorded(events: list[Event], recorded_at: int) -> list[Event]:
    """Return the events as recorded at one time."""
    return [msgspec.structs.replace(event, recorded_at=recorded_at) for event in events]
