"""Flow logs of VPCs, transit gateways and accelerators: headers, configured orders, and lines without either."""

import pytest

from cloudledger.adapters.records import Origin
from cloudledger.domain.events import Flag
from tests.adapters.aws.attribute_of import attributes, in_group, log_event
from tests.adapters.native_records import FLOW
from tests.adapters.parsed import batch_of_records

HEADER = "interface-id srcaddr dstaddr srcport dstport protocol start end action log-status pkt-srcaddr pkt-dstaddr"
LINE = "eni-0123456789abcdef0 10.0.0.5 10.0.0.9 443 51000 6 1795168800 1795168860 ACCEPT OK 10.0.0.5 203.0.113.7"
TRANSIT = (
    "6 TransitGateway 123456789012 tgw-0123456789abcdef0 tgw-attach-0123456789abcdef0 123456789012 123456789012"
    " vpc-0123456789abcdef0 vpc-0123456789abcdef1 subnet-0123456789abcdef0 subnet-0123456789abcdef1"
    " eni-0123456789abcdef0 eni-0123456789abcdef1 use1-az1 use1-az2 tgw-attach-0123456789abcdef1 10.0.0.5 10.1.0.9"
    " 51000 443 6 10 4000 1795168800 1795168860 OK IPv4 0 0 0 0 19 us-east-1 egress - -"
)


def test_the_tuple_of_a_flow_is_typed_and_named_on_demand() -> None:
    found = attributes(FLOW)

    assert (found["source.address"], found["source.port"]) == ("172.31.9.69", 49761)
    assert (found["destination.address"], found["destination.port"]) == ("172.31.9.12", 3389)
    assert (found["network.transport"], found["aws.vpc.flow.action"]) == ("tcp", "REJECT")
    assert (found["aws.vpc.flow.packets"], found["aws.vpc.flow.bytes"]) == (20, 4249)
    assert found["cloud.account.id"] == "123456789010"


def test_packet_addresses_tell_what_stood_between() -> None:
    found = attributes(LINE, {"envelope": "csv", "header": HEADER})

    assert found["destination.address"] == "203.0.113.7"
    assert found["network.local.address"] == "10.0.0.9"


def test_fields_that_the_user_tells_name_the_attributes_too() -> None:
    origin = Origin("flow.log", {"flow_fields": "${srcaddr} ${dstaddr} ${dstport} ${start} ${end} ${action}"})

    event = log_event("10.0.0.5 10.0.0.9 443 1795168800 1795168860 REJECT", origin=origin)

    assert (event.format, event.name, event.duration_us) == ("aws.vpcflow", "REJECT", 60_000_000)
    assert attributes("10.0.0.5 10.0.0.9 443 1795168800 1795168860 REJECT", origin=origin)["destination.port"] == 443


def test_a_custom_order_without_a_header_is_told_by_what_its_fields_are_never_by_their_number() -> None:
    line = "10.0.0.9 10.0.0.5 vpc-0123456789abcdef0 1795168800 1795168860 443 51000 6 7 8 9 123456789012 ACCEPT OK"

    found = attributes(line)

    assert log_event(line).format == "aws.vpcflow"
    assert (found["source.address"], found["aws.vpc.id"], found["aws.vpc.flow.action"]) == (
        "10.0.0.9",
        "vpc-0123456789abcdef0",
        "ACCEPT",
    )
    assert found["aws.vpc.flow.field_6"] == "443"
    assert "source.port" not in found


@pytest.mark.parametrize("status", ["NODATA", "SKIPDATA"])
def test_windows_without_data_are_events(status: str) -> None:
    event = log_event(f"2 123456789010 eni-0123456789abcdef0 - - - - - - - 1431280876 1431280934 - {status}")

    assert (event.format, event.name, event.duration_us) == ("aws.vpcflow", "", 58_000_000)


@pytest.mark.parametrize("account", ["unknown", "-"])
def test_an_unknown_account_is_no_account(account: str) -> None:
    event = log_event(FLOW.replace("123456789010", account))

    assert (event.format, event.account) == ("aws.vpcflow", "")


def test_leading_zeros_of_an_account_stay() -> None:
    assert log_event(FLOW.replace("123456789010", "000456789010")).account == "000456789010"


@pytest.mark.parametrize("tail", [" new-field", " a b", ""])
def test_a_line_with_more_or_fewer_fields_than_its_header_is_still_a_flow(tail: str) -> None:
    line = LINE + tail if tail else LINE.rpartition(" ")[0]

    batch = batch_of_records(LINE, line, context={"envelope": "csv", "header": HEADER})

    assert batch.format.to_list() == ["aws.vpcflow"] * 2
    assert batch.name.to_list() == ["ACCEPT", "ACCEPT"]


def test_the_time_of_a_flow_is_its_start_and_its_end_is_kept() -> None:
    event = log_event(FLOW)

    assert event.occurred_at == 1_418_530_010 * 10**9
    assert attributes(FLOW)["aws.vpc.flow.end"] == 1_418_530_070


def test_a_transit_gateways_line_needs_no_header() -> None:
    event = log_event(TRANSIT)

    assert event.format == "aws.tgwflow"
    assert event.resource == "arn:aws:ec2:us-east-1:123456789012:transit-gateway/tgw-0123456789abcdef0"
    assert attributes(TRANSIT)["aws.tgw.flow.packets_lost_no_route"] == 0


def test_flows_of_ecs_tasks_name_service_and_task() -> None:
    header = "srcaddr dstaddr start end action ecs-service-name ecs-task-arn ecs-cluster-name"
    line = "10.0.0.5 10.0.0.9 1795168800 1795168860 ACCEPT cart arn:aws:ecs:eu-west-1:1:task/prod/abc prod"

    assert log_event(line, {"envelope": "csv", "header": header}).service == "cart"
    assert attributes(line, {"envelope": "csv", "header": header})["aws.ecs.cluster.name"] == "prod"


def test_flows_through_an_accelerator_name_endpoint_and_account() -> None:
    line = (
        "2.0 123456789012 99999999-aaaa-bbbb-cccc-dddddddddddd 203.0.113.9 4321 192.0.2.1 443 10.0.0.7 443 TCP IPV4"
        " 5 900 1795168800 1795168810 ACCEPT OK 192.0.2.2 1024 eu-west-1 FRA INGRESS vpc-0123456789abcdef0"
    )

    event = log_event(line)

    assert (event.format, event.peer, event.account) == ("aws.globalaccelerator", "10.0.0.7", "123456789012")
    assert event.flags & Flag.ORIGIN_EXTERNAL
    assert attributes(line)["network.io.direction"] == "receive"


def test_text_in_a_log_group_is_no_flow() -> None:
    assert log_event("10.0.0.5 asked 10.0.0.9 ACCEPT", in_group("own")).format == "app.text"
