"""Records of Azure Monitor, whose times, ids, addresses and sizes vary.

Used by the benchmark of the parsers.
"""

from __future__ import annotations

import json
from random import Random

from .application import container_text
from .chance import address, hex_of, time_of


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


def _ends(random: Random) -> str:
    return f"{address(random)},{address(random)},{random.randrange(65535)}"


def nsg_flows(random: Random) -> str:
    """Return the flows of an interface under a network security group, three of them."""
    start = 1_795_168_800 + random.randrange(86_400)
    tuples = [f"{start},{_ends(random)},443,T,I,A,B,,,," for _ in range(3)]
    flows = [{"rule": "UserRule_web", "flows": [{"mac": "000D3AF8801A", "flowTuples": tuples}]}]
    group = (
        f"/SUBSCRIPTIONS/1/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG{random.randrange(9)}"
    )
    record = {
        "time": time_of(random),
        "systemId": hex_of(random, 32),
        "category": "NetworkSecurityGroupFlowEvent",
        "resourceId": group,
        "operationName": "NetworkSecurityGroupFlowEvents",
        "properties": {"Version": 2, "flows": flows},
    }
    return json.dumps(record, separators=(",", ":"))


def vnet_flows(random: Random) -> str:
    """Return the flows of an interface in a virtual network, three of them."""
    start = 1_795_168_800_000 + random.randrange(86_400_000)
    tuples = [f"{start},{_ends(random)},443,6,O,E,NX,3,767,2,1580" for _ in range(3)]
    groups = [{"rule": "DefaultRule_AllowInternetOutBound", "flowTuples": tuples}]
    network = f"/subscriptions/1/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/net{random.randrange(9)}"
    record = {
        "time": time_of(random),
        "flowLogVersion": 4,
        "flowLogGUID": hex_of(random, 32),
        "macAddress": "00224871C205",
        "category": "FlowLogFlowEvent",
        "targetResourceID": network,
        "operationName": "FlowLogFlowEvent",
        "flowRecords": {"flows": [{"aclID": "1", "flowGroups": groups}]},
    }
    return json.dumps(record, separators=(",", ":"))


def container_row(random: Random) -> str:
    """Return a row of ContainerLogV2."""
    row = {
        "TimeGenerated": time_of(random),
        "ContainerId": hex_of(random, 32),
        "ContainerName": "server",
        "PodName": f"cart-7c9d8b6f5d-{random.randrange(64):05d}",
        "PodNamespace": "shop",
        "LogMessage": container_text(random),
        "LogSource": "stdout",
        "KubernetesMetadata": {"podLabels": {"app": "cart"}},
        "Type": "ContainerLogV2",
        "_ResourceId": "/subscriptions/1/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks",
        "_ItemId": hex_of(random, 32),
    }
    return json.dumps(row, separators=(",", ":"))
