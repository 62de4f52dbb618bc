"""One record per log format of AWS, written by hand from AWS's documentation, with the context that it needs."""

import json
from typing import Any

from tests.adapters import native_records as native
from tests.adapters.aws.attribute_of import in_group

ACCOUNT, REGION, AT = "012345678901", "eu-west-1", "2026-11-20T10:00:00Z"
AT_SECOND = 1_795_168_800
REQUEST = "6d2b9b3e-7a1c-4c1e-8d2f-000000000001"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:pay:1"

FLOW = f"2 {ACCOUNT} eni-0123456789abcdef0 10.0.0.9 10.0.0.1 49761 443 6 20 4249 {AT_SECOND} {AT_SECOND + 60} REJECT OK"
TRANSIT = (
    f"6 TransitGateway {ACCOUNT} tgw-0123456789abcdef0 - - - - - - - - - - - - 10.0.0.5 10.1.0.9 51000 443 6 10 4000"
    f" {AT_SECOND} {AT_SECOND + 60} OK IPv4 0 0 0 0 19 {REGION} egress - -"
)
ACCELERATOR = (
    f"2.0 {ACCOUNT} 99999999-aaaa-bbbb-cccc-dddddddddddd 203.0.113.9 4321 192.0.2.1 443 10.0.0.7 443 TCP IPV4 5 900"
    f" {AT_SECOND} {AT_SECOND + 10} ACCEPT OK"
)
CONNECTION = (
    "2026-11-20T10:00:00.514108Z 203.0.113.1 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036"
    ' "CN=shop,O=x" NotBefore=2026-09-21T22:43:21Z;NotAfter=2027-06-17T22:43:21Z FEF2 Failed:ClientCertExpired TID_3180'
)
CLOUDFRONT = native.CLOUDFRONT.replace("2019-12-04\t21:02:31", "2026-11-20\t10:00:00")
REAL_TIME = (
    f"{AT_SECOND}.250\t192.0.2.4\t0.002\t503\t1045\tGET\thttps\td111.cloudfront.net\t/cart\t55\tFRA56\treq-1==\tshop.example.com"
    "\t0.250\tHTTP/2.0\tIPv4\tcurl%2F8\t-\t-\tx=1\tError\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tError\t-\t-\ttext/html\t78"
)


def record(**fields: Any) -> str:
    return json.dumps(fields)


