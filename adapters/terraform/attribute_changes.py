"""What a plan changes in a resource's attributes, without their values.

Between the plan parser and `ResourceChanged.changed`: each changed path with a keyed fingerprint of its value before
and after. The values of a short list of harmless settings that explain incidents (sizes, versions, limits) are shown.
What Terraform marks as sensitive, and what looks or is named like a secret, is only ever a fingerprint: the marks do
not reach computed copies. See https://developer.hashicorp.com/terraform/internals/json-format#change-representation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .secret_values import SECRET_NAME, fingerprint, looks_secret

UNKNOWN = "(known after apply)"
"""Terraform's own words for a value that only the apply will tell."""

MAX_CHANGED = 200
"""Chosen: paths kept of one resource; what changes more was rewritten."""

_MAX_SHOWN = 120
_SETTINGS = """
    engine engine_version version instance_class instance_type node_type machine_type vm_size sku sku_name
    tier size allocated_storage max_allocated_storage storage_type iops throughput disk_size disk_size_gb
    multi_az min_size max_size desired_capacity desired_count min_capacity max_capacity min_count max_count
    node_count min_replicas max_replicas replicas capacity read_capacity write_capacity billing_mode
    min_instances max_instances min_instance_count max_instance_count reserved_concurrent_executions
    provisioned_concurrent_executions concurrency memory memory_size memory_mb cpu timeout timeout_seconds
    idle_timeout request_timeout deregistration_delay runtime architecture image image_tag tag image_uri
    image_version release kubernetes_version handler log_level loglevel log_retention retention_in_days
    retention_days log_format level max_connections max_pool_size pool_size shared_buffers work_mem
    statement_timeout lock_timeout wait_timeout max_user_connections innodb_buffer_pool_size connection_limit
    max_clients max_parallel_workers threshold evaluation_periods period cooldown target_value
    scale_in_cooldown scale_out_cooldown visibility_timeout visibility_timeout_seconds
    message_retention_seconds maximum_retry_attempts batch_size max_receive_count port from_port to_port
    protocol enabled deletion_protection apply_immediately backup_retention_period health_check_interval
    interval healthy_threshold unhealthy_threshold path ttl weight priority max_unavailable max_surge
    cpu_limit memory_limit limits requests partitions replication_factor timeout_sec timeout_ms maximum
    minimum connection_draining_timeout_sec max_rate max_rate_per_instance max_connections_per_instance
    max_utilization min_ready_seconds initial_delay_seconds failure_threshold max_instance_request_concurrency
    request_timeout_seconds
"""
_SETTING_WORDS = frozenset(_SETTINGS.split())
"""Settings whose values explain incidents and are never secret. Chosen from the providers' documentation."""


def changed_attributes(
    resource_type: str, change: Mapping[str, Any], *, key: str = "", secrets: frozenset[str] = frozenset()
) -> dict[str, tuple[str, str]]:
    """Return path to (before, after) of what a plan's `change` object changes.

    Creations and deletions give only the settings that are shown: all else is new or gone anyway.

    >>> changed_attributes("aws_db_instance", {"before": {"iops": 1}, "after": {"iops": 2}})
    {'iops': ('1', '2')}
    """
    before, after = (_Side(resource_type, change, side, key, secrets) for side in ("before", "after"))
    paths = sorted(before.leaves.keys() | after.leaves.keys())
    changed = {path: (before.text(path), after.text(path)) for path in paths if before.differs(after, path)}
    if not isinstance(change.get("before"), dict) or not isinstance(change.get("after"), dict):
        changed = {path: texts for path, texts in changed.items() if not any(t.startswith(("#", "(")) for t in texts)}
    return dict(list(changed.items())[:MAX_CHANGED])


def sensitive_values(change: Mapping[str, Any]) -> list[Any]:
    """Return the values that a plan's `change` object marks as sensitive.

    >>> sensitive_values({"after": {"a": "x", "b": "y"}, "after_sensitive": {"b": True}})
    ['y']
    """
    found: list[Any] = []
    for side in ("before", "after"):
        _collect(change.get(f"{side}_sensitive"), change.get(side), found)
    return found


