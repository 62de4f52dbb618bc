"""The findings and verdicts of AWS's security services, as tables.

See https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-summary.html,
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html,
https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html,
https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html and
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
from .network_firewall_parser import NetworkFirewallParser

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
    NetworkFirewallParser(),
    _INSPECTOR,
    _MACIE,
    _ACCESS_ANALYZER,
)
"""In the order in which they are tried; two parsers of one format read two spellings of it."""
