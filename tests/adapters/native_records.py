"""One native record per log format, written by hand from the providers' documentation."""

import json
from typing import Any

TRACE = "0af7651916cd43dd8448eb211c80319c"
SUBSCRIPTION = "/SUBSCRIPTIONS/0B1F6471-1BF0-4DDA-AEC3-CB9272F09590/RESOURCEGROUPS/SHOP"


def cloudtrail(**fields: Any) -> str:
    event = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::111111111111:assumed-role/deploy/run-7",
            "accountId": "111111111111",
            "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111111111111:role/deploy", "userName": "deploy"}},
        },
        "eventTime": "2026-11-20T10:00:00Z",
        "eventSource": "rds.amazonaws.com",
        "eventName": "ModifyDBInstance",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "terraform",
        "requestParameters": {"dBInstanceIdentifier": "orders", "dBParameterGroupName": "tuned"},
        "responseElements": {"dBSubnetGroup": {"vpcId": "vpc-0123456789abcdef0"}},
        "requestID": "1e1d9c4a",
        "eventID": "6ba1cfa3-8c6c-4b3c-9f0e-0c1c1f9f6a01",
        "recipientAccountId": "012345678901",
    }
    return json.dumps({**event, **fields})


def alb(
    *,
    request: str = "GET https://shop.example.com:443/cart HTTP/1.1",
    tail: str = "",
    code: str = "502",
    trace: str = "",
) -> str:
    trace = trace or "Root=1-58337262-36d228ad5d99923122bbe354"
    return (
        "https 2026-11-20T10:00:00.186641Z app/shop/50dc6c495c0c9188 192.0.2.9:2817 10.0.0.1:80 0.001 0.500 0.002"
        f' {code} 502 34 366 "{request}" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'
        " arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/cart/73e2d6bc24d8a067"
        f' "{trace}" "shop.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/1234" 0'
        ' 2026-11-20T09:59:59.364000Z "forward" "-" "-" "10.0.0.1:80" "502" "-" "-"' + tail
    )


NLB = (
    "tls 2.0 2020-04-01T08:51:42 net/edge/c6e77e28c25b2234 g3d4b5e8bb8464cd 192.0.2.154:51341 172.100.100.185:443 5 2"
    " 98 246 - arn:aws:acm:us-east-2:671290407336:certificate/2a108f19 - ECDHE-RSA-AES128-SHA tlsv12 -"
    ' edge-c6e77e28c25b2234.elb.us-east-2.amazonaws.com h2 h2 "h2","http/1.1" 2020-04-01T08:51:20'
)
CLB = (
    "2015-05-13T23:39:43.945958Z classic 192.0.2.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29"
    ' "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -'
)
FLOW = (
    "2 123456789010 eni-0123456789abcdef0 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK"
)
S3_ACCESS = (
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be invoices [06/Feb/2019:00:00:38 +0000] 192.0.2.3"
    " arn:aws:iam::123456789012:user/eve 3E57427F3EXAMPLE REST.GET.OBJECT a/b.pdf"
    ' "GET /invoices/a/b.pdf?x=1 HTTP/1.1" 403 AccessDenied 113 - 7 - "-" "S3Console/0.4 "x" y" -'
    " s9lzHYrFp76ZVxRcpX9= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader invoices.s3.us-west-1.amazonaws.com TLSV1.2 - -"
)
CLOUDFRONT = (
    "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t502\t-\tMozilla/5.0"
    "\t-\t-\tError\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\tshop.example.com\thttps\t23\t0.250\t-"
    "\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tError\tHTTP/2.0\t-\t-\t11040\t0.001\tOriginCommError\ttext/html\t78\t-\t-"
)
POSTGRES = (
    '2026-11-20 10:00:00 UTC:10.0.0.1(52834):app@shop:[20175]:ERROR: relation "carts" does not exist at character 8'
)


