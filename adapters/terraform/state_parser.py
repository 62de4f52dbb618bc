"""Parse Terraform states: state files (version 4, and 1 to 3) and `terraform show -json` of a state.

A state tells the full identity and the dependencies of all managed resources, but no time, workspace or actor.
Nothing of its attributes is kept but identifiers and one fingerprint. Its events have no time of their own: the
timeline puts them at the end of their run.
See https://developer.hashicorp.com/terraform/internals/json-format#state-representation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ...domain.batch import EventBatch
from ...domain.severity import Severity
from ..parser import Sample
from ..records import Records
from .attribute_changes import state_fingerprint
from .documents import read_documents
from .resource_address import configuration_address
from .resource_identifiers import Scope, identifiers_of_resource, scope_of
from .run_events import RunEvents
from .secret_values import known_secrets

_HEAD_BYTES = 400


class Observed(msgspec.Struct, frozen=True):
    """One managed object of a state."""

    address: str
    resource_type: str
    attributes: dict[str, Any]
    sensitive: frozenset[str] = frozenset()
    dependencies: tuple[str, ...] = ()
    identity: Any = None
    status: str = ""


class TerraformStateParser:
    """State documents to observed resources.

    >>> body = b'{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","resources":[]}'
    >>> TerraformStateParser().recognises(Sample(body, {}, None))
    True
    """

    format = "terraform.state"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a state; a torn one is too, so that its secrets never pass as plain text."""
        fields = sample.fields
        if fields:
            is_file = isinstance(fields.get("version"), int) and bool(fields.keys() & {"resources", "modules"})
            shown = "format_version" in fields and "planned_values" not in fields and "resource_changes" not in fields
            return (is_file and bool(fields.keys() & {"serial", "lineage", "terraform_version"})) or (
                shown and bool(fields.keys() & {"values", "terraform_version"})
            )
        head = sample.body[:_HEAD_BYTES]
        return sample.value is None and b'"version"' in head and (b'"lineage"' in head or b'"serial"' in head)

    def parse(self, records: Records) -> EventBatch:
        """Return the observed resources of state documents."""
        return read_documents(records, format=self.format, noun="state", recognises=self.recognises, add=_add_state)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return nothing: a state's facts are in its events, its document is not kept."""
        return {}


def _add_state(events: RunEvents, state: Mapping[str, Any]) -> None:
    objects = list(_objects(state))
    head = {name: state[name] for name in ("serial", "lineage", "terraform_version") if name in state}
    events.log(None, int(Severity.INFO), "state", {**head, "resources": len(objects)}, service="")
    secrets = known_secrets(one.attributes.get(name) for one in objects for name in one.sensitive)
    secrets |= known_secrets(
        output.get("value") for output in _outputs(state) if isinstance(output, dict) and output.get("sensitive")
    )
    told = [scope_of(one.attributes) for one in objects]
    accounts, regions = ({pair[place] for pair in told if pair[place]} for place in (0, 1))
    scope = Scope(
        events.run.account or (accounts.pop() if len(accounts) == 1 else ""),
        events.run.region or (regions.pop() if len(regions) == 1 else ""),
        secrets,
    )
    for one in objects:
        _add_object(events, one, scope)


def _add_object(events: RunEvents, one: Observed, scope: Scope) -> None:
    kept = {name: value for name, value in one.attributes.items() if name not in one.sensitive}
    key = events.records.origin.metadata.get("fingerprint_key", "")
    events.change(
        None,
        "observed",
        "no-op",
        one.address,
        attributes=kept,
        identifiers=identifiers_of_resource(one.resource_type, kept, scope, one.identity),
        resource_type=one.resource_type,
        dependencies=one.dependencies,
        action_reason=one.status,
        changed={"*": ("", state_fingerprint(one.attributes, salt=one.resource_type, key=key))},
    )


def _outputs(state: Mapping[str, Any]) -> list[Any]:
    values = state.get("values")
    outputs = (values.get("outputs") if isinstance(values, dict) else state.get("outputs")) or {}
    return list(outputs.values()) if isinstance(outputs, dict) else []


def _objects(state: Mapping[str, Any]) -> Iterator[Observed]:
    if "format_version" in state:
        values = state.get("values")
        if isinstance(values, dict):
            yield from _shown_module(values.get("root_module") or {})
    elif "modules" in state:
        yield from _old_modules(state["modules"])
    else:
        for resource in state.get("resources") or []:
            if resource.get("mode", "managed") == "managed":
                yield from _instances(resource)


def _instances(resource: Mapping[str, Any]) -> Iterator[Observed]:
    local = f"{resource.get('type', '')}.{resource.get('name', '')}"
    base = f"{resource['module']}.{local}" if resource.get("module") else local
    for instance in resource.get("instances") or []:
        key = instance.get("index_key")
        address = base if key is None else f"{base}[{msgspec.json.encode(key).decode()}]"
        deposed = f" (deposed {instance['deposed']})" if instance.get("deposed") else ""
        yield Observed(
            address=address + deposed,
            resource_type=str(resource.get("type", "")),
            attributes=instance.get("attributes") or instance.get("attributes_flat") or {},
            sensitive=frozenset(_marked(instance.get("sensitive_attributes"))),
            dependencies=_configuration(instance.get("dependencies")),
            identity=instance.get("identity"),
            status=str(instance.get("status") or ""),
        )


def _marked(paths: Any) -> Iterator[str]:
    """Yield the top-level attributes of `sensitive_attributes` (paths of steps; a step below marks the whole)."""
    for path in paths or []:
        first = path[0] if isinstance(path, list) and path else path
        if isinstance(first, dict) and first.get("type") == "get_attr":
            yield str(first.get("value"))


def _shown_module(module: Mapping[str, Any]) -> Iterator[Observed]:
    for resource in module.get("resources") or []:
        if resource.get("mode", "managed") != "managed":
            continue
        marks = resource.get("sensitive_values")
        values = resource.get("values") or {}
        hidden = values if marks is True else [n for n, mark in (marks or {}).items() if mark is True]
        deposed = f" (deposed {resource['deposed_key']})" if resource.get("deposed_key") else ""
        yield Observed(
            address=str(resource.get("address", "")) + deposed,
            resource_type=str(resource.get("type", "")),
            attributes=values,
            sensitive=frozenset(hidden),
            dependencies=_configuration(resource.get("depends_on")),
            identity=resource.get("identity"),
            status="tainted" if resource.get("tainted") else "",
        )
    for child in module.get("child_modules") or []:
        yield from _shown_module(child)


def _old_modules(modules: Any) -> Iterator[Observed]:
    """Read versions 1 to 3: resources by key, attributes flat."""
    for module in modules or []:
        path = "".join(f"module.{name}." for name in (module.get("path") or [])[1:])
        for key, resource in (module.get("resources") or {}).items():
            primary = resource.get("primary") or {}
            words = key.split(".")
            if words[0] == "data":
                continue
            address = f"{words[0]}.{words[1]}[{words[2]}]" if len(words) == 3 and words[2].isdecimal() else key
            yield Observed(
                address=path + address,
                resource_type=str(resource.get("type", "")),
                attributes={"id": primary.get("id"), **(primary.get("attributes") or {})},
                dependencies=tuple(path + one for one in resource.get("depends_on") or []),
                status="tainted" if primary.get("tainted") else "",
            )


def _configuration(addresses: Any) -> tuple[str, ...]:
    return tuple(sorted({configuration_address(one) for one in addresses or [] if isinstance(one, str)}))
