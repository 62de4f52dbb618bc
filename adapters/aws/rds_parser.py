"""Parse PostgreSQL and MySQL logs of RDS and Aurora: by the prefix that RDS sets, or by the log group.

PostgreSQL's `log_line_prefix` is `%t:%r:%u@%d:[%p]:` on RDS and cannot be changed; MySQL's error log has time, thread
and level in brackets. See https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.identity import normalise_resource
from ...domain.severity import severity_of_text
from ..described import Description, described
from ..field_map import times_of
from ..log_batch import log_batch
from ..number_columns import duration_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text import read_messages
from ..text_lines import lines_of

_POSTGRES: Final = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (?:UTC|GMT):"
    r"([^\s(]*)(?:\((\d+)\))?:([^@\s]*)@([^:\s]*):\[(\d+)\]:([A-Z0-9]+):\s*(.*)",
    re.DOTALL,
)
_MYSQL: Final = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?) +(\d+) \[(\w+)\] (.*)", re.DOTALL)
_GROUP: Final = re.compile(r"/aws/rds/(instance|cluster)/([^/]+)/([a-z]+)")
_DURATION: Final = re.compile(r"duration: ([\d.]{1,18}) ms")


class RdsParser:
    """Log lines of databases."""

    format = "aws.rds"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line is from a database's log group, or has the prefix that RDS gives PostgreSQL."""
        if _GROUP.match(str(sample.context.get("logGroup", ""))):
            return True
        return _POSTGRES.match(sample.text[:1024]) is not None

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        texts = lines_of(records)
        if not all(map(_GROUP.match, _groups(records))) and not all(map(_may_follow, texts)):
            raise UnreadableRecordError("a line is no database's")
        lines = [_read(text) for text in texts]
        columns = read_messages([line["message"] for line in lines]).as_columns()
        levels = np.array([severity_of_text(line["level"]) if line["level"] else 0 for line in lines], np.uint8)
        columns["severity"] = np.where(levels != 0, levels, columns["severity"])
        columns["error"] = [
            line["message"].partition("\n")[0][:128] if line["level"] in ("ERROR", "FATAL", "PANIC") else ""
            for line in lines
        ]
        took = [_DURATION.search(line["message"]) for line in lines]
        places = [_place(context, records.origin.metadata) for context in records.contexts()]
        keys = [
            (places[code], line["database"]) for code, line in zip(records.context.codes.tolist(), lines, strict=True)
        ]
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=times_of(lines, ("time",)),
            name=[line["level"] for line in lines],
            duration_us=duration_column([t[1] if t else None for t in took], "ms"),
            **{**columns, **described(keys, _describe)},
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's attributes in OpenTelemetry names."""
        line = _read(body.decode("utf-8", "replace"))
        named = {
            "db.namespace": line["database"],
            "user.name": line["user"],
            "client.address": line["host"],
            "process.pid": int(line["pid"]) if line["pid"] else None,
            "log.record.body": line["message"],
        }
        return {name: value for name, value in named.items() if value not in (None, "", "[unknown]")}


def _groups(records: Records) -> list[str]:
    return [str(context.get("logGroup", "")) for context in records.contexts()]


def _may_follow(text: str) -> bool:
    """Say whether a line outside a database's log group is one of its own, or goes on with a statement."""
    return text[:1].isspace() or bool(_POSTGRES.match(text) or _MYSQL.match(text))


def _read(text: str) -> dict[str, str]:
    if found := _POSTGRES.match(text):
        time, host, _, user, database, pid, level, message = found.groups("")
        return _line(time + "Z", level, message, host=host, user=user, database=database, pid=pid[:9])
    if found := _MYSQL.match(text):
        return _line(found[1].rstrip("Z") + "Z", found[3], found[4], pid=found[2][:9])
    return _line("", "", text)


def _line(
    time: str, level: str, message: str, *, host: str = "", user: str = "", database: str = "", pid: str = ""
) -> dict[str, str]:
    told = {"host": host, "user": user, "database": database, "pid": pid}
    return {"time": time, "level": level, "message": message, **told}


_Place = tuple[str, str, str, str]


def _place(context: Mapping[str, Any], metadata: Mapping[str, str]) -> _Place:
    group = _GROUP.match(str(context.get("logGroup", "")))
    kind, name = (group[1], group[2]) if group else ("instance", metadata.get("database", ""))
    account = str(context.get("owner") or metadata.get("account", ""))
    return kind, name, account, str(context.get("region") or metadata.get("region", ""))


def _describe(key: tuple[_Place, str]) -> Description:
    (kind, name, account, region), database = key
    resource_type = "aws_rds_cluster" if kind == "cluster" else "aws_db_instance"
    resource = normalise_resource(name, provider="aws", account=account, region=region, resource_type=resource_type)
    mentions = tuple(one for one in (name,) if one and one != resource)
    return Description(account, region, name or database.strip("[]"), resource, mentions)
