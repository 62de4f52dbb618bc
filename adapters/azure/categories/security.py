"""Alerts of Microsoft Defender for Cloud and Sentinel: the SecurityAlert table and the continuous export.

See https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas and
https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityalert.
"""

from __future__ import annotations

from typing import Any, Final

from ...attribute_readers import also, as_json
from ...attribute_table import Names
from ..common_schema import is_security_alert
from .family import LEVELS, family, own

_NAMES: Final[Names] = {
    "systemalertid": also("azure.alert.id", "log.record.uid"),
    "alertname": "azure.alert.rule.name",
    "alerttype": "security_rule.name",
    "alertdisplayname": "azure.alert.title",
    "displayname": "azure.alert.title",
    "description": "azure.alert.description",
    "alertseverity": "azure.alert.severity",
    "severity": "azure.alert.severity",
    "intent": "azure.alert.intent",
    "tactics": "azure.alert.tactics",
    "techniques": "azure.alert.techniques",
    "compromisedentity": "azure.alert.compromised_entity",
    "entities": as_json("azure.alert.entities"),
    "extendedproperties": as_json("azure.alert.extended_properties"),
    "remediationsteps": as_json("azure.alert.remediation"),
    "providername": "azure.alert.provider",
    "productname": "azure.alert.product",
    "vendorname": "azure.alert.vendor",
    "alerturi": "azure.alert.uri",
    "alertlink": "azure.alert.uri",
    "status": "azure.alert.status",
    "azureresourceid": "cloud.resource_id",
}

_SEVERITIES: Final[dict[Any, int]] = {**LEVELS, "High": 17, "Medium": 13, "Low": 9}

_TIMES: Final = (
    *("timegenerated", "timegeneratedutc", "properties.timegeneratedutc", "starttimeutc", "properties.starttimeutc"),
    *("starttime", "time"),
)


PARSERS: Final = (
    family(
        "azure.defender",
        accepts=is_security_alert,
        time=_TIMES,
        name=own("alerttype", "alertname", "alertdisplayname", "displayname"),
        service_name="defender",
        resource=(*own("azureresourceid"), "resourceid", "_resourceid", "id"),
        level=own("alertseverity", "severity"),
        severities=_SEVERITIES,
        names=_NAMES,
    ),
)
