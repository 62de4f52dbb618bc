"""The events: immutable facts in a closed union, all sharing one envelope.

Everything that enters the ledger is one of these; everything that is answered is folded from them. Rows of an
`EventBatch` are given as these Structs. Names follow OpenTelemetry, FOCUS and each cloud's own words.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

import msgspec


class Kind(IntEnum):
    """What an event says; the `kind` column."""

    LOG_RECORDED = 1
    DEPLOYMENT_RECORDED = 2
    RESOURCE_CHANGED = 3
    SCALING_RECORDED = 4
    METRIC_RECORDED = 5
    COST_RECORDED = 6
    SOURCE_OBSERVED = 7
    RECORD_REJECTED = 8


class PeerRole(IntEnum):
    """Which side of a call the `peer` column names."""

    NONE = 0
    CALLEE = 1
    CALLER = 2


class Flag(IntFlag):
    """What is unusual about a record; the `flags` column."""

    NONE = 0
    TIME_UNSET = 1
    """No readable time in the record: `occurred_at` is the time it was received."""
    PARTIAL = 2
    """A part of a record that its writer or carrier split."""
    TRUNCATED = 4
    """The carrier cut the record's end off."""
    FIELD_UNREADABLE = 8
    """A field had an impossible value and was left out; the payload still holds it."""
    ORIGIN_EXTERNAL = 16
    """`peer` is an address, not yet resolved to a service."""
    CONTINUATION = 32
    """A line that goes on with an earlier record, as in a stack trace: `context` names it as `continues`."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The envelope that all events share.

    Times are int nanoseconds since the Unix epoch, UTC. An empty string or zero means that the record does not say.
    `resource` is in the normal form of `domain.identity`; `mentions` holds the other identifiers that the record names.
    """

    event_id: bytes = b""
    occurred_at: int = 0
    recorded_at: int = 0
    format: str = ""
    provider: str = ""
    account: str = ""
    region: str = ""
    service: str = ""
    resource: str = ""
    name: str = ""
    severity: int = 0
    flags: int = 0
    status: int = 0
    error: str = ""
    duration_us: int | None = None
    size_bytes: int = 0
    peer: str = ""
    peer_role: int = 0
    template: int = 0
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""
    context: str = ""
    mentions: tuple[str, ...] = ()
    reference: str = ""


class LogRecorded(Event, frozen=True, kw_only=True, tag="log.recorded"):
    """A cloud service wrote one log record.

    `payload` is the record as received, after redaction; `context` is what its envelope said of all its records (JSON).
    Attributes are decoded from both on demand, by the parser that `format` names.
    """

    payload: bytes = b""


class DeploymentRecorded(Event, frozen=True, kw_only=True, tag="deployment.recorded"):
    """A deployment (run, stack operation, update) was planned, began or ended.

    `phase` is planned, started or finished; `outcome` is succeeded, failed, partial or cancelled once finished.
    """

    deployment_id: str
    phase: str
    tool: str = ""
    stack: str = ""
    workspace: str = ""
    component: str = ""
    change_set: str = ""
    actor: str = ""
    commit: str = ""
    outcome: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    summary: dict[str, int] = {}


class ResourceChanged(Event, frozen=True, kw_only=True, tag="resource.changed"):
    """A deployment planned, started, applied or failed one action on one resource, or a state file observed it.

    `phase` is planned, started, applied, failed or observed. `action` is create, update, delete, replace, move, import,
    forget, read or no-op. `identifiers` are `namespace:value` strings (`aws.arn:...`, `azure.id:...`, `name:...`).
    `changed` maps an attribute's path to keyed hashes (or allow-listed values) of before and after.
    """

    deployment_id: str
    phase: str
    action: str
    address: str = ""
    previous_address: str = ""
    resource_type: str = ""
    tool: str = ""
    stack: str = ""
    workspace: str = ""
    component: str = ""
    change_set: str = ""
    identifiers: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    changed: dict[str, tuple[str, str]] = {}
    action_reason: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    message: str = ""


