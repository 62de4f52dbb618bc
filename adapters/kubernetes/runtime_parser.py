r"""Parse the log files of container runtimes as they lie on a node: CRI lines, and Docker's JSON files.

`2016-10-06T00:17:09.669794202Z stdout F text` and `{"log":"text\n","stream":"stdout","time":"..."}`; the names of
namespace, pod and container stand in the file's path or the log stream. See
https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md and
https://docs.docker.com/engine/logging/drivers/json-file/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.timestamps import rfc3339_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text.line_attributes import line_attributes
from ..text_lines import lines_of
from ..tolerant_json import read_json
from .container_logs import PodKey, container_batch
from .partial_lines import partial_lines

_CRI: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,20}) (stdout|stderr) ([PF])(?::\S*)?(?: |$)")
_POD_FOLDER: Final = re.compile(r"([a-z0-9-]+)_([a-z0-9.-]+)_[0-9a-f-]{32,36}/([a-z0-9-]+)/[^/]*$")
_CONTAINER_LINK: Final = re.compile(r"([a-z0-9.-]+)_([a-z0-9-]+)_([a-z0-9-]+)-[0-9a-f]{12,64}\.log")
_DOCKER_KEYS: Final = frozenset({"log", "stream", "time", "attrs"})
_OUTPUTS: Final = ("stdout", "stderr")


class _DockerLine(msgspec.Struct, gc=False):
    log: str
    stream: str
    time: str


_DECODER: Final = msgspec.json.Decoder(_DockerLine)


class RuntimeLogParser:
    """Lines of container runtimes' files."""

    format = "k8s.container"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a CRI line or one of Docker's."""
        if sample.fields:
            return sample.fields.keys() <= _DOCKER_KEYS and sample.fields.get("stream") in _OUTPUTS and (
                isinstance(sample.fields.get("log"), str) and isinstance(sample.fields.get("time"), str)
            )  # fmt: skip
        return _CRI.match(sample.text[:64]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        times, streams, marks, lines = _docker(records) if records.bodies[0][:1] == b"{" else _cri(records)
        contexts = records.contexts()
        pods = [_pod(records.origin.object_key, context, records.origin.metadata) for context in contexts]
        return container_batch(
            records,
            format=self.format,
            provider=records.origin.metadata.get("provider", ""),
            messages=lines,
            headers=records.context.codes.tolist(),
            pod_of=pods.__getitem__,
            times=rfc3339_column(times),
            streams=streams,
            partial=partial_lines(lines, marks),
            overrides={
                "event_id": records.event_ids(),
                "size_bytes": np.fromiter(map(len, records.bodies), np.int64, len(records)),
            },
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's attributes in OpenTelemetry names."""
        if body[:1] == b"{":
            record = read_json(body)
            return {**line_attributes(str(record.get("log", ""))), "log.iostream": record.get("stream")}
        text = body.decode("utf-8", "replace")
        found = _CRI.match(text)
        return {**line_attributes(text[found.end() :]), "log.iostream": found[2]} if found else line_attributes(text)


def _cri(records: Records) -> tuple[list[str], list[str], list[bool], list[str]]:
    """Return times, outputs, whether more follows, and texts."""
    lines = lines_of(records)
    found = [match for line in lines if (match := _CRI.match(line))]
    if len(found) != len(records):
        raise UnreadableRecordError("a line is not a container runtime's")
    texts = [line[match.end() :] for line, match in zip(lines, found, strict=True)]
    return [m[1] for m in found], [m[2] for m in found], [m[3] == "P" for m in found], texts


def _docker(records: Records) -> tuple[list[str], list[str], list[bool], list[str]]:
    """Return times, outputs, whether more follows (a part has no line feed at its end), and texts."""
    lines = _DECODER.decode_lines(b"\n".join(records.bodies))
    if len(lines) != len(records):
        raise UnreadableRecordError("a record holds several JSON values")
    return (
        [line.time for line in lines],
        [line.stream for line in lines],
        [not line.log.endswith("\n") for line in lines],
        [line.log for line in lines],
    )


def _pod(object_key: str, context: Mapping[str, Any], metadata: Mapping[str, str]) -> PodKey:
    """Return the container that a file's path names, else its log stream, else what the user told."""
    cluster = metadata.get("cluster", "")
    place = ("", metadata.get("account", ""), metadata.get("region", ""), cluster)
    if found := _POD_FOLDER.search(object_key):
        return (found[1], found[2], found[3], (metadata.get("service", ""),), place)
    stream = str(context.get("logStream", "")).rpartition("containers.")[2]
    if found := _CONTAINER_LINK.search(object_key.rpartition("/")[2]) or _CONTAINER_LINK.search(stream):
        return (found[2], found[1], found[3], (metadata.get("service", ""),), place)
    named = (metadata.get("namespace", ""), metadata.get("pod", ""), metadata.get("container", ""))
    return (*named, (metadata.get("service", ""),), place)
