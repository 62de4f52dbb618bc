"""The JSON log formats of AWS that carry little volume, as tables.

See the log references of each service: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html,
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-summary.html,
https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/.
"""

from __future__ import annotations

from typing import Final

from ...domain.events import PeerRole
from ..field_map import FieldMap
from ..kubernetes.audit_record import audited_object
from ..mapped_parser import MappedParser

_ALLOWED: Final = frozenset({"ALLOW", "COUNT", "NOERROR", "OK", "pass", "SUCCESS", "success"})

_WAF: Final = FieldMap(
    format="aws.waf",
    provider="aws",
    time=("timestamp",),
    record_id="httpRequest.requestId",
    name=("action",),
    service=("httpSourceName",),
    resource=("webaclId",),
    status=("responseCodeSent",),
    names=("webaclId", "httpSourceId"),
    peer=("httpRequest.clientIp",),
    peer_role=PeerRole.CALLER,
    attributes={
        "httpRequest.clientIp": "client.address",
        "httpRequest.country": "geo.country.iso_code",
        "httpRequest.uri": "url.path",
        "httpRequest.args": "url.query",
        "httpRequest.httpMethod": "http.request.method",
        "httpRequest.requestId": "aws.request_id",
        "httpRequest.httpVersion": "network.protocol.version",
        "responseCodeSent": "http.response.status_code",
        "ja3Fingerprint": "tls.client.ja3",
        "webaclId": "cloud.resource_id",
    },
)

_RESOLVER: Final = FieldMap(
    format="aws.route53_resolver",
    provider="aws",
    time=("query_timestamp",),
    name=("query_type",),
    service_name="route53resolver",
    account=("account_id",),
    region=("region",),
    resource=("vpc_id",),
    error=("rcode",),
    successes=_ALLOWED,
    peer=("query_name",),
    peer_role=PeerRole.NONE,
    names=("srcids.instance", "srcids.resolver_endpoint", "srcids.resolver-endpoint", "vpc_id"),
    attributes={
        "query_name": "dns.question.name",
        "srcaddr": "source.address",
        "srcport": "source.port",
        "transport": "network.transport",
        "account_id": "cloud.account.id",
        "region": "cloud.region",
    },
)


def _guardduty(account: str, region: str, kind: str, created: str) -> FieldMap:
    return FieldMap(
        format="aws.guardduty",
        provider="aws",
        time=("updatedAt", "UpdatedAt", created),
        name=(kind,),
        service_name="guardduty",
        account=(account,),
        region=(region,),
        resource=("arn", "Arn"),
        message=("title", "Title", "description", "Description"),
        names=("resource.instanceDetails.instanceId", "Resource.InstanceDetails.InstanceId"),
        attributes={
            account: "cloud.account.id",
            region: "cloud.region",
            "id": "log.record.uid",
            "Id": "log.record.uid",
        },
        prefix="aws.guardduty",
    )


_EKS_AUDIT: Final = FieldMap(
    format="aws.eks.audit",
    provider="aws",
    time=("stageTimestamp", "requestReceivedTimestamp"),
    name=("verb",),
    service_name="kube-apiserver",
    status=("responseStatus.code",),
    error=("responseStatus.reason",),
    resource_of=audited_object,
    names=("user.username",),
    attributes={
        "auditID": "log.record.uid",
        "user.username": "user.name",
        "user.uid": "user.id",
        "userAgent": "user_agent.original",
        "requestURI": "url.path",
        "responseStatus.code": "http.response.status_code",
        "objectRef.namespace": "k8s.namespace.name",
        "verb": "rpc.method",
    },
    prefix="k8s.audit",
)

_SECURITY_HUB: Final = FieldMap(
    format="aws.securityhub",
    provider="aws",
    time=("UpdatedAt", "CreatedAt"),
    name=("Title", "GeneratorId"),
    service=("ProductName",),
    service_name="securityhub",
    account=("AwsAccountId",),
    region=("Region",),
    resource=("Id",),
    message=("Title", "Description"),
    level=("Severity.Label",),
    severities={"INFORMATIONAL": 9, "LOW": 10, "MEDIUM": 13, "HIGH": 17, "CRITICAL": 21},
    attributes={"AwsAccountId": "cloud.account.id", "Id": "log.record.uid", "Region": "cloud.region"},
)

_NETWORK_FIREWALL: Final = FieldMap(
    format="aws.networkfirewall",
    provider="aws",
    time=("event.timestamp", "event_timestamp"),
    name=("event.event_type",),
    service_name="network-firewall",
    resource=("firewall_name",),
    peer=("event.dest_ip",),
    status=("event.http.status",),
    message=("event.alert.signature",),
    names=("firewall_name",),
    attributes={
        "event.src_ip": "source.address",
        "event.src_port": "source.port",
        "event.dest_ip": "destination.address",
        "event.dest_port": "destination.port",
        "event.app_proto": "network.protocol.name",
        "event.proto": "network.transport",
        "availability_zone": "cloud.availability_zone",
    },
)

