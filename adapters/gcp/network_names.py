"""Attribute names of network logs' payloads: VPC flows, firewall rules, NAT, DNS, network load balancers.

See https://cloud.google.com/vpc/docs/about-flow-logs-records, https://cloud.google.com/firewall/docs/firewall-rules-logging,
https://cloud.google.com/nat/docs/monitoring, https://cloud.google.com/dns/docs/monitoring and
https://cloud.google.com/load-balancing/docs/network/networklb-monitoring.
"""

from __future__ import annotations

from typing import Any, Final

from ..attribute_readers import also, boolean, lower, number, protocol_number, seconds
from ..attribute_table import Names

_CONNECTION: Final[Names] = {
    "connection.src_ip": "source.address",
    "connection.src_port": number("source.port"),
    "connection.dest_ip": "destination.address",
    "connection.dest_port": number("destination.port"),
    "connection.protocol": protocol_number("network.transport", "network.protocol.name"),
}


_SIDES: Final = (("src", "source"), ("dest", "destination"))


def _sides(field: str, name: str) -> dict[str, str]:
    """Return a field of both ends of a flow."""
    return {f"{short}_{field}": f"gcp.vpc.flow.{side}.{name}" for short, side in _SIDES}


def _numbered_sides(field: str, name: str) -> Names:
    return {path: number(own) for path, own in _sides(field, name).items()}


VPC_FLOW_NAMES: Final[Names] = {
    **_CONNECTION,
    "reporter": "gcp.vpc.flow.reporter",
    "bytes_sent": number("gcp.vpc.flow.bytes_sent"),
    "packets_sent": number("gcp.vpc.flow.packets_sent"),
    "start_time": "gcp.vpc.flow.start_time",
    "end_time": "gcp.vpc.flow.end_time",
    "rtt_msec": number("gcp.vpc.flow.network.rtt_ms"),
    "round_trip_time.median_msec": number("gcp.vpc.flow.network.rtt_ms"),
    "network_service.dscp": number("gcp.vpc.flow.network_service.dscp"),
    **_sides("instance.project_id", "instance.project.id"),
    **_sides("instance.region", "instance.vm.region"),
    **_sides("instance.vm_name", "instance.vm.name"),
    **_sides("instance.zone", "instance.vm.zone"),
    **_sides("instance.managed_instance_group.name", "instance.managed_instance_group.name"),
    **_sides("instance.managed_instance_group.region", "instance.managed_instance_group.region"),
    **_sides("instance.managed_instance_group.zone", "instance.managed_instance_group.zone"),
    **_numbered_sides("location.asn", "asn"),
    **_sides("location.city", "geo.city"),
    **_sides("location.continent", "geo.continent"),
    **_sides("location.country", "geo.country.iso_code.alpha3"),
    **_sides("location.region", "geo.region"),
    **_sides("vpc.project_id", "project.id"),
    **_sides("vpc.subnetwork_name", "subnet.name"),
    **_sides("vpc.subnetwork_region", "subnet.region"),
    **_sides("vpc.vpc_name", "vpc.name"),
    **_sides("google_service.type", "google_service.type"),
    **_sides("google_service.service_name", "google_service.name"),
    **_sides("google_service.connectivity", "google_service.connectivity"),
    **_sides("gke_details.cluster.cluster_name", "gke.cluster.name"),
    **_sides("gke_details.cluster.cluster_location", "gke.cluster.location"),
    **_sides("gke_details.pod.pod_name", "gke.pod.name"),
    **_sides("gke_details.pod.pod_namespace", "gke.pod.namespace"),
    **_sides("gke_details.service", "gke.services"),
    **_sides("gateway.name", "gateway.name"),
    **_sides("gateway.type", "gateway.type"),
    **_sides("gateway.location", "gateway.location"),
    **_sides("gateway.interconnect_name", "gateway.interconnect.name"),
    **_sides("gateway.vpn_tunnel.vpn_gateway_name", "gateway.vpn.name"),
    "internet_routing_details.egress_as_path": "gcp.vpc.flow.egress.as_paths",
    "load_balancing.forwarding_rule_name": "gcp.vpc.flow.load_balancing.forwarding_rule",
    "load_balancing.backend_service_name": "gcp.vpc.flow.load_balancing.backend_service",
}

