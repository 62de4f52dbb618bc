"""The findings and verdicts of AWS's security services, as tables.

See https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-summary.html,
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html,
https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html,
https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html,
https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ...domain.batch import EventBatch
from ..field_paths import Row, decode_rows, value_at
from ..mapped_parser import MappedParser
from ..records import Records
from .json_format import json_format

_LABELS: Final = {"INFORMATIONAL": 9, "UNTRIAGED": 9, "LOW": 10, "MEDIUM": 13, "HIGH": 17, "CRITICAL": 21}
_LABELS_ANY_CASE: Final = _LABELS | {label.capitalize(): number for label, number in _LABELS.items()}


class _GuardDutyParser(MappedParser):
    """Findings; their severity is a number from 1 to 10."""

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per finding."""
        rows = decode_rows(records)
        severities = [_severity(row.get("severity", row.get("Severity"))) for row in rows]
        return super().parse(records).with_columns(severity=np.array(severities, np.uint8))


def _severity(level: Any) -> int:
    """Return the severity of GuardDuty's level: 1 low, 4 medium, 7 high, 9 critical."""
    if type(level) not in (int, float):
        return 0
    return next((number for least, number in ((9, 21), (7, 17), (4, 13), (0.1, 10)) if level >= least), 0)


def _guardduty(account: str, region: str, kind: str, created: str, service: str, record_id: str) -> MappedParser:
    described = json_format(
        {account: str, service: "guardduty"},
        format="aws.guardduty",
        time=("updatedAt", "UpdatedAt", created),
        name=(kind,),
        service_name="guardduty",
        account=(account,),
        region=(region,),
        resource=("arn", "Arn"),
        message=("title", "Title", "description", "Description"),
        names=(
            "resource.instanceDetails.instanceId",
            "Resource.InstanceDetails.InstanceId",
            "resource.instanceDetails.networkInterfaces.vpcId",
            "resource.eksClusterDetails.arn",
            "resource.lambdaDetails.functionArn",
        ),
        attributes={
            record_id: "log.record.uid",
            "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4": "client.address",
            "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4": "client.address",
            "service.action.portProbeAction.portProbeDetails": "aws.guardduty.port_probe",
            "resource.accessKeyDetails.userName": "user.name",
            "resource.accessKeyDetails.principalId": "user.id",
        },
        prefix="aws.guardduty",
    )
    return _GuardDutyParser(described.fields, described.required)


def _firewall_arn(row: Row, context: Mapping[str, Any]) -> str:
    """Return the firewall's ARN; its zone tells the region."""
    name, account = str(row.get("firewall_name", "")), str(context.get("owner") or "")
    zone = row.get("availability_zone")
    region = zone[:-1] if isinstance(zone, str) and zone[-1:].isalpha() else str(context.get("region") or "")
    return f"arn:aws:network-firewall:{region}:{account}:firewall/{name}" if account and region else name


_NETWORK_FIREWALL: Final = json_format(
    {"firewall_name": str, "event.event_type": str},
    format="aws.networkfirewall",
    time=("event.timestamp", "event_timestamp"),
    name=("event.event_type",),
    service_name="network-firewall",
    resource_of=_firewall_arn,
    peer=("event.dest_ip",),
    status=("event.http.status",),
    error=("event.tls_error.error_message",),
    message=("event.alert.signature",),
    names=("firewall_name",),
    attributes={
        "firewall_name": "aws.networkfirewall.name",
        "event.event_type": "aws.networkfirewall.event.type",
        "event.flow_id": "aws.networkfirewall.flow_id",
        "event.src_ip": "source.address",
        "event.src_port": "source.port",
        "event.dest_ip": "destination.address",
        "event.dest_port": "destination.port",
        "event.app_proto": "network.protocol.name",
        "event.proto": "network.transport",
        "event.sni": "server.address",
        "event.tls.sni": "server.address",
        "event.tls.version": "tls.protocol.version",
        "event.tls.subject": "tls.client.subject",
        "event.tls.issuerdn": "tls.client.issuer",
        "event.tls.session_resumed": "tls.resumed",
        "event.tls_error.error_message": "aws.networkfirewall.tls.error.message",
        "event.http.hostname": "url.domain",
        "event.http.url": "url.path",
        "event.http.http_method": "http.request.method",
        "event.http.http_user_agent": "user_agent.original",
        "event.http.status": "http.response.status_code",
        "event.dns.rrname": "dns.question.name",
        "event.netflow.pkts": "aws.networkfirewall.netflow.packets",
        "event.netflow.tx_cnt": "aws.networkfirewall.netflow.transaction.count",
        "availability_zone": "cloud.availability_zone",
    },
    prefix="aws.networkfirewall",
)


