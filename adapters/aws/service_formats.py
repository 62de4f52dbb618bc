"""The JSON logs of AWS's application and network services, as tables.

See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html,
https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html, https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html,
https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html, https://docs.aws.amazon.com/iot/latest/developerguide/cwl-format.html,
https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-with-connection-logs.html,
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html and
https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html.
"""

from __future__ import annotations

from typing import Final

from ...domain.events import PeerRole
from .json_format import json_format

_GOOD: Final = frozenset(
    {"ALLOW", "COUNT", "NOERROR", "OK", "pass", "SUCCESS", "success", "Success", "successful", "NA"}
)

_RESOLVER: Final = json_format(
    {"query_timestamp": str, "query_name": str, "rcode": str},
    format="aws.route53_resolver",
    time=("query_timestamp",),
    name=("query_type",),
    service_name="route53resolver",
    account=("account_id",),
    region=("region",),
    resource=("vpc_id",),
    error=("rcode",),
    successes=_GOOD,
    peer=("query_name",),
    peer_role=PeerRole.NONE,
    names=("srcids.instance", "srcids.resolver_endpoint", "srcids.resolver-endpoint", "vpc_id"),
    attributes={
        "query_name": "dns.question.name",
        "query_type": "dns.question.type",
        "rcode": "dns.response_code",
        "srcaddr": "source.address",
        "srcport": "source.port",
        "transport": "network.transport",
        "srcids.instance": "host.id",
        "vpc_id": "aws.vpc.id",
    },
)

_BEDROCK: Final = json_format(
    {"modelId": str, "operation": str, "requestId": str, "accountId": str},
    format="aws.bedrock",
    time=("timestamp",),
    record_id="requestId",
    name=("operation",),
    service_name="bedrock",
    account=("accountId",),
    region=("region",),
    resource=("modelId",),
    error=("errorCode",),
    duration=("output.outputBodyJson.metrics.latencyMs",),
    names=("identity.arn",),
    attributes={
        "requestId": "aws.request_id",
        "modelId": "gen_ai.request.model",
        "operation": "gen_ai.operation.name",
        "identity.arn": "user.id",
        "errorCode": "error.type",
        "input.inputTokenCount": "gen_ai.usage.input_tokens",
        "output.outputTokenCount": "gen_ai.usage.output_tokens",
    },
)

_INSIGHT: Final = json_format(
    {"eventType": "AwsCloudTrailInsight", "insightDetails": dict},
    format="aws.cloudtrail.insight",
    time=("eventTime",),
    record_id="eventID",
    name=("insightDetails.eventName",),
    service=("insightDetails.eventSource",),
    account=("recipientAccountId",),
    region=("awsRegion",),
    error=("insightDetails.errorCode",),
    attributes={
        "insightDetails.eventName": "rpc.method",
        "insightDetails.eventSource": "aws.event_source",
        "insightDetails.insightType": "aws.insight_details.insightType",
        "insightDetails.state": "aws.insight_details.state",
        "sharedEventID": "aws.shared_event_id",
        "eventCategory": "aws.event.category",
        "eventType": "aws.event.type",
    },
    prefix="aws.cloudtrail",
)

_STEP_FUNCTIONS: Final = json_format(
    {"execution_arn": str, "event_timestamp": str, "type": str},
    format="aws.stepfunctions",
    time=("event_timestamp",),
    time_unit="ms",
    name=("type",),
    service_name="states",
    resource=("execution_arn",),
    error=("details.error", "details.cause"),
    names=("details.resource", "details.parameters.FunctionName"),
    attributes={"execution_arn": "aws.step_functions.execution.arn", "details.roleArn": "user.id"},
)

_SNS: Final = json_format(
    {"notification.messageId": str, "delivery": dict, "status": frozenset({"SUCCESS", "FAILURE"})},
    format="aws.sns",
    time=("notification.timestamp",),
    name=("status",),
    service_name="sns",
    resource=("notification.topicArn",),
    status=("delivery.statusCode",),
    error=("delivery.providerResponse",),
    level=("status",),
    severities={"SUCCESS": 9, "FAILURE": 17},
    duration=("delivery.dwellTimeMs",),
    peer=("delivery.destination",),
    names=("delivery.destination",),
    attributes={
        "notification.messageId": "messaging.message.id",
        "notification.topicArn": "aws.sns.topic.arn",
        "delivery.destination": "messaging.destination.name",
        "delivery.statusCode": "http.response.status_code",
    },
)

