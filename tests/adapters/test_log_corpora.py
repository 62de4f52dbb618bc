"""Real logs of three clouds: every record becomes an event of its format, and only what is truly broken is rejected."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloudledger.adapters.files.framing import frame
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import StringColumn
from cloudledger.domain.events import Flag, Kind

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "logs"

NATIVE = {
    "azure-flow-native/nsg_v1_msdocs.json": "azure.nsgflow",
    "azure-flow-native/vnet_v4_msdocs.json": "azure.vnetflow",
    "gcpdiag/gcp_audit/entries.jsonl": "gcp.audit",
    "gcpdiag/gcp_cloud_functions/entries.jsonl": "gcp.functions",
    "gcpdiag/gcp_gce_serialconsole/entries.jsonl": "gcp.gce",
    "gcpdiag/gcp_healthchecks/entries.jsonl": "gcp.healthcheck",
    "gcpdiag/gcp_router_events/entries.jsonl": "gcp.router",
    "opensearch-catalog/aws_cloudfront/raw.log": "aws.cloudfront",
    "opensearch-catalog/aws_cloudtrail/raw-sample.json": "aws.cloudtrail",
    "opensearch-catalog/aws_elb_alb/raw.log": "aws.elb.alb",
    "opensearch-catalog/aws_network_firewall/sample.json": "aws.networkfirewall",
    "opensearch-catalog/aws_rds_postgresql/raw.log": "aws.rds",
    "opensearch-catalog/aws_s3_access/raw.log": "aws.s3access",
    "opensearch-catalog/aws_waf/raw.log": "aws.waf",
    "otel-contrib/aws_cloudtrail/cloudtrail_log_cw.json": "aws.cloudtrail",
    "otel-contrib/aws_elb/alb_al_valid_logs.log": "aws.elb.alb",
    "otel-contrib/aws_elb/clb_al_valid_logs.log": "aws.elb.clb",
    "otel-contrib/aws_elb/nlb_al_valid_logs.log": "aws.elb.nlb",
    "otel-contrib/aws_s3_access/valid_s3_access_log.log": "aws.s3access",
    "otel-contrib/aws_vpcflow/valid_vpc_flow_cw.json": "aws.vpcflow",
    "otel-contrib/aws_vpcflow/valid_vpc_flow_log_ecs.log": "aws.vpcflow",
    "otel-contrib/aws_vpcflow/valid_vpc_flow_log_multi.log": "aws.vpcflow",
    "otel-contrib/aws_waf/valid_log.json": "aws.waf",
    "otel-contrib/azure_activity/administrative-log.json": "azure.activity",
    "otel-contrib/azure_appgateway/access-log.json": "azure.appgateway",
    "otel-contrib/azure_appinsights/app-requests.json": "azure.appinsights",
    "otel-contrib/azure_appservice/app-log.json": "azure.appservice",
    "otel-contrib/azure_appservice/http-log-string-properties.json": "azure.appservice",
    "otel-contrib/azure_frontdoor/access-log.json": "azure.frontdoor",
    "otel-contrib/azure_functionapp/function-app-log.json": "azure.functionapp",
    "otel-contrib/azure_storage/storage-read-log.json": "azure.storage",
    "otel-contrib/gcp_audit/activity.json": "gcp.audit",
    "otel-contrib/gcp_audit/data_access.json": "gcp.audit",
    "otel-contrib/gcp_audit/system_event.json": "gcp.audit",
    "otel-contrib/gcp_dns/dns_query_no_error.json": "gcp.dns",
    "otel-contrib/gcp_loadbalancer/armor_enforced_security_policy.json": "gcp.loadbalancer",
    "otel-contrib/gcp_loadbalancer/global_external_application_load_balancer.json": "gcp.loadbalancer",
    "otel-contrib/gcp_loadbalancer/passthroughnlb-external.json": "gcp.nlb",
    "otel-contrib/gcp_logentry/log_entry.json": "gcp.generic",
    "otel-contrib/gcp_vpcflow/vpc-flow-log-google-service.json": "gcp.vpcflow",
}
"""Files of native records, and the format of all of them."""

RULE_TESTS = {
    "aws_bedrock": ("aws.bedrock", 1.0),
    "aws_cloudtrail": ("aws.cloudtrail", 0.93),
    "aws_guardduty": ("aws.guardduty", 1.0),
    "aws_route53_resolver": ("aws.route53_resolver", 1.0),
    "aws_securityhub": ("aws.securityhub", 1.0),
    "aws_waf": ("aws.waf", 1.0),
}
"""Detection rules' test records, some of them cut down or renamed: format, and the share that is still native."""

BROKEN = 3
"""Messages in AWS's own example of a subscription that are half a JSON object."""

pytestmark = pytest.mark.skipif(not LOGS.is_dir(), reason="the corpora are not at hand")


@pytest.mark.parametrize("name", NATIVE)
def test_native_records_are_events_of_their_format_with_their_own_time(name: str) -> None:
    batch = parsed(name)

    assert set(batch.format.to_list()) == {NATIVE[name]}
    assert not (batch.flags & (Flag.TIME_UNSET | Flag.FIELD_UNREADABLE)).any()


@pytest.mark.parametrize("folder", RULE_TESTS)
def test_records_of_rule_tests_are_recognised_as_far_as_they_are_native(folder: str) -> None:
    [file] = (LOGS / "panther-analysis" / folder).glob("*.rule-tests.jsonl")
    name, share = RULE_TESTS[folder]

    counts = Counter(parsed(str(file.relative_to(LOGS))).format.to_list())

    assert counts[name] >= share * counts.total()
    assert set(counts) <= {name, "app.json"}


def test_no_record_of_any_file_is_lost_and_only_broken_ones_are_rejected() -> None:
    batches = [parsed(str(file.relative_to(LOGS))) for file in files()]

    rejected = sum(int((batch.kind == Kind.RECORD_REJECTED).sum()) for batch in batches)
    assert rejected == BROKEN
    assert sum(map(len, batches)) >= 2_000


def files() -> Iterator[Path]:
    for file in sorted(LOGS.rglob("*")):
        if file.is_file() and ".expected." not in file.name and file.name != "manifest.json":
            yield file


def parsed(name: str) -> EventBatch:
    batches: list[EventBatch] = []
    for framed in frame(iter([content(LOGS / name)])):
        records = Records.of(framed.bodies, Origin(name), framed.offsets)
        if framed.header:
            context = json.dumps({"envelope": "csv", "header": framed.header})
            records = replace(records, context=StringColumn.constant(context, len(records)))
        batches += Pipeline().parse(records)
    return EventBatch.concat(batches)


def content(file: Path) -> bytes:
    """Return a file's records: those of rule tests stand under `log`."""
    data = file.read_bytes()
    if not file.name.endswith(".rule-tests.jsonl"):
        return data
    return b"\n".join(json.dumps(json.loads(line)["log"]).encode() for line in data.splitlines() if line.strip())
