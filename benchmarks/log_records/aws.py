"""Records of AWS as its services write them, whose times, ids, addresses and sizes vary.

Used by the benchmark of the parsers.
"""

from __future__ import annotations

import json
from random import Random

from .application import container_text
from .chance import address, hex_of, time_of


def alb(random: Random) -> str:
    """Return an access log line of an application load balancer."""
    trace, path = f"1-{hex_of(random, 8)}-{hex_of(random, 24)}", random.randrange(500)
    return (
        f"https {time_of(random)} app/shop/50dc6c495c0c9188 {address(random)}:{random.randrange(1024, 65535)}"
        f" {address(random)}:80 0.001 0.{random.randrange(1000):03d} 0.000 200 200 34 366"
        f' "GET https://shop.example.com:443/cart/{path} HTTP/1.1" "Mozilla/5.0 (X11; Linux x86_64)"'
        " ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2"
        " arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/cart/73e2d6bc24d8a067"
        f' "Root={trace}" "shop.example.com"'
        ' "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1'
        f' {time_of(random)} "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90'
    )


def nlb(random: Random) -> str:
    """Return an access log line of a network load balancer."""
    return (
        f"tls 2.0 {time_of(random)[:19]} net/edge/c6e77e28c25b2234 g3d4b5e8bb8464cd {address(random)}:51341"
        f" {address(random)}:443 5 2 {random.randrange(9999)} {random.randrange(9999)} -"
        " arn:aws:acm:us-east-2:671290407336:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99 - ECDHE-RSA-AES128-SHA"
        f' tlsv12 - edge-c6e7.elb.us-east-2.amazonaws.com h2 h2 "h2","http/1.1" {time_of(random)[:19]}'
    )


def s3_access(random: Random) -> str:
    """Return an access log line of a bucket."""
    key = f"a/{random.randrange(9999)}.pdf"
    return (
        f"{hex_of(random, 64)} bucket-{random.randrange(50)} [20/Nov/2026:10:00:{random.randrange(60):02d} +0000]"
        f' {address(random)} arn:aws:iam::123456789012:user/eve {hex_of(random, 16).upper()} REST.GET.OBJECT {key} "GET'
        f' /{key} HTTP/1.1" 200 - {random.randrange(9999)} {random.randrange(9999)} {random.randrange(99)} 7 "-"'
        f' "aws-sdk-go/1.44" - {hex_of(random, 32)} SigV4 ECDHE AuthHeader b.s3.us-west-1.amazonaws.com TLSv1.2 - -'
    )


def vpc_flow(random: Random) -> str:
    """Return a flow log line of version 2."""
    start = 1_795_168_800 + random.randrange(86_400)
    ports = f"{random.randrange(1024, 65535)} {random.choice((80, 443, 5432, 6379))}"
    return (
        f"2 123456789012 eni-{random.randrange(64):017x} {address(random)} {address(random)} {ports} 6"
        f" {random.randrange(1, 99)} {random.randrange(40, 99999)} {start} {start + 60} ACCEPT OK"
    )


def firewall_flow(random: Random) -> str:
    """Return a flow that a network firewall saw."""
    event = {
        "event_type": "netflow",
        "flow_id": random.getrandbits(48),
        "src_ip": address(random),
        "src_port": random.randrange(1024, 65535),
        "dest_ip": address(random),
        "dest_port": 443,
        "proto": "TCP",
        "app_proto": "tls",
        "netflow": {"pkts": random.randrange(99), "bytes": random.randrange(9999), "age": random.randrange(99)},
        "timestamp": time_of(random)[:26] + "+0000",
    }
    record = {
        "firewall_name": "edge",
        "availability_zone": "us-east-1a",
        "event_timestamp": "1795168800",
        "event": event,
    }
    return json.dumps(record, separators=(",", ":"))


def dns_query(random: Random) -> str:
    """Return a query that the resolver of a VPC answered."""
    record = {
        "version": "1.100000",
        "account_id": "123456789012",
        "region": "eu-west-1",
        "vpc_id": f"vpc-{random.randrange(8):017x}",
        "query_timestamp": time_of(random),
        "query_name": f"cart-{random.randrange(99)}.internal.",
        "query_type": "A",
        "rcode": "NOERROR",
        "answers": [{"Rdata": address(random), "Type": "A", "Class": "IN"}],
        "srcaddr": address(random),
        "srcids": {"instance": f"i-{random.randrange(64):017x}"},
    }
    return json.dumps(record, separators=(",", ":"))