def waf(**fields: Any) -> str:
    record = {
        "timestamp": 1_795_168_800_123,
        "formatVersion": 1,
        "webaclId": "arn:aws:wafv2:us-east-1:012345678901:global/webacl/shop/ba65eb35",
        "terminatingRuleId": "Default_Action",
        "action": "BLOCK",
        "httpSourceName": "CF",
        "httpSourceId": "E13XOUZ3C0STES",
        "httpRequest": {"clientIp": "192.0.2.1", "uri": "/", "httpMethod": "GET", "requestId": "a-1"},
    }
    return json.dumps({**record, **fields})


def resolver(**fields: Any) -> str:
    record = {
        "version": "1.100000",
        "account_id": "012345678901",
        "region": "eu-west-1",
        "vpc_id": "vpc-0123456789abcdef0",
        "query_timestamp": "2026-11-20T10:00:00Z",
        "query_name": "pay.internal.",
        "query_type": "A",
        "rcode": "NXDOMAIN",
        "srcaddr": "10.0.0.1",
        "srcids": {"instance": "i-0123456789abcdef0"},
    }
    return json.dumps({**record, **fields})


def kubernetes_audit(**fields: Any) -> str:
    record = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "auditID": "1",
        "verb": "patch",
        "user": {"username": "system:admin"},
        "objectRef": {"resource": "deployments", "namespace": "shop", "name": "pay"},
        "responseStatus": {"code": 403, "reason": "Forbidden"},
        "stageTimestamp": "2026-11-20T10:00:00.123456Z",
    }
    return json.dumps({**record, **fields})


def activity(**fields: Any) -> str:
    record = {
        "time": "2026-11-20T10:00:00.1234567Z",
        "resourceId": f"{SUBSCRIPTION}/PROVIDERS/MICROSOFT.SQL/SERVERS/ORDERS",
        "operationName": "MICROSOFT.SQL/SERVERS/WRITE",
        "category": "Administrative",
        "resultType": "Failure",
        "resultSignature": "Failed.Conflict",
        "durationMs": "12",
        "callerIpAddress": "198.51.100.7",
        "level": "Error",
        "location": "global",
        "properties": {"statusMessage": '{"error":{"code":"ServerBusy","message":"no"}}'},
    }
    return json.dumps({**record, **fields})


def diagnostics(category: str, provider: str = "MICROSOFT.WEB/SITES/SHOP", **fields: Any) -> str:
    record = {
        "time": "2026-11-20T10:00:00.1234567Z",
        "resourceId": f"{SUBSCRIPTION}/PROVIDERS/{provider}",
        "category": category,
        "operationName": "Do",
    }
    return json.dumps({**record, **fields})


def app_row(table: str, **fields: Any) -> str:
    row = {
        "TimeGenerated": "2026-11-20T10:00:00.1234567Z",
        "Type": table,
        "_ResourceId": "/subscriptions/0/resourcegroups/g/providers/microsoft.insights/components/shop",
        "_ItemId": f"item-{table}",
        "AppRoleName": "cart",
        "OperationId": TRACE,
        "ParentId": "00f067aa0ba902b7",
    }
    return json.dumps({**row, **fields})


def entry(kind: str, log: str, resource_labels: dict[str, str] | None = None, **fields: Any) -> str:
    record = {
        "insertId": "b0a1c812",
        "logName": f"projects/shop-prod/logs/{log}",
        "resource": {"type": kind, "labels": {"project_id": "shop-prod", **(resource_labels or {})}},
        "timestamp": "2026-11-20T10:00:00.123456789Z",
        "receiveTimestamp": "2026-11-20T10:00:01Z",
    }
    return json.dumps({**record, **fields})


def gcp_audit(**fields: Any) -> str:
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "cloudsql.googleapis.com",
        "methodName": "cloudsql.instances.update",
        "resourceName": "projects/8560181848/instances/orders",
        "authenticationInfo": {"principalEmail": "Eve@example.com"},
        "requestMetadata": {"callerIp": "198.51.100.7"},
        "request": {"network": "projects/shop-prod/global/networks/main"},
    }
    labels = {"database_id": "shop-prod:orders", "region": "europe-west4"}
    log = "cloudaudit.googleapis.com%2Factivity"
    return entry("cloudsql_database", log, labels, severity="NOTICE", protoPayload={**payload, **fields})


