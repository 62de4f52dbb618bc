"""Measure the parsers of log formats on one core, and print entries a second per format.

    python benchmarks/parsers.py [FORMAT...] [--count N]

Each format's records are made from one hand-written example whose times, ids, addresses and sizes vary. `parser` is the
parser alone; `pipeline` adds redaction and recognition. Garbage is collected as rarely as `ingest` does. Rates are per
second of this process's CPU time.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from time import process_time

from cloudledger.adapters.committing import COLLECT_AFTER
from cloudledger.adapters.envelope import Envelope
from cloudledger.adapters.parser import Sample
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records, decode_context
from cloudledger.adapters.registry import Registry
from cloudledger.domain.columns import StringColumn

CHUNK = 8192


def hex_of(random: Random, digits: int) -> str:
    """Return random hexadecimal digits."""
    return f"{random.getrandbits(4 * digits):0{digits}x}"


def address(random: Random) -> str:
    """Return one of a few thousand addresses."""
    return f"10.{random.randrange(8)}.{random.randrange(16)}.{random.randrange(32)}"


def time_of(random: Random) -> str:
    """Return a time of one day."""
    hour, minute, second = random.randrange(24), random.randrange(60), random.randrange(60)
    return f"2026-11-20T{hour:02d}:{minute:02d}:{second:02d}.{random.randrange(10**6):06d}Z"


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


def vpc_flow(random: Random) -> str:
    """Return a flow log line of version 2."""
    start = 1_795_168_800 + random.randrange(86_400)
    ports = f"{random.randrange(1024, 65535)} {random.choice((80, 443, 5432, 6379))}"
    return (
        f"2 123456789012 eni-{random.randrange(64):017x} {address(random)} {address(random)} {ports} 6"
        f" {random.randrange(1, 99)} {random.randrange(40, 99999)} {start} {start + 60} ACCEPT OK"
    )


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


def gcp_entry(random: Random, kind: str, labels: dict[str, str], log: str, **fields: object) -> str:
    """Return an entry of Cloud Logging."""
    entry = {
        "insertId": hex_of(random, 12),
        "logName": f"projects/shop/logs/{log}",
        "resource": {"type": kind, "labels": {"project_id": "shop", **labels}},
        "timestamp": time_of(random),
        "receiveTimestamp": time_of(random),
        "severity": "INFO",
        **fields,
    }
    return json.dumps(entry, separators=(",", ":"))


def gcp_audit(random: Random) -> str:
    """Return an audit log entry."""
    instance = f"projects/shop/zones/europe-west4-a/instances/vm-{random.randrange(200)}"
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "authenticationInfo": {"principalEmail": f"user{random.randrange(40)}@example.com"},
        "authorizationInfo": [{"granted": True, "permission": "compute.instances.get", "resource": instance}],
        "methodName": "v1.compute.instances.get",
        "requestMetadata": {"callerIp": address(random), "callerSuppliedUserAgent": "google-cloud-sdk gcloud/450.0.0"},
        "resourceName": instance,
        "serviceName": "compute.googleapis.com",
        "status": {},
    }
    labels = {"instance_id": str(random.randrange(200)), "zone": "europe-west4-a"}
    return gcp_entry(random, "gce_instance", labels, "cloudaudit.googleapis.com%2Factivity", protoPayload=payload)


def gcp_load_balancer(random: Random) -> str:
    """Return a request of a Google Cloud load balancer."""
    request = {
        "requestMethod": "GET",
        "requestUrl": f"https://shop.example.com/cart/{random.randrange(500)}",
        "requestSize": str(random.randrange(999)),
        "responseSize": str(random.randrange(9999)),
        "status": 200,
        "latency": f"0.{random.randrange(10**6):06d}s",
        "remoteIp": address(random),
        "serverIp": address(random),
    }
    labels = {"url_map_name": "shop", "backend_service_name": f"cart-{random.randrange(8)}", "zone": "global"}
    return gcp_entry(
        random,
        "http_load_balancer",
        labels,
        "requests",
        httpRequest=request,
        jsonPayload={"statusDetails": "response_sent_by_backend"},
        trace=f"projects/shop/traces/{hex_of(random, 32)}",
        spanId=hex_of(random, 16),
    )


def cloud_run(random: Random) -> str:
    """Return a line of a Cloud Run service."""
    labels = {"service_name": f"cart-{random.randrange(8)}", "location": "europe-west4"}
    text = f"INFO order {random.randrange(9999)} took {random.randrange(99)} ms"
    return gcp_entry(random, "cloud_run_revision", labels, "run.googleapis.com%2Fstdout", textPayload=text)


def azure_activity(random: Random) -> str:
    """Return a record of the activity log."""
    group = f"/SUBSCRIPTIONS/11111111-1111-1111-1111-111111111111/RESOURCEGROUPS/G{random.randrange(9)}"
    record = {
        "time": time_of(random),
        "resourceId": f"{group}/PROVIDERS/MICROSOFT.SQL/SERVERS/DB{random.randrange(50)}",
        "operationName": "MICROSOFT.SQL/SERVERS/WRITE",
        "category": "Administrative",
        "resultType": "Success",
        "resultSignature": "Succeeded.",
        "durationMs": "0",
        "callerIpAddress": address(random),
        "correlationId": hex_of(random, 32),
        "identity": {"claims": {"name": f"user{random.randrange(40)}"}},
        "level": "Information",
        "properties": {"statusCode": "OK", "entity": f"{group}/providers/Microsoft.Sql/servers/db"},
    }
    return json.dumps(record, separators=(",", ":"))


def app_request(random: Random) -> str:
    """Return a row of AppRequests."""
    row = {
        "TimeGenerated": time_of(random),
        "Type": "AppRequests",
        "_ResourceId": "/subscriptions/1/resourcegroups/g/providers/microsoft.insights/components/shop",
        "AppRoleName": f"cart-{random.randrange(8)}",
        "OperationId": hex_of(random, 32),
        "Id": hex_of(random, 16),
        "ParentId": hex_of(random, 16),
        "Name": "GET /cart",
        "ResultCode": "200",
        "Success": True,
        "DurationMs": random.randrange(999),
    }
    return json.dumps(row, separators=(",", ":"))


def app_json(random: Random) -> str:
    """Return a line of a structured application log."""
    line = {
        "timestamp": time_of(random),
        "level": random.choice(("info", "info", "info", "warn", "error")),
        "service": f"cart-{random.randrange(8)}",
        "message": f"order {random.randrange(9999)} took {random.randrange(99)} ms",
        "trace_id": hex_of(random, 32),
        "span_id": hex_of(random, 16),
        "http": {"method": "GET", "status": 200},
    }
    return json.dumps(line, separators=(",", ":"))


def app_text(random: Random) -> str:
    """Return a line of a plain application log."""
    return f"{time_of(random)} INFO c.shop.Cart order {random.randrange(9999)} took {random.randrange(99)} ms"


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


EXAMPLES: dict[str, Callable[[Random], str]] = {
    "aws.elb.alb": alb,
    "aws.elb.nlb": nlb,
    "aws.s3access": s3_access,
    "aws.vpcflow": vpc_flow,
    "aws.networkfirewall": firewall_flow,
    "aws.route53_resolver": dns_query,
    "aws.eks.audit": kubernetes_audit,
    "aws.cloudtrail": cloudtrail,
    "aws.lambda": lambda_report,
    "aws.waf": waf,
    "azure.activity": azure_activity,
    "azure.appinsights": app_request,
    "gcp.audit": gcp_audit,
    "gcp.loadbalancer": gcp_load_balancer,
    "gcp.cloudrun": cloud_run,
    "app.json": app_json,
    "app.text": app_text,
}


CONTEXTS = {"aws.lambda": '{"envelope":"aws.cloudwatch_logs","owner":"123456789012","logGroup":"/aws/lambda/cart"}'}
"""What the envelope of a format says, where recognition needs it."""


def chunks_of(name: str, bodies: Sequence[bytes]) -> list[Records]:
    """Return the records of a format in chunks, as a source gives them."""
    plain = [Records.of(bodies[at : at + CHUNK], Origin("bench.log")) for at in range(0, len(bodies), CHUNK)]
    context = CONTEXTS.get(name, "")
    return [replace(chunk, context=StringColumn.constant(context, len(chunk))) for chunk in plain]


def rate(work: Callable[[Records], object], chunks: Sequence[Records]) -> float:
    """Return records a second of CPU time; the first chunk warms the memos."""
    work(chunks[0])
    gc.set_threshold(COLLECT_AFTER)
    started = process_time()
    for chunk in chunks:
        work(chunk)
    return sum(map(len, chunks)) / (process_time() - started)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure the parsers of log formats.")
    options.add_argument("formats", nargs="*", metavar="FORMAT")
    options.add_argument("--count", type=int, default=4 * CHUNK, help="records per format")
    told = options.parse_args(arguments)
    print(f"{'format':20} {'bytes':>6} {'parser/s':>10} {'pipeline/s':>11}")
    for name, example in EXAMPLES.items():
        if told.formats and name not in told.formats:
            continue
        random = Random(7)
        bodies = [example(random).encode() for _ in range(told.count)]
        chunks = chunks_of(name, bodies)
        found = Registry().route(Sample(bodies[-1], decode_context(CONTEXTS.get(name, "")), chunks[0].origin))
        if isinstance(found, Envelope) or found.format != name:
            raise SystemExit(f"{name} is taken for another format: {found}")
        size = sum(map(len, bodies)) // len(bodies)
        parser, pipeline = rate(found.parse, chunks), rate(Pipeline().parse, chunks)
        print(f"{name:20} {size:6} {parser:10,.0f} {pipeline:11,.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
