"""Parse the logs of RDS and Aurora: by the prefix that RDS gives PostgreSQL, or by the log group.

PostgreSQL's `log_line_prefix` is `%t:%r:%u@%d:[%p]:` on RDS and cannot be changed. See
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import PeerRole
from ...domain.identity import normalise_resource
from ...domain.severity import severity_of_text
from ..described import Description, described
from ..log_batch import log_batch
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..text import read_messages
from ..text_lines import lines_of
from .rds_lines import is_database_line, is_plainly_a_databases, read_database_line

_GROUP: Final = re.compile(r"/aws/rds/(instance|cluster)/([^/]+)/([a-z]+)")


class RdsParser:
    """Log lines of databases."""

    format = "aws.rds"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a line is from a database's log group, or plainly one of RDS."""
        if _GROUP.match(str(sample.context.get("logGroup", ""))):
            return True
        return is_plainly_a_databases(sample.text[:1024])

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        texts = lines_of(records)
        if not all(map(_GROUP.match, _groups(records))) and not all(map(_may_follow, texts)):
            raise UnreadableRecordError("a line is no database's")
        lines = [read_database_line(text) for text in texts]
        columns = read_messages([line.message for line in lines]).as_columns()
        levels = np.array([severity_of_text(line.level) if line.level else 0 for line in lines], np.uint8)
        columns["severity"] = np.where(levels != 0, levels, columns["severity"])
        columns["error"] = [line.error for line in lines]
        instants = np.array([line.instant_ns for line in lines], np.int64)
        places = [_place(context, records.origin.metadata) for context in records.contexts()]
        keys = [(places[code], line.database) for code, line in zip(records.context.codes.tolist(), lines, strict=True)]
        hosts = [line.host if line.host not in _LOCAL else "" for line in lines]
        if any(hosts):
            columns["peer"] = hosts
            columns["peer_role"] = np.array([int(PeerRole.CALLER) if host else 0 for host in hosts], np.uint8)
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=(instants, instants != 0),
            name=[line.name for line in lines],
            duration_us=np.array([line.duration_us for line in lines], np.int64),
            **{**columns, **described(keys, _describe)},
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the line's attributes in OpenTelemetry names."""
        line = read_database_line(body.decode("utf-8", "replace"))
        group = _GROUP.match(str(context.get("logGroup", "")))
        named = {
            "db.namespace": line.database,
            "db.operation.name": line.name if line.name.isupper() and line.name != line.level else "",
            "db.response.status_code": line.code,
            "user.name": line.user,
            "client.address": line.host,
            "client.port": int(line.port[:9]) if line.port.isdecimal() else None,
            "process.pid": int(line.pid) if line.pid.isdecimal() else None,
            "log.record.body": line.message,
            "aws.rds.instance": group[2] if group else "",
            "aws.rds.log": group[3] if group else "",
        }
        return {name: value for name, value in named.items() if value not in (None, "", "[unknown]")}


_LOCAL: Final = frozenset({"", "[local]", "localhost", "127.0.0.1"})


def _groups(records: Records) -> list[str]:
    contexts = records.contexts()
    return [str(contexts[code].get("logGroup", "")) for code in set(records.context.codes.tolist())]


def _may_follow(text: str) -> bool:
    """Say whether a line outside a database's log group is one of its own, or goes on with a statement."""
    return text[:1].isspace() or is_database_line(text)


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