class _NetworkFirewallParser(MappedParser):
    """Flow, alert and TLS records of firewalls; the transport is written in lower case."""

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names, without the `event` that all of them stand in."""
        found = super().attributes(body, context)
        for name in ("network.transport", "network.protocol.name"):
            if isinstance(found.get(name), str):
                found[name] = found[name].lower()
        return {
            name.replace("aws.networkfirewall.event.", "aws.networkfirewall.", 1) if name != _EVENT_TYPE else name: v
            for name, v in found.items()
        }


_EVENT_TYPE: Final = "aws.networkfirewall.event.type"

_SECURITY_HUB: Final = json_format(
    {"SchemaVersion": str, "ProductArn": str},
    format="aws.securityhub",
    time=("UpdatedAt", "CreatedAt"),
    name=("Title", "GeneratorId"),
    service=("ProductName",),
    service_name="securityhub",
    account=("AwsAccountId",),
    region=("Region",),
    resource=("Id",),
    message=("Title", "Description"),
    level=("Severity.Label",),
    severities=_LABELS,
    attributes={"Id": "log.record.uid"},
)

_INSPECTOR: Final = json_format(
    {"findingArn": str, "awsAccountId": str, "severity": str, "type": str},
    format="aws.inspector",
    time=("updatedAt", "lastObservedAt", "firstObservedAt"),
    name=("title", "type"),
    service_name="inspector",
    account=("awsAccountId",),
    resource=("findingArn",),
    message=("title", "description"),
    level=("severity",),
    severities=_LABELS,
    error=("packageVulnerabilityDetails.vulnerabilityId",),
    attributes={"packageVulnerabilityDetails.vulnerabilityId": "aws.inspector.vulnerability.id"},
)


def _macie_resource(row: Row, _: Mapping[str, Any]) -> str:
    arn = value_at(row, "resourcesAffected.s3Bucket.arn")
    return arn if isinstance(arn, str) else ""


_MACIE: Final = json_format(
    {"schemaVersion": str, "resourcesAffected": dict, "category": frozenset({"CLASSIFICATION", "POLICY"})},
    format="aws.macie",
    time=("updatedAt", "createdAt"),
    name=("type",),
    service_name="macie",
    account=("accountId",),
    region=("region",),
    record_id="id",
    resource_of=_macie_resource,
    message=("title", "description"),
    level=("severity.description",),
    severities=_LABELS_ANY_CASE,
    attributes={"resourcesAffected.s3Bucket.name": "aws.s3.bucket", "resourcesAffected.s3Object.key": "aws.s3.key"},
)

_ACCESS_ANALYZER: Final = json_format(
    {"analyzedAt": str, "resourceType": str, "isPublic": bool},
    format="aws.accessanalyzer",
    time=("updatedAt", "analyzedAt", "createdAt"),
    name=("findingType", "resourceType"),
    service_name="access-analyzer",
    account=("accountId", "resourceOwnerAccount"),
    region=("region",),
    record_id="id",
    resource=("resource",),
    error=("error",),
)

SECURITY_PARSERS: Final = (
    _guardduty("accountId", "region", "type", "createdAt", "service.serviceName", "id"),
    _guardduty("AccountId", "Region", "Type", "CreatedAt", "Service.ServiceName", "Id"),
    _SECURITY_HUB,
    _NetworkFirewallParser(_NETWORK_FIREWALL.fields, _NETWORK_FIREWALL.required),
    _INSPECTOR,
    _MACIE,
    _ACCESS_ANALYZER,
)
"""In the order in which they are tried; two parsers of one format read two spellings of it."""