def _collect(marks: Any, value: Any, found: list[Any]) -> None:
    if marks is True:
        found.append(value)
    elif isinstance(marks, dict) and isinstance(value, dict):
        for name, mark in marks.items():
            _collect(mark, value.get(name), found)
    elif isinstance(marks, list) and isinstance(value, list):
        for mark, item in zip(marks, value, strict=False):
            _collect(mark, item, found)


def state_fingerprint(attributes: Any, *, salt: str, key: str = "") -> str:
    """Return one fingerprint of all attributes of a resource in a state.

    >>> state_fingerprint({"a": 1}, salt="x") == state_fingerprint({"a": 2}, salt="x")
    False
    """
    return fingerprint(attributes, salt=salt, key=key)


class _Side:
    """One side of a change, flattened into leaves: path to value."""

    def __init__(
        self, resource_type: str, change: Mapping[str, Any], side: str, key: str, secrets: frozenset[str]
    ) -> None:
        value = change.get(side)
        self.key, self.resource_type, self.secrets = key, resource_type, secrets
        self.leaves = dict(_leaves("", value)) if isinstance(value, dict) else {}
        self.unknown = _marked(change.get("after_unknown"), value) if side == "after" else set()
        self.leaves.update(dict.fromkeys(self.unknown, UNKNOWN))
        self.hidden = _marked(change.get(f"{side}_sensitive"), value)
        self.setting = _setting_of(resource_type, value)

    def differs(self, other: _Side, path: str) -> bool:
        return path in other.unknown or self.leaves.get(path) != other.leaves.get(path)

    def text(self, path: str) -> str:
        if path not in self.leaves:
            return ""
        if path in self.unknown:
            return UNKNOWN
        value = self.leaves[path]
        if not self._is_hidden(path) and _is_shown(self.setting if path == "value" else path, value, self.secrets):
            return value if isinstance(value, str) else msgspec.json.encode(value).decode()
        return fingerprint(value, salt=f"{self.resource_type}.{path}", key=self.key)

    def _is_hidden(self, path: str) -> bool:
        return "" in self.hidden or any(
            path == mark or path.startswith((mark + ".", mark + "[")) for mark in self.hidden
        )


def _setting_of(resource_type: str, value: Any) -> str:
    """Return the setting that a resource of one name and one value sets (`azurerm_postgresql_configuration`)."""
    named = resource_type.endswith("_configuration") and isinstance(value, dict)
    return str(value.get("name", "")) if named else "value"


def _is_shown(path: str, value: Any, secrets: frozenset[str]) -> bool:
    if not isinstance(value, str | int | float | bool) or SECRET_NAME.search(path):
        return False
    words = path.replace("]", "").replace("[", ".").lower().split(".")
    if words[-1] in {"value", "values"} and len(words) > 1:
        words.pop()
    return words[-1] in _SETTING_WORDS and len(str(value)) <= _MAX_SHOWN and not looks_secret(str(value), secrets)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str) and value[:1] in ("{", "["):
        value = _decoded(value)
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, item)
    elif isinstance(value, list):
        for label, item in _labelled(value):
            yield from _leaves(f"{path}[{label}]", item)
    elif value is not None:
        yield path, value


def _labelled(items: list[Any]) -> Iterator[tuple[str, Any]]:
    """Name list items by their `name` where each has one, else by index: so a parameter keeps its path."""
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    by_name = all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)
    for index, item in enumerate(items):
        yield (str(names[index]) if by_name else str(index)), item


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _marked(marks: Any, value: Any) -> set[str]:
    """Return the paths that a tree of marks (`true` at any depth) names, labelled as the value's leaves are."""
    return set(_marked_paths("", marks, value))


def _marked_paths(path: str, marks: Any, value: Any) -> Iterator[str]:
    if marks is True:
        yield path
    elif isinstance(marks, dict):
        for name, mark in marks.items():
            below = value.get(name) if isinstance(value, dict) else None
            yield from _marked_paths(f"{path}.{name}" if path else name, mark, below)
    elif isinstance(marks, list):
        labels = [label for label, _ in _labelled(value)] if isinstance(value, list) else []
        for index, mark in enumerate(marks):
            label = labels[index] if index < len(labels) else str(index)
            below = value[index] if isinstance(value, list) and index < len(value) else None
            yield from _marked_paths(f"{path}[{label}]", mark, below)
