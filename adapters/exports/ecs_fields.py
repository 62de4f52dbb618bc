"""The table from OpenTelemetry's attribute names to those of the Elastic Common Schema, version 9.3.0.

Most names are the same; those that differ stand here. Relations `match` and `equivalent` of
https://www.elastic.co/docs/reference/ecs/ecs-otel-alignment-details, and fields of
https://www.elastic.co/docs/reference/ecs/ecs-field-reference which that page does not relate yet (orchestrator, TLS
versions, code locations). Geographic and operating system fields may not stand at the root in that schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..attribute_types import BODY

ECS_OF: Final[Mapping[str, str]] = {
    BODY: "message",
    "log.record.uid": "event.id",
    "log.record.original": "event.original",
    "cloud.platform": "cloud.service.name",
    "container.image.repo_digests": "container.image.hash.all",
    "container.image.tags": "container.image.tag",
    "container.runtime.name": "container.runtime",
    "deployment.environment.name": "service.environment",
    "service.instance.id": "service.node.name",
    "exception.type": "error.type",
    "exception.message": "error.message",
    "exception.stacktrace": "error.stack_trace",
    "faas.invocation_id": "faas.execution",
    "faas.trigger": "faas.trigger.type",
    "file.changed": "file.ctime",
    "file.group.id": "file.gid",
    "file.group.name": "file.group",
    "file.modified": "file.mtime",
    "file.owner.name": "file.owner",
    "file.owner.id": "file.uid",
    "file.symbolic_link.target_path": "file.target_path",
    "gen_ai.provider.name": "gen_ai.system",
    "geo.locality.name": "client.geo.city_name",
    "geo.continent.code": "client.geo.continent_code",
    "geo.country.iso_code": "client.geo.country_iso_code",
    "geo.region.iso_code": "client.geo.region_iso_code",
    "geo.postal_code": "client.geo.postal_code",
    "geo.location.lat": "client.geo.location.lat",
    "geo.location.lon": "client.geo.location.lon",
    "host.arch": "host.architecture",
    "http.request.method_original": "http.request.method",
    "http.request.body.size": "http.request.body.bytes",
    "http.request.size": "http.request.bytes",
    "http.response.body.size": "http.response.body.bytes",
    "http.response.size": "http.response.bytes",
    "http.request.header.referer": "http.request.referrer",
    "network.protocol.name": "network.protocol",
    "os.description": "host.os.full",
    "os.name": "host.os.name",
    "os.version": "host.os.version",
    "process.command_args": "process.args",
    "process.executable.path": "process.executable",
    "thread.id": "process.thread.id",
    "thread.name": "process.thread.name",
    "tls.protocol.name": "tls.version_protocol",
    "tls.protocol.version": "tls.version",
    "code.file.path": "log.origin.file.name",
    "code.line.number": "log.origin.file.line",
    "code.function.name": "log.origin.function",
    "k8s.cluster.name": "orchestrator.cluster.name",
    "k8s.cluster.uid": "orchestrator.cluster.id",
    "k8s.namespace.name": "orchestrator.namespace",
    "k8s.pod.name": "orchestrator.resource.name",
    "k8s.pod.uid": "orchestrator.resource.id",
    "k8s.container.name": "container.name",
    "k8s.node.name": "host.name",
    "aws.vpc.flow.bytes": "network.bytes",
    "aws.vpc.flow.packets": "network.packets",
}
"""Attribute to field, where the names differ. Everything else keeps its name."""

DIRECTIONS: Final[Mapping[str, str]] = {"receive": "ingress", "transmit": "egress"}
"""`network.io.direction` to `network.direction`."""

FIRST_OF_LIST: Final = frozenset({"http.request.referrer", "event.original"})
"""Fields that hold one value where the attribute holds a list."""

SIDES: Final = ("client", "server", "source", "destination")
"""Their `address` is repeated as `ip` where it is one."""
