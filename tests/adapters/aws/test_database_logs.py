"""Logs of RDS and Aurora: errors, slow queries, audits, in the forms of PostgreSQL, MySQL, MariaDB and SQL Server."""

import pytest

from tests.adapters.aws.attribute_of import attributes, in_group, log_event
from tests.adapters.native_records import POSTGRES

AUDIT = in_group("/aws/rds/cluster/orders/audit")
SLOW = (
    "# Time: 2026-11-20T10:00:00.123456Z\n# User@Host: app[app] @  [10.0.0.5]  Id:    42\n"
    "# Query_time: 12.5  Lock_time: 0.000 Rows_sent: 1  Rows_examined: 100\nSET timestamp=1795168800;\nSELECT 1;"
)


def test_an_audit_of_aurora_counts_microseconds() -> None:
    line = "1795168800123456,orders-1,app,10.0.0.1,17,21,QUERY,shop,'SELECT \\'a\\', 1',0"

    event = log_event(line, AUDIT)

    assert log_event(line).format == event.format == "aws.rds"
    assert event.occurred_at == 1_795_168_800_123_456_000
    assert (event.name, event.peer, event.error) == ("QUERY", "10.0.0.1", "")
    assert event.resource == "arn:aws:rds:eu-west-1:123456789012:cluster:orders"
    assert attributes(line, AUDIT)["user.name"] == "app"


def test_a_failed_connection_in_an_audit_of_mariadb_is_an_error() -> None:
    event = log_event("20261120 10:00:00,host,app,10.0.0.5,42,0,FAILED_CONNECT,,,1045", AUDIT)

    assert (event.error, event.severity) == ("FAILED_CONNECT 1045", 17)


def test_a_slow_query_has_its_duration_and_statement() -> None:
    context = in_group("/aws/rds/instance/orders/slowquery")

    event = log_event(SLOW, context)

    assert (event.name, event.duration_us, event.peer) == ("slow_query", 12_500_000, "10.0.0.5")
    assert attributes(SLOW, context)["log.record.body"] == "SELECT 1;"


@pytest.mark.parametrize(
    ("line", "severity", "error"),
    [
        ("2026-11-20T10:00:00.123456Z 0 [ERROR] [MY-010119] [Server] Aborting", 17, "MY-010119"),
        ("2026-11-20 10:00:00 140 [Warning] Aborted connection", 13, ""),
        ("2026-11-20 10:00:00.12 Logon       Error: 18456, State: 8.", 17, "Error: 18456, State: 8."),
        (POSTGRES, 17, 'relation "carts" does not exist at character 8'),
        (POSTGRES.replace(":ERROR:", ":LOG:"), 9, ""),
        (POSTGRES.replace(":ERROR:", ":FATAL:"), 21, 'relation "carts" does not exist at character 8'),
    ],
)  # fmt: skip
def test_levels_of_databases_become_severity(line: str, severity: int, error: str) -> None:
    event = log_event(line, in_group("/aws/rds/instance/orders/error"))

    assert (event.format, event.severity, event.error) == ("aws.rds", severity, error)
    assert event.occurred_at // 10**9 in range(1_795_168_800, 1_795_168_801)


def test_postgres_says_how_long_a_statement_took() -> None:
    line = POSTGRES.replace(
        'ERROR: relation "carts" does not exist at character 8', "LOG: duration: 12.500 ms  statement: x"
    )

    assert log_event(line).duration_us == 12_500
    assert attributes(line)["client.port"] == 52834