_BEDROCK: Final = FieldMap(
    format="aws.bedrock",
    provider="aws",
    time=("timestamp",),
    record_id="requestId",
    name=("operation",),
    service_name="bedrock",
    account=("accountId",),
    region=("region",),
    resource=("modelId",),
    error=("errorCode",),
    attributes={
        "accountId": "cloud.account.id",
        "region": "cloud.region",
        "requestId": "aws.request_id",
        "modelId": "gen_ai.request.model",
        "operation": "gen_ai.operation.name",
        "input.inputTokenCount": "gen_ai.usage.input_tokens",
        "output.outputTokenCount": "gen_ai.usage.output_tokens",
    },
)

_API_GATEWAY: Final = FieldMap(
    format="aws.apigateway.access",
    provider="aws",
    time=("requestTimeEpoch", "requestTime"),
    name=("routeKey", "resourcePath", "httpMethod", "eventType"),
    service=("apiId",),
    service_name="apigateway",
    status=("status",),
    error=("error.message", "integrationErrorMessage", "integrationError"),
    duration=("responseLatency", "integrationLatency"),
    trace=("xrayTraceId",),
    peer=("domainName",),
    peer_role=PeerRole.NONE,
    attributes={
        "ip": "client.address",
        "requestId": "aws.request_id",
        "extendedRequestId": "aws.extended_request_id",
        "httpMethod": "http.request.method",
        "status": "http.response.status_code",
        "userAgent": "user_agent.original",
        "responseLength": "http.response.size",
        "protocol": "network.protocol.version",
    },
)

_ECS: Final = FieldMap(
    format="aws.ecs",
    provider="aws",
    time=("time", "timestamp", "date"),
    service=("container_name",),
    resource=("ecs_task_arn",),
    message=("log",),
    names=("ecs_task_definition", "ecs_cluster"),
    attributes={
        "log": "log.record.body",
        "source": "log.iostream",
        "container_id": "container.id",
        "container_name": "container.name",
        "ecs_task_arn": "aws.ecs.task.arn",
        "ecs_cluster": "aws.ecs.cluster.name",
        "ecs_task_definition": "aws.ecs.task.family",
    },
)

_INSIGHT: Final = FieldMap(
    format="aws.cloudtrail.insight",
    provider="aws",
    time=("eventTime",),
    record_id="eventID",
    name=("insightDetails.eventName",),
    service=("insightDetails.eventSource",),
    account=("recipientAccountId",),
    region=("awsRegion",),
    error=("insightDetails.errorCode",),
    attributes={
        "eventID": "log.record.uid",
        "recipientAccountId": "cloud.account.id",
        "awsRegion": "cloud.region",
        "insightDetails.eventName": "rpc.method",
    },
    prefix="aws.cloudtrail",
)

JSON_PARSERS: Final = (
    MappedParser(_WAF, {"webaclId": str, "terminatingRuleId": str, "httpRequest": dict}),
    MappedParser(_RESOLVER, {"query_timestamp": str, "query_name": str, "rcode": str}),
    MappedParser(
        _guardduty("accountId", "region", "type", "createdAt"), {"accountId": str, "service.serviceName": "guardduty"}
    ),
    MappedParser(
        _guardduty("AccountId", "Region", "Type", "CreatedAt"), {"AccountId": str, "Service.ServiceName": "guardduty"}
    ),
    MappedParser(_EKS_AUDIT, {"kind": "Event", "apiVersion": frozenset({"audit.k8s.io/v1", "audit.k8s.io/v1beta1"})}),
    MappedParser(_SECURITY_HUB, {"SchemaVersion": str, "ProductArn": str}),
    MappedParser(_NETWORK_FIREWALL, {"firewall_name": str, "event.event_type": str}),
    MappedParser(_BEDROCK, {"modelId": str, "operation": str, "requestId": str, "accountId": str}),
    MappedParser(_API_GATEWAY, {"requestId": str, "ip": str, "httpMethod": str}),
    MappedParser(_API_GATEWAY, {"requestId": str, "ip": str, "routeKey": str}),
    MappedParser(_API_GATEWAY, {"requestId": str, "ip": str, "connectionId": str}),
    MappedParser(_ECS, {"ecs_task_arn": str, "log": str}),
    MappedParser(_INSIGHT, {"eventType": "AwsCloudTrailInsight", "insightDetails": dict}),
)
"""In the order in which they are tried; two parsers of one format read two spellings of it."""
