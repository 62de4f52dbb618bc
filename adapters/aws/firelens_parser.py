"""Parse lines of ECS containers as FireLens sends them: Fluent Bit's record with the task's metadata.

Between envelopes and the store; the line itself is read like any container's. See
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.events import Flag
from ...domain.identity import parse_arn
from ...domain.timestamps import epoch_column, rfc3339_column
from ..described import Description, described
from ..joining.line_marks import with_marks
from ..kubernetes.partial_lines import partial_lines
from ..line_columns import read_lines
from ..log_batch import Times, log_batch
from ..records import Records
from ..text.line_attributes import line_attributes
from ..typed_records import TypedRecords
from .json_format import AwsJsonParser, json_format


class _Line(msgspec.Struct, gc=False):
    log: str
    ecs_task_arn: str
    container_name: str | None = None
    ecs_cluster: str | None = None
    ecs_task_definition: str | None = None
    time: str | None = None
    timestamp: str | float | int | None = None
    date: str | float | int | None = None
    partial_message: str | bool | None = None
    logtag: str | None = None


_LINES: Final = TypedRecords(_Line)

_FIELDS: Final = json_format(
    {"ecs_task_arn": str, "log": str},
    format="aws.ecs",
    time=("time", "timestamp", "date"),
    attributes={
        "log": "log.record.body",
        "source": "log.iostream",
        "container_id": "container.id",
        "container_name": "container.name",
        "ecs_task_arn": "aws.ecs.task.arn",
        "ecs_cluster": "aws.ecs.cluster.name",
        "ecs_task_definition": "aws.ecs.task.family",
        "ec2_instance_id": "host.id",
    },
)


class FireLensParser(AwsJsonParser):
    """Lines of containers in ECS tasks.

    >>> from ..records import Origin
    >>> text = b'{"log":"ERROR no","container_name":"cart","ecs_task_arn":"arn:aws:ecs:eu-west-1:1:task/prod/a"}'
    >>> event = FIRELENS_PARSER.parse(Records.of([text], Origin("ecs.log")))[0]
    >>> event.service, event.region, int(event.severity)
    ('cart', 'eu-west-1', 17)
    """

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        lines, flags = _LINES.decode(records)
        read = read_lines([line.log for line in lines], records.origin.observed_at)
        keys = [
            (line.ecs_task_arn, line.container_name or "", line.ecs_task_definition or "", line.ecs_cluster or "")
            for line in lines
        ]
        instants, readable = _times(lines)
        if records.occurred_at is None and not readable.all():
            instants, readable = np.where(readable, instants, read.instants), readable | (read.instants != 0)
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=(instants, readable),
            flags=with_marks(read.flags | flags | _partial(lines), read.marks),
            **{**read.columns, **described(keys, _describe)},
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names, with what its line says."""
        found = super().attributes(body, context)
        line = found.get("log.record.body")
        return {**line_attributes(line), **found} if isinstance(line, str) else found


def _partial(lines: Sequence[_Line]) -> npt.NDArray[np.uint8]:
    """Return the flag of lines that Docker's driver cut; the last part of one says so itself."""
    parts = partial_lines([line.log for line in lines], [line.logtag == "P" or line.partial_message for line in lines])
    cut = np.zeros(len(lines), np.bool_) if parts is None else parts
    return np.where(cut, int(Flag.PARTIAL), 0).astype(np.uint8)


def _times(lines: Sequence[_Line]) -> Times:
    """Return when lines were written: as RFC 3339, else in seconds, with a fraction or without."""
    texts = [line.time or (line.timestamp if isinstance(line.timestamp, str) else "") or "" for line in lines]
    instants, readable = rfc3339_column(texts)
    if readable.all():
        return instants, readable
    numbers = [
        line.date if line.timestamp is None or isinstance(line.timestamp, str) else line.timestamp for line in lines
    ]
    seconds, told = epoch_column(numbers, None)
    return np.where(readable, instants, seconds), readable | told


def _describe(key: tuple[str, str, str, str]) -> Description:
    task, container, definition, cluster = key
    arn = parse_arn(task)
    account, region = (arn.account, arn.region) if arn else ("", "")
    mentions = tuple(dict.fromkeys(one for one in (definition, cluster) if one))
    return Description(account, region, container, str(arn) if arn else task, mentions)


FIRELENS_PARSER: Final = FireLensParser(_FIELDS.fields, _FIELDS.required)
