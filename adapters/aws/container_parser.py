"""Parse container logs of EKS and ECS as Fluent Bit and the Container Insights agent send them to CloudWatch Logs.

The body is Fluent Bit's record: `log`, `stream`, `time`, and `kubernetes` from its filter.
See https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-logs-FluentBit.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.timestamps import rfc3339_column
from ..kubernetes.container_logs import PodKey, container_batch
from ..kubernetes.partial_lines import partial_lines
from ..parser import Sample
from ..records import Records
from ..text.line_attributes import line_attributes

_CLUSTER = re.compile(r"/aws/(?:containerinsights|eks)/([^/]+)/")


class _Labels(msgspec.Struct):
    name: str = msgspec.field(name="app.kubernetes.io/name", default="")
    app: str = ""
    k8s_app: str = msgspec.field(name="k8s-app", default="")


class _Kubernetes(msgspec.Struct):
    pod_name: str
    namespace_name: str = ""
    container_name: str = ""
    labels: _Labels = msgspec.field(default_factory=_Labels)


class _FluentBitRecord(msgspec.Struct, gc=False):
    log: str
    kubernetes: msgspec.Raw
    time: str = ""
    stream: str = ""
    logtag: str = ""
    partial_message: str | bool | None = None


_DECODER = msgspec.json.Decoder(_FluentBitRecord)


class AwsContainerParser:
    """Container log lines in CloudWatch Logs."""

    format = "aws.eks.container"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is Fluent Bit's, with its Kubernetes filter's fields."""
        kubernetes = sample.fields.get("kubernetes")
        return isinstance(sample.fields.get("log"), str) and isinstance(kubernetes, dict) and "pod_name" in kubernetes

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per record."""
        lines = _DECODER.decode_lines(b"\n".join(records.bodies))
        if len(lines) != len(records):
            raise ValueError("a record holds several JSON values")
        metadata = records.origin.metadata
        places = [_place(context, metadata) for context in records.contexts()]

        def pod_of(header: tuple[bytes, int]) -> PodKey:
            k = msgspec.json.decode(header[0], type=_Kubernetes)
            labels = (k.labels.name, k.labels.app, k.labels.k8s_app)
            return (k.namespace_name, k.pod_name, k.container_name, labels, places[header[1]])

        return container_batch(
            records,
            format=self.format,
            provider="aws",
            messages=[line.log for line in lines],
            headers=list(zip([bytes(line.kubernetes) for line in lines], records.context.codes.tolist(), strict=True)),
            pod_of=pod_of,
            times=rfc3339_column([line.time for line in lines]),
            streams=[line.stream for line in lines],
            partial=partial_lines(
                [line.log for line in lines], [line.logtag == "P" or line.partial_message for line in lines]
            ),
            overrides={
                "event_id": records.event_ids(),
                "size_bytes": np.fromiter(map(len, records.bodies), np.int64, len(records)),
            },
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record's attributes in OpenTelemetry names."""
        record = msgspec.json.decode(body)
        kubernetes = record.get("kubernetes", {})
        attributes = {
            **{**line_attributes(record.get("log", "")), "log.record.body": record.get("log")},
            "log.iostream": record.get("stream"),
            "k8s.pod.name": kubernetes.get("pod_name"),
            "k8s.pod.uid": kubernetes.get("pod_id"),
            "k8s.namespace.name": kubernetes.get("namespace_name"),
            "k8s.container.name": kubernetes.get("container_name"),
            "k8s.node.name": kubernetes.get("host"),
            "k8s.cluster.name": cluster_of_group(context.get("logGroup", "")),
            "container.image.name": kubernetes.get("container_image"),
            **{f"k8s.pod.label.{key}": value for key, value in kubernetes.get("labels", {}).items()},
        }
        return {name: value for name, value in attributes.items() if value not in (None, "")}


def cluster_of_group(log_group: str) -> str:
    """Return the cluster that a Container Insights or EKS log group belongs to.

    >>> cluster_of_group("/aws/containerinsights/shop/application")
    'shop'
    """
    found = _CLUSTER.match(log_group)
    return found[1] if found else ""


def _place(context: Mapping[str, Any], metadata: Mapping[str, str]) -> tuple[str, str, str, str]:
    account = str(context.get("owner", "")) or metadata.get("account", "")
    region = str(context.get("region", "")) or metadata.get("region", "")
    cluster = cluster_of_group(context.get("logGroup", "")) or metadata.get("cluster", "")
    known = account and region and cluster
    return (f"arn:aws:eks:{region}:{account}:cluster/{cluster}" if known else "", account, region, cluster)
