"""Logs of Event Hubs and Service Bus.

See https://learn.microsoft.com/azure/event-hubs/monitor-event-hubs-reference and
https://learn.microsoft.com/azure/service-bus-messaging/monitor-service-bus-reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ....domain.severity import Severity
from ...attribute_readers import also, lower, number, url
from ...attribute_table import Names
from ...field_paths import Row, as_text, texts_of
from ..common_schema import RESOURCES
from .family import family, own

_CATEGORIES: Final = """
ApplicationMetricsLogs DiagnosticErrorLogs OperationalLogs RuntimeAuditLogs VNetAndIPFilteringLogs ArchiveLogs
AutoScaleLogs KafkaCoordinatorLogs KafkaUserErrorLogs CustomerManagedKeyUserLogs EventHubVNetConnectionEvent
ServiceBusVNetConnectionEvent DataDRLogs AZMSOperationalLogs AZMSRunTimeAuditLogs AZMSVnetConnectionEvents
AZMSApplicationMetricLogs AZMSDiagnosticErrorLogs AZMSArchiveLogs AZMSAutoscaleLogs AZMSKafkaCoordinatorLogs
"""

_NAMES: Final[Names] = {
    "scaleunit": "azure.autoscale.unit",
    "environment": "deployment.environment.name",
    "region": "cloud.region",
    "subscriptionid": "cloud.account.id",
    "namespacename": "service.namespace",
    "entityname": also("service.name", "messaging.destination.name"),
    "entitytype": "azure.messaging.entity.type",
    "activityid": "log.record.uid",
    "activityname": "azure.operation.name",
    "eventname": "azure.operation.name",
    "taskname": "azure.messaging.task.name",
    "errorcount": number("azure.messaging.error.count"),
    "partitionid": "messaging.destination.partition.id",
    "protocol": lower("network.protocol.name"),
    "authtype": "azure.auth.type",
    "authid": "azure.auth.id",
    "networktype": "network.connection.type",
    "clientip": "client.address",
    "ipaddress": "client.address",
    "caller": "client.type",
    "action": "security_rule.action",
    "via": url,
    "trackingid": "azure.service.request.id",
    "errorcode": "error.code",
    "errormessage": also("error.message", "exception.message"),
    "operationresult": "error.type",
    "consumergroup": "messaging.consumer.group.name",
}

_SYSTEMS: Final = {"eventhub": "eventhubs", "servicebus": "servicebus", "queue": "servicebus", "topic": "servicebus"}


def _system(row: Row) -> dict[str, Any]:
    """Return the messaging system, which the entity's type or the resource's provider tells, and what was counted."""
    entity = as_text(row.get("entitytype")).lower()
    resource = next((as_text(row[key]).lower() for key in RESOURCES if row.get(key)), "")
    known = next((name for part, name in _SYSTEMS.items() if f"/microsoft.{part}/" in resource), "")
    system = _SYSTEMS.get(entity) or entity or known
    filtered = "ipaddress" in row or "reason" in row
    counts = number("security_rule.evaluation.count" if filtered else "messaging.message.count")(row.get("count"))
    reason = {"security_rule.evaluation.reason": row["reason"]} if row.get("reason") else {}
    return {**({"messaging.system": system} if system else {}), **counts, **reason}


def _outcome(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Records of DiagnosticErrorLogs are errors by their category."""
    kinds = texts_of(rows, ("category", "type"))
    errors = np.array(["diagnosticerror" in kind.lower() for kind in kinds], np.bool_)
    columns["severity"] = np.where((columns["severity"] == 0) & errors, int(Severity.ERROR), columns["severity"])


PARSERS: Final = (
    family(
        "azure.messaging",
        _CATEGORIES,
        resource_types=("/microsoft.eventhub/", "/microsoft.servicebus/", "/microsoft.relay/"),
        name=("eventname", "operationname", "activityname", "taskname", "category", "type"),
        service=("entityname", "namespacename"),
        region=("region", "location"),
        error=("operationresult", "outcome", "status", *own("errorcode"), "errormessage", "resulttype"),
        message=own("errormessage", "reason"),
        names=_NAMES,
        refine=_outcome,
        derive=_system,
    ),
)
