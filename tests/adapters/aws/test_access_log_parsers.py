"""Access logs and flow logs of AWS, with what makes other parsers fail them."""

import json

import pytest

from cloudledger.adapters.aws.elb_parser import AlbParser
from cloudledger.adapters.aws.network_elb_parser import NlbParser
from cloudledger.adapters.aws.s3_access_parser import S3AccessParser
from cloudledger.adapters.aws.vpcflow_parser import VpcFlowParser
from cloudledger.adapters.records import Origin
from cloudledger.domain.events import Flag, PeerRole
from tests.adapters.builders import subscription
from tests.adapters.native_records import CLB, CLOUDFRONT, FLOW, NLB, POSTGRES, S3_ACCESS, alb, kubernetes_audit, waf
from tests.adapters.parsed import batch_of_records, event_of


def test_a_request_names_balancer_target_group_status_duration_and_trace() -> None:
    event = event_of(alb())

    assert (event.service, event.peer, event.peer_role) == ("shop", "cart", PeerRole.CALLEE)
    assert (event.status, event.duration_us, event.name) == (502, 503_000, "GET")
    assert event.trace_id == "5833726236d228ad5d99923122bbe354"
    assert (event.account, event.region) == ("123456789012", "us-east-2")
    assert event.resource.endswith(":loadbalancer/app/shop/50dc6c495c0c9188")


def test_http_status_does_not_become_severity() -> None:
    assert event_of(alb(code="503")).severity == 0


@pytest.mark.parametrize("tail", ["", " TID_1", " TID_1 - - -", ' TID_1 "a b" x y "further fields" 7'])
def test_fields_that_aws_appends_later_do_not_fail_the_line(tail: str) -> None:
    event = event_of(alb(tail=tail))

    assert (event.format, event.status, event.peer) == ("aws.elb.alb", 502, "cart")


@pytest.mark.parametrize("url", ["/a b c", '/x"y', "/\\x22quoted\\x22", "/?q=%20 HTTP/1.1 tail", "-"])
def test_urls_shaped_by_attackers_do_not_fail_the_line(url: str) -> None:
    event = event_of(alb(request=f"GET https://shop:443{url} HTTP/1.1"))

    assert (event.format, event.status, event.trace_id[:8]) == ("aws.elb.alb", 502, "58337262")


def test_the_self_field_of_a_trace_header_is_not_its_root() -> None:
    event = event_of(
        alb(
            trace="Self=1-67891234-12456789abcdef0123456780;Root=1-58337262-36d228ad5d99923122bbe354;Parent=00f067aa0ba902b7"
        )
    )

    assert event.trace_id == "5833726236d228ad5d99923122bbe354"
    assert event.parent_span_id == "00f067aa0ba902b7"


def test_a_request_without_a_target_has_no_duration_of_its_own() -> None:
    body = alb(code="400").replace("10.0.0.1:80 0.001 0.500 0.002", "- -1 -1 -1", 1)

    assert event_of(body).duration_us is None


def test_attributes_of_a_request_have_standard_names() -> None:
    found = AlbParser().attributes(alb().encode(), {})

    assert found["client.address"] == "192.0.2.9"
    assert found["http.response.status_code"] == 502
    assert found["url.full"] == "https://shop.example.com:443/cart"


def test_network_and_classic_balancers_name_their_targets_by_address() -> None:
    network, classic = event_of(NLB), event_of(CLB)

    assert (network.format, network.service, network.peer) == ("aws.elb.nlb", "edge", "172.100.100.185")
    assert (classic.format, classic.service, classic.status) == ("aws.elb.clb", "classic", 200)
    assert network.flags & classic.flags & Flag.ORIGIN_EXTERNAL
    assert NlbParser().attributes(NLB.encode(), {})["aws.elb.alpn_client_preference_list"] == ["h2", "http/1.1"]


def test_the_test_file_of_elb_gives_no_event() -> None:
    assert len(batch_of_records("Enable AccessLog for ELB: shop at 2026-11-20T10:00:00Z")) == 0


HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


def test_a_flow_starts_at_its_start_and_names_the_other_side_as_an_address() -> None:
    event = event_of(subscription(FLOW, group="/aws/vpc/flowlogs"))

    assert (event.format, event.name, event.account) == ("aws.vpcflow", "REJECT", "123456789010")
    assert event.occurred_at == 1_418_530_010_000_000_000
    assert event.duration_us == 60_000_000
    assert (event.peer, event.peer_role) == ("172.31.9.12", PeerRole.CALLEE)
    assert event.flags & Flag.ORIGIN_EXTERNAL


def test_a_rejected_flow_is_no_error_of_the_network() -> None:
    assert event_of(FLOW).error == ""


