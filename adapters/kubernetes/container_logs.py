"""What the container log parsers of all three clouds share: from message, pod and time to an EventBatch.

Each cloud wraps the lines of a container in its own record; the parsers in `aws`, `azure` and `gcp` decode that and
leave the rest to `container_batch`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.events import Flag
from ...domain.identity.kubernetes import kubernetes_resource, workload_of_pod
from ..described import Description, Numbered, repeated
from ..field_paths import Row
from ..joining.line_marks import with_marks
from ..line_columns import read_lines
from ..log_batch import Times
from ..records import Records, decode_context

Header = TypeVar("Header", bound=Hashable)
"""What a carrier repeats in every line of one container, undecoded."""

PodKey = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]
"""Namespace, pod, container, service labels, and place (cluster id, account, region, cluster name)."""

Output = tuple[str, str]
"""Container and output."""

Instants = npt.NDArray[np.int64]


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
    times: Times,
    streams: Sequence[str],
    severity: npt.NDArray[np.uint8] | None = None,
    overrides: dict[str, Any] | None = None,
    objects: dict[int, Row] | None = None,
    partial: npt.NDArray[np.bool_] | None = None,
    traced: npt.NDArray[np.bool_] | None = None,
) -> EventBatch:
    """Return the events of container log records.

    Args:
        records: the chunk.
        format, provider: of all records.
        messages: the containers' lines.
        headers: what names the container that wrote each line.
        pod_of: reads a header; called once per distinct one. Measured: decoding it for every line costs 1.2 us more.
        times: instants and whether they could be read (else the envelope's time, else unset).
        streams: to which output (stdout or stderr) each line was written, "" where the carrier does not say.
        severity: what the carrier says; the message's own level word wins where there is one.
        overrides: columns that the carrier knows better (ids, trace ids, sizes).
        objects: rows whose line came as a JSON object.
        partial: which lines are a part of a longer one.
        traced: which lines' trace and span the carrier knows.
    """
    index = Numbered[tuple[Header, str]]()
    codes = np.fromiter(map(index.__getitem__, zip(headers, streams, strict=True)), np.int64, len(records))
    pods = [(pod_of(header), stream) for header, stream in index]
    read = read_lines(messages, records.origin.observed_at, objects=objects, traced=traced)
    columns: dict[str, Any] = {**read.columns, **repeated([describe_pod(pod) for pod, _ in pods], codes)}
    if severity is not None:
        columns["severity"] = np.where(columns["severity"] != 0, columns["severity"], severity).astype(np.uint8)
    columns |= overrides or {}
    instants, readable = _times(records, times, read.instants)
    flags = read.flags | np.where(readable, 0, int(Flag.TIME_UNSET)).astype(np.uint8)
    if partial is not None:
        flags |= np.where(partial, int(Flag.PARTIAL), 0).astype(np.uint8)
    return EventBatch.build(
        len(records),
        format=format,
        provider=provider,
        occurred_at=instants,
        flags=with_marks(flags, read.marks),
        payload=records.payloads,
        context=with_outputs(records.context, codes, [(pod[2], stream) for pod, stream in pods]),
        **columns,
    )


def _times(records: Records, times: Times, own: Instants) -> Times:
    """Return the carrier's times, else the envelope's, else the lines' own."""
    instants, readable = times
    for others in (records.occurred_at, own):
        if others is not None and not readable.all():
            instants = np.where(readable, instants, others)
            readable = readable | (others != 0)
    return instants, readable


def with_outputs(context: StringColumn, codes: Instants, outputs: Sequence[Output]) -> StringColumn:
    """Return contexts that also name container and output: lines are in order only within one output of a container.

    Args:
        context: what the envelopes said.
        codes: per row, its place in `outputs`.
        outputs: container and output, "" where unknown.

    >>> with_outputs(StringColumn.constant("", 1), np.array([0]), [("server", "stderr")])[0]
    '{"container":"server","stream":"stderr"}'
    """
    pairs, rows = np.unique(context.codes.astype(np.int64) * len(outputs) + codes, return_inverse=True)
    outer = context.values
    places = [divmod(pair, len(outputs)) for pair in pairs.tolist()]
    texts = [_with_output(outer[code], outputs[at]) for code, at in places]
    distinct = StringColumn.of(texts)
    return StringColumn(distinct.codes[rows], distinct.dictionary)


@lru_cache(4096)
def _with_output(context: str, output: Output) -> str:
    named = {name: value for name, value in zip(("container", "stream"), output, strict=True) if value}
    if not named:
        return context
    return msgspec.json.encode({**decode_context(context), **named}).decode()