_APPSYNC: Final = json_format(
    {"logType": str, "requestId": str, "graphQLAPIId": str},
    format="aws.appsync",
    time=("requestTime", "startTime", "timestamp"),
    name=("operationName", "fieldName", "logType"),
    service=("graphQLAPIId",),
    status=("statusCode",),
    error=("errors.0.errorType", "errorType"),
    duration=("latency", "duration"),
    duration_unit="ns",
    trace=("traceId",),
    attributes={
        "requestId": "aws.request_id",
        "statusCode": "http.response.status_code",
        "operationName": "graphql.operation.name",
    },
)

_IOT: Final = json_format(
    {"eventType": str, "logLevel": str, "accountId": str, "timestamp": str},
    format="aws.iot",
    time=("timestamp",),
    name=("eventType",),
    service_name="iot",
    account=("accountId",),
    level=("logLevel",),
    error=("reason", "details"),
    resource=("principalId",),
    names=("clientId", "topicName"),
    attributes={
        "sourceIp": "client.address",
        "sourcePort": "client.port",
        "protocol": "network.protocol.name",
        "topicName": "messaging.destination.name",
        "clientId": "messaging.client.id",
        "principalId": "user.id",
        "traceId": "aws.iot.trace_id",
    },
)

_CLIENT_VPN: Final = json_format(
    {"connection-log-type": str, "client-vpn-endpoint-id": str},
    format="aws.clientvpn",
    time=(
        "connection-attempt-status-time",
        "connection-end-time",
        "connection-last-update-time",
        "connection-start-time",
    ),
    name=("connection-log-type",),
    service_name="clientvpn",
    resource=("client-vpn-endpoint-id",),
    error=("connection-attempt-failure-reason",),
    successes=_GOOD,
    names=("client-vpn-endpoint-id",),
    attributes={
        "device-ip": "client.address",
        "client-ip": "source.address",
        "username": "user.name",
        "connection-id": "network.connection.id",
        "ingress-bytes": "aws.clientvpn.ingress.bytes",
        "egress-bytes": "aws.clientvpn.egress.bytes",
    },
)

_ELASTICACHE: Final = json_format(
    {"CacheClusterId": str, "CacheNodeId": str},
    format="aws.elasticache",
    time=("Timestamp", "Time"),
    name=("Command", "Role"),
    service=("CacheClusterId",),
    level=("LogLevel",),
    severities={"DEBUG": 5, "VERBOSE": 5, "NOTICE": 10, "WARNING": 13},
    duration=("Duration",),
    duration_unit="us",
    message=("Message",),
    resource=("CacheClusterId",),
    peer=("ClientAddress",),
    peer_role=PeerRole.CALLER,
    attributes={
        "CacheClusterId": "aws.elasticache.cluster.id",
        "CacheNodeId": "aws.elasticache.node.id",
        "Command": "db.query.text",
        "ClientName": "db.client.name",
        "Message": "log.record.body",
    },
)

_COGNITO: Final = json_format(
    {"userPoolId": str, "eventSource": "USER_NOTIFICATION", "message": dict},
    format="aws.cognito",
    time=("eventTimestamp",),
    name=("eventType",),
    service_name="cognito-idp",
    resource=("userPoolId",),
    level=("logLevel",),
    message=("message.details",),
    record_id="eventId",
)

_CONFIG: Final = json_format(
    {"configurationItemCaptureTime": str, "resourceType": str, "awsAccountId": str},
    format="aws.config",
    time=("configurationItemCaptureTime",),
    name=("resourceType",),
    service_name="config",
    account=("awsAccountId",),
    region=("awsRegion",),
    resource=("ARN", "arn", "resourceId"),
    names=("resourceId", "resourceName"),
    attributes={"availabilityZone": "cloud.availability_zone", "configurationItemStatus": "aws.config.status"},
)

_CONFIG_NOTICE: Final = json_format(
    {"messageType": str, "configurationItem": dict, "recordVersion": str},
    format="aws.config",
    time=("notificationCreationTime", "configurationItem.configurationItemCaptureTime"),
    name=("messageType",),
    service_name="config",
    account=("configurationItem.awsAccountId",),
    region=("configurationItem.awsRegion",),
    resource=("configurationItem.ARN", "configurationItem.arn", "configurationItem.resourceId"),
    names=("configurationItem.resourceId",),
)

SERVICE_PARSERS: Final = (
    _RESOLVER,
    _BEDROCK,
    _INSIGHT,
    _STEP_FUNCTIONS,
    _SNS,
    _APPSYNC,
    _IOT,
    _CLIENT_VPN,
    _ELASTICACHE,
    _COGNITO,
    _CONFIG,
    _CONFIG_NOTICE,
)