def event(**detail: Any) -> str:
    return record(
        **{"version": "0", "id": "9b", "detail-type": "ECS Task State Change", "source": "aws.ecs", "account": ACCOUNT},
        **{
            "time": AT,
            "region": REGION,
            "resources": [f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/prod/a"],
            "detail": detail,
        },
    )


def finding(**fields: Any) -> str:
    return record(updatedAt=AT, accountId=ACCOUNT, region=REGION, **fields)


RECORDS: dict[str, str] = {
    "aws.cloudtrail": native.cloudtrail(),
    "aws.cloudtrail.insight": record(
        eventType="AwsCloudTrailInsight",
        eventTime=AT,
        eventID="1",
        awsRegion=REGION,
        recipientAccountId=ACCOUNT,
        insightDetails={"eventName": "Run", "eventSource": "ec2.amazonaws.com", "insightType": "ApiCallRateInsight"},
    ),
    "aws.elb.alb": native.alb(),
    "aws.elb.nlb": native.NLB.replace("2020-04-01T08:51:42", "2026-11-20T10:00:00"),
    "aws.elb.clb": native.CLB.replace("2015-05-13T23:39:43", "2026-11-20T10:00:00"),
    "aws.elb.connection": CONNECTION,
    "aws.vpcflow": FLOW,
    "aws.tgwflow": TRANSIT,
    "aws.globalaccelerator": ACCELERATOR,
    "aws.s3access": native.S3_ACCESS.replace("06/Feb/2019:00:00:38", "20/Nov/2026:10:00:00"),
    "aws.cloudfront": CLOUDFRONT,
    "aws.route53_public": "1.0 2026-11-20T10:00:00.1Z Z123412341234 shop.example A NXDOMAIN UDP FRA6 192.0.2.1 -",
    "aws.route53_resolver": native.resolver(),
    "aws.waf": native.waf(timestamp=AT_SECOND * 1000),
    "aws.guardduty": finding(
        type="Recon:EC2/Portscan",
        severity=8,
        service={"serviceName": "guardduty"},
        title="t",
        arn="arn:aws:guardduty:eu-west-1:1:d/1",
    ),
    "aws.securityhub": record(
        SchemaVersion="2018-10-08",
        ProductArn="arn:aws:securityhub:eu-west-1::product/aws/x",
        Title="t",
        UpdatedAt=AT,
        AwsAccountId=ACCOUNT,
        Region=REGION,
        Id="arn:aws:securityhub:eu-west-1:1:finding/1",
        Severity={"Label": "HIGH"},
    ),
    "aws.networkfirewall": record(
        firewall_name="edge",
        availability_zone="eu-west-1a",
        event_timestamp=str(AT_SECOND),
        event={
            "event_type": "alert",
            "src_ip": "10.0.0.1",
            "src_port": 1,
            "dest_ip": "203.0.113.1",
            "dest_port": 443,
            "proto": "TCP",
            "timestamp": "2026-11-20T10:00:00.404578+0000",
            "alert": {"action": "blocked"},
        },
    ),
    "aws.inspector": record(
        findingArn="arn:aws:inspector2:eu-west-1:012345678901:finding/1",
        awsAccountId=ACCOUNT,
        severity="CRITICAL",
        type="PACKAGE_VULNERABILITY",
        title="CVE-2026-1",
        updatedAt=AT,
        packageVulnerabilityDetails={"vulnerabilityId": "CVE-2026-1"},
    ),
    "aws.macie": finding(
        schemaVersion="1.0",
        id="1",
        category="CLASSIFICATION",
        type="SensitiveData:S3Object/Credentials",
        severity={"description": "High"},
        resourcesAffected={"s3Bucket": {"arn": "arn:aws:s3:::b", "name": "b"}},
    ),
    "aws.accessanalyzer": finding(
        analyzedAt=AT, resourceType="AWS::S3::Bucket", resource="arn:aws:s3:::b", isPublic=True, id="1", status="ACTIVE"
    ),
    "aws.eks.audit": native.kubernetes_audit(stageTimestamp=AT),
    "aws.bedrock": record(
        timestamp=AT,
        accountId=ACCOUNT,
        region=REGION,
        requestId=REQUEST,
        operation="InvokeModel",
        modelId="m",
        errorCode="ThrottlingException",
        input={"inputTokenCount": 7},
        output={"outputTokenCount": 9},
    ),
    "aws.apigateway.access": record(
        requestId=REQUEST,
        ip="192.0.2.1",
        httpMethod="GET",
        resourcePath="/cart",
        status="502",
        requestTimeEpoch=AT_SECOND * 1000,
        responseLatency="120",
        apiId="a1b2",
        xrayTraceId="1-58337281-1d84f3d73c47ec4e58577259",
    ),
    "aws.ecs": record(
        container_name="cart",
        ecs_task_arn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/prod/a",
        ecs_cluster="prod",
        log="ERROR no",
        source="stderr",
        date=1.795168800848186957e9,
        ecs_task_definition="cart:7",
        container_id="c",
    ),
    "aws.stepfunctions": record(
        id="4",
        type="TaskFailed",
        previous_event_id="3",
        event_timestamp=str(AT_SECOND * 1000),
        execution_arn=EXECUTION,
        details={"error": "States.Timeout", "cause": "late"},
    ),
    "aws.sns": record(
        notification={
            "messageId": "m",
            "topicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:orders",
            "timestamp": "2026-11-20 10:00:00.123",
        },
        delivery={
            "destination": "https://shop.example.com/hook",
            "statusCode": 500,
            "dwellTimeMs": 100,
            "providerResponse": "no",
        },
        status="FAILURE",
    ),
    "aws.appsync": record(
        logType="RequestSummary", requestId=REQUEST, graphQLAPIId="g", statusCode=500, latency=242000000, requestTime=AT
    ),
    "aws.iot": record(
        timestamp="2026-11-20 10:00:00.123",
        logLevel="ERROR",
        traceId="t",
        accountId=ACCOUNT,
        status="Failure",
        eventType="Connect",
        protocol="MQTT",
        clientId="c",
        principalId="p",
        sourceIp="192.0.2.1",
        sourcePort=1,
        reason="AUTHORIZATION_FAILURE",
    ),
    "aws.clientvpn": record(
        **{
            "connection-log-type": "connection-attempt",
            "connection-attempt-status": "failed",
            "client-vpn-endpoint-id": "cvpn-1",
            "connection-attempt-failure-reason": "authentication-failed",
            "connection-start-time": "2026-11-20 10:00:00",
            "username": "eve",
            "device-ip": "192.0.2.1",
        }
    ),
    "aws.elasticache": record(
        CacheClusterId="carts-001",
        CacheNodeId="0001",
        Id=1,
        Timestamp=AT_SECOND,
        Duration=12500,
        Command="KEYS *",
        ClientAddress="10.0.0.1:4444",
        ClientName="",
    ),
    "aws.cognito": record(
        eventTimestamp=str(AT_SECOND * 1000),
        eventSource="USER_NOTIFICATION",
        logLevel="ERROR",
        userPoolId="eu-west-1_a",
        message={"details": "No sms role"},
        eventId="1",
    ),
    "aws.config": record(
        configurationItemCaptureTime=AT,
        resourceType="AWS::EC2::Instance",
        awsAccountId=ACCOUNT,
        awsRegion=REGION,
        ARN=f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1",
        resourceId="i-1",
        configurationItemStatus="OK",
    ),
    "aws.rds": native.POSTGRES,
    "aws.lambda": f"{AT}\t{REQUEST}\tERROR\tno stock",
    "aws.eventbridge": event(lastStatus="STOPPED", stoppedReason="OutOfMemory", stopCode="EssentialContainerExited"),
    "aws.apigateway.execution": f"({REQUEST}) Method completed with status: 502",
}
"""Format to a record of it."""

GROUPS = {
    "aws.lambda": "/aws/lambda/cart",
    "aws.apigateway.execution": "API-Gateway-Execution-Logs_a1b2c3/prod",
    "aws.rds": "/aws/rds/instance/orders/postgresql",
}
"""Log groups of formats that only their group tells."""


def context_of(name: str) -> dict[str, Any] | None:
    return in_group(GROUPS[name]) if name in GROUPS else None