def gcp_request(**fields: Any) -> str:
    request = {"requestMethod": "GET", "status": 502, "latency": "0.051s", "requestSize": "29", "responseSize": "780"}
    labels = {"url_map_name": "shop", "backend_service_name": "cart", "zone": "global"}
    told: dict[str, Any] = {
        "httpRequest": request,
        "jsonPayload": {"statusDetails": "backend_timeout"},
        "trace": f"projects/shop-prod/traces/{TRACE}",
        "spanId": "2703176114609722884",
    }
    return entry("http_load_balancer", "requests", labels, **{**told, **fields})


def run_line(text: str = "ERROR no stock", **fields: Any) -> str:
    labels = {"service_name": "cart", "location": "europe-west4", "revision_name": "cart-00042"}
    return entry("cloud_run_revision", "run.googleapis.com%2Fstdout", labels, textPayload=text, **fields)


EXAMPLES: dict[str, str] = {
    "aws.cloudtrail": cloudtrail(),
    "aws.elb.alb": alb(),
    "aws.elb.nlb": NLB,
    "aws.elb.clb": CLB,
    "aws.vpcflow": FLOW,
    "aws.s3access": S3_ACCESS,
    "aws.cloudfront": CLOUDFRONT,
    "aws.rds": POSTGRES,
    "aws.lambda": "REPORT RequestId: 8f5f8d5e-7a1c-4c1e-8d2f-000000000001\tDuration: 12.50 ms\tMemory Size: 128 MB",
    "aws.waf": waf(),
    "aws.route53_resolver": resolver(),
    "aws.eks.audit": kubernetes_audit(),
    "azure.activity": activity(),
    "azure.appinsights": app_row("AppRequests", Id="1111111111111111", Name="GET /", ResultCode="500", Success=False),
    "azure.signin": diagnostics("SignInLogs", "MICROSOFT.AADIAM", resultType="50126", Level=4),
    "azure.appgateway": diagnostics(
        "ApplicationGatewayAccessLog", "MICROSOFT.NETWORK/APPLICATIONGATEWAYS/EDGE", properties={"httpStatus": 502}
    ),
    "azure.frontdoor": diagnostics(
        "FrontDoorAccessLog", "MICROSOFT.CDN/PROFILES/EDGE", properties={"timeTaken": "0.035"}
    ),
    "azure.appservice": diagnostics("AppServiceHTTPLogs", properties='{"ScStatus": 503, "TimeTaken": 25}'),
    "azure.functionapp": diagnostics("FunctionAppLogs", properties={"levelId": 4, "message": "boom"}),
    "azure.storage": diagnostics("StorageRead", "MICROSOFT.STORAGE/STORAGEACCOUNTS/X", statusCode=404, durationMs=7),
    "azure.aks": diagnostics("kube-apiserver", properties={"log": "E0417 12:00:00.1 1 a.go:1] no", "pod": "p"}),
    "azure.generic": diagnostics("SomethingNew", level="Warning", properties={"message": "odd"}),
    "gcp.audit": gcp_audit(),
    "gcp.loadbalancer": gcp_request(),
    "gcp.cloudrun": run_line(),
    "gcp.dns": entry(
        "dns_query", "dns.googleapis.com%2Fdns_queries", jsonPayload={"responseCode": "NXDOMAIN", "serverLatency": 4}
    ),
    "gcp.vpcflow": entry(
        "gce_subnetwork",
        "compute.googleapis.com%2Fvpc_flows",
        {"subnetwork_name": "main", "location": "us-central1"},
        jsonPayload={"connection": {"src_ip": "10.0.0.1", "dest_ip": "10.0.0.2"}},
    ),
    "gcp.generic": entry("global", "own", jsonPayload={"message": "hello", "severity": "INFO"}),
    "app.json": json.dumps({"ts": 1_795_168_800.5, "level": "error", "msg": "no stock", "service": "cart"}),
    "app.text": "2026-11-20 10:00:00,5 ERROR c.shop.Cart no stock",
}
"""Format to a record of it."""
