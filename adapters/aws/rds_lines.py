"""What the lines of a database's logs say: PostgreSQL, MySQL and MariaDB errors, slow queries and audits, SQL Server.

Between log groups of RDS and their parser. See
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html (times in microseconds),
https://dev.mysql.com/doc/refman/8.4/en/slow-query-log.html and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Options.AuditPlugin.html.
"""

from __future__ import annotations

import csv
import re
from typing import Final

import msgspec

from ...domain.timestamps import parse_timestamp_ns
from ..number_columns import duration_column

_POSTGRES: Final = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (?:UTC|GMT):"
    r"([^\s(]*)(?:\((\d+)\))?:([^@\s]*)@([^:\s]*):\[(\d+)\]:([A-Z0-9]+):\s*(.*)",
    re.DOTALL,
)
_MYSQL: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]+\d{1,2}:\d\d:\d\d(?:\.\d+)?Z?) +(\d+) \[(\w+)\] (?:\[(MY-\d+)\] )?(?:\[(\w+)\] )?(.*)",
    re.DOTALL,
)
_AURORA_AUDIT: Final = re.compile(r"(\d{16}),([^,]*),([^,]*),([^,]*),(\d*),(\d*),([A-Z_]{4,20}),(.*)", re.DOTALL)
_MARIADB_AUDIT: Final = re.compile(
    r"(\d{8} \d\d:\d\d:\d\d),([^,]*),([^,]*),([^,]*),(\d*),(\d*),([A-Z_]{4,20}),(.*)", re.DOTALL
)
_GENERAL: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z)\s+(\d+)\s"
    r"(Connect|Query|Quit|Init DB|Prepare|Execute|Statistics|Close stmt)\t?(.*)",
    re.DOTALL,
)
_SLOW_HOST: Final = re.compile(r"# User@Host: ([^\[\s]*)\[[^\]]*\] @\s+([^\[\s]*)\s*\[([^\]]*)\](?:\s+Id:\s+(\d+))?")
_SLOW_TIME: Final = re.compile(r"# Time: (\d{4}-\d\d-\d\dT[\d:.]+Z)")
_SLOW_TOOK: Final = re.compile(r"# Query_time: ([\d.]{1,18})")
_SLOW_AT: Final = re.compile(r"SET timestamp=(\d{10})(?:\.\d+)?;")
_SQL_SERVER: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d\d) (\S{1,32})\s+(.*)", re.DOTALL)
_DURATION: Final = re.compile(r"duration: ([\d.]{1,18}) ms")


class DatabaseLine(msgspec.Struct, gc=False):
    """One line; empty where it does not say."""

    message: str
    instant_ns: int = 0
    level: str = ""
    name: str = ""
    error: str = ""
    host: str = ""
    port: str = ""
    user: str = ""
    database: str = ""
    pid: str = ""
    duration_us: int = -1
    code: str = ""


def read_database_line(text: str) -> DatabaseLine:
    """Return what a line of a database's log says.

    >>> line = read_database_line("1795168800123456,db-1,app,10.0.0.1,17,21,QUERY,shop,'SELECT 1',0")
    >>> line.name, line.user, line.host, line.database, line.instant_ns
    ('QUERY', 'app', '10.0.0.1', 'shop', 1795168800123456000)
    """
    if found := _POSTGRES.match(text):
        return _postgres(*found.groups(""))
    if found := _MYSQL.match(text):
        time, pid, level, code, system, message = found.groups("")
        return DatabaseLine(
            message, _instant(time), level, system or level, _error(level, code or message), pid=pid[:9], code=code
        )
    if found := _AURORA_AUDIT.match(text):
        return _audit(int(found[1]) * 1000, found.groups(""))
    if found := _MARIADB_AUDIT.match(text):
        return _audit(_instant(f"{found[1][:4]}-{found[1][4:6]}-{found[1][6:]}"), found.groups(""))
    if found := _GENERAL.match(text):
        return DatabaseLine(found[4], _instant(found[1]), name=found[3], pid=found[2][:9])
    if text.startswith("# ") and ("Query_time" in text or "User@Host" in text):
        return _slow(text)
    if found := _SQL_SERVER.match(text):
        failed = found[3].startswith("Error:")
        return DatabaseLine(
            found[3], _instant(found[1]), "ERROR" if failed else "", found[2], found[3][:128] if failed else ""
        )
    return DatabaseLine(text)


def is_database_line(text: str) -> bool:
    """Say whether a line is a database's own, whatever its log group.

    >>> is_database_line("2026-11-20 10:00:00 UTC:10.0.0.1(52834):app@shop:[20175]:LOG: ready"), is_database_line("x")
    (True, False)
    """
    return any(form.match(text) for form in (_POSTGRES, _MYSQL, _AURORA_AUDIT)) or text.startswith("# User@Host: ")


def is_plainly_a_databases(text: str) -> bool:
    """Say whether a line can be nothing else: the prefix that RDS gives PostgreSQL, or an audit of Aurora.

    >>> is_plainly_a_databases("2026-11-20 10:00:00 UTC::@:[20175]:LOG: checkpoint starting")
    True
    """
    return _POSTGRES.match(text) is not None or _AURORA_AUDIT.match(text) is not None


def _postgres(
    time: str, host: str, port: str, user: str, database: str, pid: str, level: str, message: str
) -> DatabaseLine:
    took = _DURATION.search(message)
    line = DatabaseLine(
        message, _instant(time), level, level, _error(level, message), host, port, user, database, pid[:9]
    )
    line.duration_us = _microseconds(took[1], "ms") if took else -1
    return line


def _audit(instant_ns: int, fields: tuple[str, ...]) -> DatabaseLine:
    """Read an audit line: server, user, host, connection, query id, operation; then database, object, return code."""
    _, _, user, host, connection, _, operation, rest = fields
    parts = next(csv.reader([rest], quotechar="'", escapechar="\\"), [""])
    code = parts[-1] if parts and parts[-1].isdecimal() else ""
    error = f"{operation} {code}" if code not in ("", "0") else ""
    statement = parts[1] if len(parts) > 2 else ""
    return DatabaseLine(
        statement or operation,
        instant_ns,
        "ERROR" if error else "INFO",
        operation,
        error,
        host,
        "",
        user,
        parts[0],
        connection[:9],
    )


def _slow(text: str) -> DatabaseLine:
    host, time, took, at = (form.search(text) for form in (_SLOW_HOST, _SLOW_TIME, _SLOW_TOOK, _SLOW_AT))
    statement = text.rpartition(";\n")[2] if at else text.rpartition("\n")[2]
    line = DatabaseLine(statement.strip() or text, name="slow_query", level="WARN")
    line.instant_ns = _instant(time[1]) if time else int(at[1]) * 10**9 if at else 0
    line.duration_us = _microseconds(took[1], "s") if took else -1
    if host:
        line.user, line.host, line.pid = host[1], host[2] or host[3], (host[4] or "")[:9]
    return line


def _error(level: str, message: str) -> str:
    return message.partition("\n")[0][:128] if level.upper() in ("ERROR", "FATAL", "PANIC") else ""


def _instant(text: str) -> int:
    return parse_timestamp_ns(text.rstrip("Z").replace("  ", " ") + "Z") or 0


def _microseconds(number: str, unit: str) -> int:
    return int(duration_column([number], unit)[0])