FIREWALL_NAMES: Final[Names] = {
    **_CONNECTION,
    "disposition": "security_rule.action",
    "rule_details.reference": "security_rule.name",
    "rule_details.action": "gcp.firewall.rule.action",
    "rule_details.direction": "gcp.firewall.rule.direction",
    "rule_details.priority": number("gcp.firewall.rule.priority"),
    "rule_details.ip_port_info": "gcp.firewall.rule.ports",
    "rule_details.source_range": "gcp.firewall.rule.source_ranges",
    "rule_details.target_tag": "gcp.firewall.rule.target_tags",
    "instance.vm_name": "host.name",
    "instance.project_id": "gcp.project.id",
    "instance.zone": "cloud.availability_zone",
    "vpc.vpc_name": "gcp.vpc.name",
    "vpc.subnetwork_name": "gcp.vpc.subnet.name",
    "remote_location.country": "gcp.firewall.remote.country.iso_code.alpha3",
    "remote_location.continent": "gcp.firewall.remote.continent",
    "remote_instance.vm_name": "gcp.firewall.remote.instance.name",
    "remote_vpc.vpc_name": "gcp.firewall.remote.vpc.name",
    # threats found by firewall endpoints
    "action": "security_rule.action",
    "connection.clientIp": "client.address",
    "connection.clientPort": number("client.port"),
    "connection.serverIp": "server.address",
    "connection.serverPort": number("server.port"),
    "threatDetails.id": "security_rule.uuid",
    "threatDetails.threat": "security_rule.description",
    "threatDetails.category": "security_rule.category",
    "threatDetails.severity": "gcp.firewall.threat.severity",
}

NAT_NAMES: Final[Names] = {
    **_CONNECTION,
    "connection.nat_ip": "gcp.nat.address",
    "connection.nat_port": number("gcp.nat.port"),
    "allocation_status": "gcp.nat.allocation_status",
    "endpoint.vm_name": "host.name",
    "endpoint.project_id": "gcp.project.id",
    "endpoint.zone": "cloud.availability_zone",
    "gateway_identifiers.gateway_name": "gcp.nat.gateway.name",
    "gateway_identifiers.router_name": "gcp.nat.router.name",
    "gateway_identifiers.region": "gcp.nat.gateway.region",
    "vpc.vpc_name": "gcp.vpc.name",
    "vpc.subnetwork_name": "gcp.vpc.subnet.name",
    "destination.geo_location.country": "gcp.nat.destination.country.iso_code.alpha3",
    "destination.instance.vm_name": "gcp.nat.destination.instance.name",
}

DNS_NAMES: Final[Names] = {
    "queryName": "dns.question.name",
    "queryType": "dns.question.type",
    "responseCode": "dns.response_code",
    "alias_query_response_code": "gcp.dns.alias_query.response.code",
    "authAnswer": boolean("gcp.dns.auth_answer"),
    "rdata": "dns.answer.data",
    "structuredRdata": "gcp.dns.answers",
    "destinationIP": "server.address",
    "sourceNetwork": "gcp.dns.client.vpc.name",
    "source_type": "gcp.dns.client.type",
    "sourceIP": "client.address",
    "protocol": lower("network.transport"),
    "location": "cloud.region",
    "target_name": "gcp.dns.server.name",
    "target_type": "gcp.dns.server.type",
    "serverLatency": number("gcp.dns.server.latency"),
    "egressError": "gcp.dns.egress.error",
    "healthyIps": "gcp.dns.healthy.ips",
    "unhealthyIps": "gcp.dns.unhealthy.ips",
    "dns64Translated": boolean("gcp.dns.dns64.translated"),
    # The number is already rounded by writers that count in doubles; the text is right.
    "vmInstanceIdString": "host.id",
    "vmInstanceName": "host.name",
    "vmProjectId": "gcp.project.id",
    "vmZoneName": "cloud.availability_zone",
}


def _load_balancer(kind: str) -> dict[str, Any]:
    prefix = f"gcp.load_balancing.{kind}"
    part = "packets" if kind == "passthrough_nlb" else "connection"
    return {
        "@type": "gcp.payload.type",
        "connection.clientIp": "client.address",
        "connection.clientPort": number("client.port"),
        "connection.serverIp": "server.address",
        "connection.serverPort": number("server.port"),
        "connection.protocol": protocol_number("network.transport", "network.protocol.name"),
        "startTime": f"{prefix}.{part}.start_time",
        "endTime": f"{prefix}.{part}.end_time",
        "bytesReceived": number(f"{prefix}.bytes_received"),
        "bytesSent": number(f"{prefix}.bytes_sent"),
        "packetsReceived": number(f"{prefix}.packets_received"),
        "packetsSent": number(f"{prefix}.packets_sent"),
        "serverBytesReceived": number(f"{prefix}.server.bytes_received"),
        "serverBytesSent": number(f"{prefix}.server.bytes_sent"),
        "rtt": seconds(f"{prefix}.rtt"),
        "proxyStatus": also(f"{prefix}.status", "error.type"),
    }


PASSTHROUGH_NAMES: Final[Names] = _load_balancer("passthrough_nlb")
PROXY_NAMES: Final[Names] = _load_balancer("proxy_nlb")