class ScalingRecorded(Event, frozen=True, kw_only=True, tag="scaling.recorded"):
    """A scaling decision, provisioning attempt, limit or configuration of one group.

    `resource` is the group. `phase` is decision, attempt, limit, status or config; `direction` is out, in or none.
    `reason_class` is capacity, quota, config, price, hook, timeout, ip_space, permission, metric or unknown for what
    failed; `limited_by` is max, min, rate, stabilization, cooldown, flap_guard or empty. Sizes are instances, pods,
    nodes or tasks as `group_kind` says.
    """

    phase: str
    group_kind: str = ""
    direction: str = "none"
    old_size: int | None = None
    new_size: int | None = None
    min_size: int | None = None
    max_size: int | None = None
    unconstrained_size: int | None = None
    trigger: str = ""
    policy: str = ""
    policy_type: str = ""
    metric: str = ""
    observed: float | None = None
    threshold: float | None = None
    limited_by: str = ""
    reason_class: str = ""
    outcome: str = ""
    attempt_id: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    zone: str = ""
    instance_type: str = ""
    message: str = ""


class MetricRecorded(Event, frozen=True, kw_only=True, tag="metric.recorded"):
    """One metric sample of one resource; `name` is the metric's name as its provider spells it."""

    value: float
    unit: str = ""
    statistic: str = ""
    period_s: int = 0
    dimensions: dict[str, str] = {}


class CostRecorded(Event, frozen=True, kw_only=True, tag="cost.recorded"):
    """One billing row in FOCUS terms; a later row with the same `charge_key` supersedes it.

    Money is int micro-units of `billing_currency`; `billed_cost_picos` is what rounding to them cut off, in millionths
    of a micro-unit, so that many tiny hourly rows still add up. `occurred_at` is the start of the charge period.
    `log_class` is ingest, vended, storage, query, export, protection, tail or empty where the row is not about logging.
    `export` names the exported object where `charge_key` may stand on several rows of it (they add up, and those of a
    newer object replace them); it is empty where the key is one row's own.
    """

    charge_key: str
    export: str = ""
    exported_at: int = 0
    billed_cost_micros: int = 0
    billed_cost_picos: int = 0
    effective_cost_micros: int = 0
    list_cost_micros: int | None = None
    billing_currency: str = ""
    charge_category: str = "Usage"
    charge_class: str = ""
    charge_description: str = ""
    charge_period_start: int = 0
    charge_period_end: int = 0
    billing_period_start: int = 0
    billing_period_end: int = 0
    billing_account_id: str = ""
    sub_account_id: str = ""
    service_name: str = ""
    service_category: str = ""
    sku_id: str = ""
    usage_type: str = ""
    operation: str = ""
    consumed_quantity: str = ""
    consumed_unit: str = ""
    pricing_quantity: str = ""
    pricing_unit: str = ""
    log_class: str = ""
    tags: dict[str, str] = {}


class SourceObserved(Event, frozen=True, kw_only=True, tag="source.observed"):
    """A source degraded, recovered, left a gap, healed it, or gave a sampled stream; `state` says which."""

    source: str
    state: str
    since: int | None = None
    until: int | None = None
    detail: str = ""


class RecordRejected(Event, frozen=True, kw_only=True, tag="record.rejected"):
    """A record could not be understood; `payload` keeps its bytes (after redaction), `error` a short reason class."""

    reason: str
    origin: str = ""
    offset: int = 0
    payload: bytes = b""


AnyEvent = (
    LogRecorded
    | DeploymentRecorded
    | ResourceChanged
    | ScalingRecorded
    | MetricRecorded
    | CostRecorded
    | SourceObserved
    | RecordRejected
)
"""The closed union."""

EVENT_TYPES: dict[Kind, type[Event]] = {
    Kind.LOG_RECORDED: LogRecorded,
    Kind.DEPLOYMENT_RECORDED: DeploymentRecorded,
    Kind.RESOURCE_CHANGED: ResourceChanged,
    Kind.SCALING_RECORDED: ScalingRecorded,
    Kind.METRIC_RECORDED: MetricRecorded,
    Kind.COST_RECORDED: CostRecorded,
    Kind.SOURCE_OBSERVED: SourceObserved,
    Kind.RECORD_REJECTED: RecordRejected,
}

KIND_OF_TYPE: dict[type[Event], Kind] = {event_type: kind for kind, event_type in EVENT_TYPES.items()}

KIND_NAMES: dict[str, Kind] = {str(t.__struct_config__.tag): kind for kind, t in EVENT_TYPES.items()}
"""`"log.recorded"` and the like, as queries name kinds."""