def test_fields_are_read_by_the_files_own_header() -> None:
    header = "srcaddr dstaddr flow-direction start end vpc-id instance-id region account-id action"
    line = "10.0.0.1 10.0.0.2 ingress 1418530010 1418530070 vpc-0123456789abcdef0 - eu-west-1 012345678901 ACCEPT"

    event = event_of(line, {"envelope": "csv", "header": header})

    assert (event.peer, event.peer_role, event.region) == ("10.0.0.1", PeerRole.CALLER, "eu-west-1")
    assert "vpc-0123456789abcdef0" in (*event.mentions, event.resource)


def test_flows_of_a_transit_gateway_are_told_by_their_header() -> None:
    header = "version resource-type account-id tgw-id tgw-attachment-id srcaddr dstaddr start end log-status"
    line = "6 TransitGateway 012345678901 tgw-0123456789abcdef0 - 10.0.0.1 10.0.0.2 1418530010 1418530070 OK"

    event = event_of(line, {"envelope": "csv", "header": header})

    assert (event.format, event.resource) == ("aws.tgwflow", "tgw-0123456789abcdef0")


@pytest.mark.parametrize("status", ["NODATA", "SKIPDATA"])
def test_flows_without_data_are_records_without_addresses(status: str) -> None:
    line = f"2 unknown eni-0123456789abcdef0 - - - - - - - 1431280876 1431280934 - {status}"

    for event in (event_of(line), event_of(line, {"envelope": "csv", "header": HEADER})):
        assert (event.format, event.peer, event.account) == ("aws.vpcflow", "", "")
        assert event.occurred_at == 1_431_280_876_000_000_000


def test_identical_flow_lines_are_two_events() -> None:
    batch = batch_of_records(FLOW, FLOW)

    assert len({tuple(one) for one in batch.event_id.tolist()}) == 2


def test_a_flow_as_an_object_is_read_like_its_line() -> None:
    flow = dict(zip(HEADER.replace("-", "_").split(), FLOW.split(), strict=True))

    event = event_of(json.dumps(flow))

    assert (event.format, event.name, event.peer) == ("aws.vpcflow", "REJECT", "172.31.9.12")


def test_an_order_that_the_user_tells_is_used_without_a_header() -> None:
    origin = Origin("flow.log", {"flow_fields": "srcaddr dstaddr start end action"})

    event = event_of("10.0.0.1 10.0.0.2 1418530010 1418530070 ACCEPT", origin=origin)

    assert (event.format, event.name) == ("aws.vpcflow", "ACCEPT")


def test_protocol_numbers_have_names() -> None:
    assert VpcFlowParser().attributes(FLOW.encode(), {})["network.transport"] == "tcp"


def test_quotes_in_a_user_agent_do_not_fail_an_access_log_of_s3() -> None:
    event = event_of(S3_ACCESS)

    assert (event.name, event.status, event.error) == ("REST.GET.OBJECT", 403, "AccessDenied")
    assert event.resource == "arn:aws:s3:::invoices"
    assert "arn:aws:iam::123456789012:user/eve" in event.mentions
    assert S3AccessParser().attributes(S3_ACCESS.encode(), {})["url.query"] == "x=1"


def test_a_cloudfront_file_with_its_header_gives_its_requests_only() -> None:
    batch = batch_of_records("#Version: 1.0", "#Fields: date time", CLOUDFRONT)

    [event] = batch
    assert (event.status, event.error, event.duration_us) == (502, "OriginCommError", 250_000)
    assert event.occurred_at == 1_575_493_351_000_000_000


def test_a_database_line_names_instance_level_and_error() -> None:
    event = event_of(subscription(POSTGRES, group="/aws/rds/instance/orders/postgresql"))

    assert (event.format, event.service, event.severity, event.name) == ("aws.rds", "orders", 17, "ERROR")
    assert event.error.startswith('relation "carts" does not exist')
    assert "orders" in (*event.mentions, event.resource)


def test_a_verdict_of_a_web_acl_knows_account_and_region_by_its_arn() -> None:
    event = event_of(waf())

    assert (event.account, event.region, event.name) == ("012345678901", "us-east-1", "BLOCK")
    assert (event.peer, event.peer_role) == ("192.0.2.1", PeerRole.CALLER)
    assert event.occurred_at == 1_795_168_800_123_000_000


def test_an_audited_object_of_a_cluster_is_named_with_the_cluster_of_its_log_group() -> None:
    event = event_of(subscription(kubernetes_audit(), group="/aws/eks/prod/cluster"))

    assert event.resource == "k8s://prod/shop/deployment/pay"
    assert (event.name, event.status, event.error) == ("patch", 403, "Forbidden")


def test_a_firelens_line_belongs_to_its_container_and_task() -> None:
    task = "arn:aws:ecs:eu-west-1:012345678901:task/shop/abcdef"
    body = {"log": "ERROR no stock", "container_name": "cart", "ecs_task_arn": task, "date": 1.795168800186957e9}

    event = event_of(json.dumps(body))

    assert (event.format, event.service, event.severity, event.resource) == ("aws.ecs", "cart", 17, task)
    assert (event.account, event.occurred_at) == ("012345678901", 1_795_168_800_186_957_000)
