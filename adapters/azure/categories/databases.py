"""Logs of databases: Azure SQL, MySQL, PostgreSQL, Cosmos DB, Cache for Redis.

See https://learn.microsoft.com/azure/azure-sql/database/audit-log-format,
https://learn.microsoft.com/azure/mysql/flexible-server/concepts-monitoring-reference and
https://learn.microsoft.com/azure/cosmos-db/monitor-reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...attribute_readers import boolean, number
from ...attribute_table import Names
from ...field_paths import Row, texts_of
from .family import FINE, LEVELS, family, own

_SQL: Final = """
Errors Timeouts Deadlocks Blocks SQLSecurityAuditEvents SQLInsights DevOpsOperationsAudit ResourceUsageStats
QueryStoreRuntimeStatistics QueryStoreWaitStatistics DatabaseWaitStatistics AutomaticTuning ExecRequests DmsWorkers
RequestSteps SqlRequests Waits SQLReplicas
"""
_COSMOS: Final = """
DataPlaneRequests QueryRuntimeStatistics PartitionKeyStatistics PartitionKeyRUConsumption ControlPlaneRequests
MongoRequests CassandraRequests GremlinRequests TableApiRequests CDBDataPlaneRequests CDBQueryRuntimeStatistics
CDBPartitionKeyStatistics CDBPartitionKeyRUConsumption CDBControlPlaneRequests CDBMongoRequests CDBCassandraRequests
CDBGremlinRequests CDBTableApiRequests
"""

_SQL_NAMES: Final[Names] = {
    "database_name": "db.namespace",
    "databasename": "db.namespace",
    "object_name": "db.collection.name",
    "statement": "db.query.text",
    "action_name": "db.operation.name",
    "action_id": "azure.sql.action.id",
    "succeeded": boolean("azure.sql.succeeded"),
    "client_ip": "client.address",
    "host_name": "client.host.name",
    "server_principal_name": "user.name",
    "database_principal_name": "azure.sql.database_principal",
    "server_instance_name": "server.address",
    "application_name": "user_agent.original",
    "session_id": "azure.sql.session.id",
    "affected_rows": number("azure.sql.affected_rows"),
    "response_rows": number("db.response.returned_rows"),
    "error_number": number("db.response.status_code"),
    "severity": number("azure.sql.severity"),
    "state": number("azure.sql.state"),
    "message": "log.record.body",
    "query_hash": "azure.sql.query_hash",
    "logicalservername": "server.address",
    "elasticpoolname": "azure.sql.elastic_pool.name",
}

_MYSQL_NAMES: Final[Names] = {
    "db": "db.namespace",
    "sql_text": "db.query.text",
    "ip": "client.address",
    "host": "client.host.name",
    "user": "user.name",
    "user_host": "azure.mysql.user_host",
    "event_class": "azure.mysql.event.class",
    "event_subclass": "db.operation.name",
    "connection_id": number("azure.mysql.connection.id"),
    "thread_id": number("thread.id"),
    "error_code": number("db.response.status_code"),
    "rows_sent": number("db.response.returned_rows"),
    "rows_examined": number("azure.mysql.rows_examined"),
    "query_time": number("azure.mysql.query_time"),
    "lock_time": number("azure.mysql.lock_time"),
}

_POSTGRES_NAMES: Final[Names] = {
    "message": "log.record.body",
    "errorlevel": "log.record.severity.original",
    "sqlerrcode": "db.response.status_code",
    "processid": number("process.pid"),
    "schemaname": "azure.postgresql.schema",
    "tablename": "db.collection.name",
    "databasename": "db.namespace",
    "detail": "azure.postgresql.detail",
    "backend_type": "azure.postgresql.backend_type",
    "queryid": "azure.postgresql.query.id",
}

_COSMOS_NAMES: Final[Names] = {
    "activityid": "azure.client.id",
    "databasename": "db.namespace",
    "collectionname": "db.collection.name",
    "useragent": "user_agent.original",
    "clientipaddress": "client.address",
    "statuscode": number("db.response.status_code", "http.response.status_code"),
    "duration": number("azure.cosmosdb.duration"),
    "requestcharge": number("azure.cosmosdb.operation.request_charge"),
    "requestlength": number("http.request.body.size"),
    "responselength": number("http.response.body.size"),
    "requestresourcetype": "azure.cosmosdb.resource.type",
    "requestresourceid": "azure.cosmosdb.resource.id",
    "partitionid": "azure.cosmosdb.partition.id",
    "regionname": "cloud.region",
    "errorcode": "error.type",
    "querytext": "db.query.text",
    "piicommandtext": "db.query.text",
    "connectionmode": "azure.cosmosdb.connection.mode",
    "operationtype": "db.operation.name",
}


def _audited(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """An audited statement that failed says so in `succeeded` only."""
    failed = [text.lower() in ("false", "0") for text in texts_of(rows, own("succeeded"))]
    columns["error"] = [error or ("failed" if bad else "") for error, bad in zip(columns["error"], failed, strict=True)]


SQL: Final = family(
    "azure.sql",
    _SQL,
    resource_types=("/microsoft.sql/", "/microsoft.synapse/"),
    name=(*own("action_name"), "operationname", "category", "type"),
    message=own("message"),
    error=own("error_number"),
    duration=(*own("duration_milliseconds"), "durationms"),
    names=_SQL_NAMES,
    refine=_audited,
)

MYSQL: Final = family(
    "azure.mysql",
    "MySqlSlowLogs MySqlAuditLogs MySqlErrorLogs",
    resource_types=("/microsoft.dbformysql/", "/microsoft.dbformariadb/"),
    name=(*own("event_subclass", "event_class"), "operationname", "category", "type"),
    message=own("message", "sql_text"),
    error=own("error_code"),
    duration=own("query_time"),
    duration_unit="s",
    names=_MYSQL_NAMES,
)

POSTGRESQL: Final = family(
    "azure.postgresql",
    "PostgreSQLLogs PostgreSQLFlexSessions PostgreSQLFlexQueryStoreRuntime PostgreSQLFlexQueryStoreWaitStats"
    " PostgreSQLFlexTableStats PostgreSQLFlexDatabaseXacts PGSQLServerLogs",
    resource_types=("/microsoft.dbforpostgresql/",),
    level=(*own("errorlevel"), "level"),
    severities=LEVELS,
    message=own("message"),
    error=own("sqlerrcode"),
    successes=FINE | {"00000"},
    names=_POSTGRES_NAMES,
)

COSMOS: Final = family(
    "azure.cosmosdb",
    _COSMOS,
    resource_types=("/microsoft.documentdb/",),
    status=own("statuscode"),
    error=own("errorcode"),
    duration=(*own("duration", "durationms"), "durationms"),
    names=_COSMOS_NAMES,
)

REDIS: Final = family(
    "azure.redis",
    "ConnectedClientList ConnectionEvents MSEntraAuthenticationAuditLog ACRConnectedClientList REDConnectionEvents",
    resource_types=("/microsoft.cache/",),
    names={"ip": "client.address", "clientip": "client.address", "clientname": "azure.redis.client.name"},
)

PARSERS: Final = (SQL, MYSQL, POSTGRESQL, COSMOS, REDIS)