def kubernetes_audit(random: Random) -> str:
    """Return a request to a Kubernetes API server."""
    record = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": hex_of(random, 32),
        "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/shop/pods/cart-{random.randrange(99)}",
        "verb": random.choice(("get", "list", "watch", "patch")),
        "user": {"username": f"system:node:{random.randrange(40)}", "groups": ["system:nodes"]},
        "sourceIPs": [address(random)],
        "userAgent": "kubelet/v1.31.0 (linux/amd64) kubernetes/abc",
        "objectRef": {"resource": "pods", "namespace": "shop", "name": f"cart-{random.randrange(99)}"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": time_of(random),
        "stageTimestamp": time_of(random),
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC"},
    }
    return json.dumps(record, separators=(",", ":"))


def cloudtrail(random: Random) -> str:
    """Return an event of CloudTrail."""
    role = f"role-{random.randrange(32)}"
    event = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA{hex_of(random, 16)}:session",
            "arn": f"arn:aws:sts::123456789012:assumed-role/{role}/session-{random.randrange(8)}",
            "accountId": "123456789012",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::123456789012:role/{role}", "userName": role},
                "attributes": {"creationDate": time_of(random), "mfaAuthenticated": "false"},
            },
        },
        "eventTime": time_of(random)[:19] + "Z",
        "eventSource": random.choice(("s3.amazonaws.com", "rds.amazonaws.com", "sts.amazonaws.com")),
        "eventName": random.choice(("GetObject", "DescribeDBInstances", "AssumeRole")),
        "awsRegion": "eu-west-1",
        "sourceIPAddress": address(random),
        "userAgent": "aws-sdk-go/1.44.0 (go1.19; linux; amd64)",
        "requestParameters": {"bucketName": f"bucket-{random.randrange(50)}", "key": f"a/{random.randrange(9999)}"},
        "responseElements": None,
        "additionalEventData": {"SignatureVersion": "SigV4", "bytesTransferredOut": random.randrange(9999)},
        "requestID": hex_of(random, 16),
        "eventID": hex_of(random, 32),
        "readOnly": True,
        "resources": [{"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::bucket-{random.randrange(50)}"}],
        "eventType": "AwsApiCall",
        "recipientAccountId": "123456789012",
        "eventCategory": "Data",
    }
    return json.dumps(event, separators=(",", ":"))


def lambda_report(random: Random) -> str:
    """Return a line of a function, half of them the runtime's."""
    request = f"{hex_of(random, 8)}-{hex_of(random, 4)}-{hex_of(random, 4)}-{hex_of(random, 4)}-{hex_of(random, 12)}"
    if random.random() < 0.5:
        return f"{time_of(random)}\t{request}\tINFO\torder {random.randrange(9999)} took {random.randrange(99)} ms"
    return f"REPORT RequestId: {request}\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMax Memory Used: 70 MB\t"


def waf(random: Random) -> str:
    """Return a verdict of a web ACL."""
    record = {
        "timestamp": 1_795_168_800_000 + random.randrange(86_400_000),
        "formatVersion": 1,
        "webaclId": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/ba65eb35",
        "terminatingRuleId": "Default_Action",
        "action": "ALLOW",
        "httpSourceName": "ALB",
        "httpRequest": {"clientIp": address(random), "uri": "/cart", "requestId": hex_of(random, 24)},
    }
    return json.dumps(record, separators=(",", ":"))


def container_line(random: Random) -> str:
    """Return Fluent Bit's record of a line of a container in EKS."""
    pod = f"cart-7c9d8b6f5d-{random.randrange(64):05d}"
    kubernetes = {"pod_name": pod, "namespace_name": "shop", "container_name": "server", "labels": {"app": "cart"}}
    row = {"time": time_of(random), "stream": "stdout", "log": container_text(random), "kubernetes": kubernetes}
    return json.dumps(row, separators=(",", ":"))
