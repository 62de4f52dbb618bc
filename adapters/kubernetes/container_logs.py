"""What the container log parsers of all three clouds share: from message, pod and time to an EventBatch.

Each cloud wraps the lines of a container in its own record; the parsers in `aws`, `azure` and `gcp` decode that and
leave the rest to `container_batch`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.events import Flag
from ...domain.identity.kubernetes import kubernetes_resource, workload_of_pod
from ..described import Description, described
from ..records import Records
from ..text import MessageColumns, read_messages

Header = TypeVar("Header", bound=Hashable)
"""What a carrier repeats in every line of one container, undecoded."""

PodKey = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]
"""Namespace, pod, container, service labels, and place (cluster id, account, region, cluster name)."""


def describe_pod(key: PodKey) -> Description:
    """Return what is known of the records of one container.

    >>> describe_pod(("default", "cart-0", "server", ("cart",), ("arn:x", "1", "eu", "prod"))).resource
    'k8s://prod/default/pod/cart-0'
    """
    namespace, pod, container, labels, (cluster_id, account, region, cluster) = key
    workload = workload_of_pod(pod)
    deployment = kubernetes_resource(cluster, namespace, "deployment", workload) if pod else ""
    return Description(
        account=account,
        region=region,
        service=next(filter(None, labels), "") or workload or container,
        resource=kubernetes_resource(cluster, namespace, "pod", pod) if pod else cluster_id,
        mentions=tuple(filter(None, (deployment, cluster_id))),
    )


def container_batch(
    records: Records,
    *,
    format: str,
    provider: str,
    messages: Sequence[str],
    headers: Sequence[Header],
    pod_of: Callable[[Header], PodKey],
    times: tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]],
    severity: npt.NDArray[np.uint8] | None = None,
    overrides: dict[str, Any] | None = None,
) -> EventBatch:
    """Return the events of container log records.

    Args:
        records: the chunk.
        format, provider: of all records.
        messages: the containers' lines.
        headers: what names the container that wrote each line.
        pod_of: reads a header; called once per distinct one. Measured: decoding it for every line costs 1.2 us more.
        times: instants and whether they could be read (else the envelope's time, else unset).
        severity: what the carrier says; the message's own level word wins where there is one.
        overrides: columns that the carrier knows better (ids, trace ids, sizes).
    """
    read = read_messages(messages)
    columns: dict[str, Any] = {**read.as_columns(), **described(headers, lambda header: describe_pod(pod_of(header)))}
    columns["severity"] = _merged_severity(read, severity)
    columns |= overrides or {}
    instants, readable = times
    if records.occurred_at is not None:
        instants = np.where(readable, instants, records.occurred_at)
        readable = readable | (records.occurred_at != 0)
    return EventBatch.build(
        len(records),
        format=format,
        provider=provider,
        occurred_at=instants,
        flags=np.where(readable, 0, int(Flag.TIME_UNSET)).astype(np.uint8),
        payload=records.payloads,
        context=records.context,
        **columns,
    )


def _merged_severity(read: MessageColumns, carrier: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint8]:
    return read.severity if carrier is None else np.where(read.severity != 0, read.severity, carrier).astype(np.uint8)
