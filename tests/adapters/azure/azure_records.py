"""One native record per format of Azure, written by hand from Microsoft's documentation."""

import json
from typing import Any

from tests.adapters.builders import container_log_v2
from tests.adapters.native_records import SUBSCRIPTION, activity, app_row, diagnostics, kubernetes_audit

TENANT = "/tenants/4b1c7a52-0d6f-4d05-9a4d-7c1d4ad0e0b7/providers/Microsoft.aadiam"


def entra(category: str, **fields: Any) -> str:
    record = {
        "time": "2026-11-20T10:00:00.1234567Z",
        "resourceId": TENANT,
        "tenantId": "4b1c7a52-0d6f-4d05-9a4d-7c1d4ad0e0b7",
        "category": category,
        "operationName": "Sign-in activity",
        "Level": 4,
        "callerIpAddress": "198.51.100.7",
    }
    return json.dumps({**record, **fields})


def table_row(table: str, provider: str = "microsoft.network/azurefirewalls/fw", **columns: Any) -> str:
    row = {
        "TimeGenerated": "2026-11-20T10:00:00.1234567Z",
        "Type": table,
        "_ResourceId": f"/subscriptions/0/resourcegroups/g/providers/{provider}",
        "TenantId": "4b1c7a52-0d6f-4d05-9a4d-7c1d4ad0e0b7",
    }
    return json.dumps({**row, **columns})


def nsg_flows(*tuples: str) -> str:
    flows = [{"rule": "UserRule_web", "flows": [{"mac": "000D3AF8801A", "flowTuples": list(tuples)}]}]
    nsg = "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WEB"
    return diagnostics("NetworkSecurityGroupFlowEvent", nsg, properties={"Version": 2, "flows": flows})


def vnet_flows(*tuples: str) -> str:
    groups = [{"rule": "DefaultRule_AllowInternetOutBound", "flowTuples": list(tuples)}]
    record = {
        "time": "2026-11-20T10:00:52.5625085Z",
        "flowLogVersion": 4,
        "macAddress": "00224871C205",
        "category": "FlowLogFlowEvent",
        "flowLogResourceID": f"{SUBSCRIPTION}/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/W/FLOWLOGS/F",
        "targetResourceID": f"{SUBSCRIPTION}/providers/Microsoft.Network/virtualNetworks/Main",
        "operationName": "FlowLogFlowEvent",
        "flowRecords": {"flows": [{"aclID": "0-1", "flowGroups": groups}]},
    }
    return json.dumps(record)


def messaging(category: str, **fields: Any) -> str:
    record = {
        "Environment": "PROD",
        "Region": "West Europe",
        "ActivityId": "a-1",
        "EventTimestamp": "11/20/2026 10:00:00 AM +00:00",
        "ResourceId": f"{SUBSCRIPTION}/PROVIDERS/MICROSOFT.EVENTHUB/NAMESPACES/ORDERS",
        "category": category,
        "NamespaceName": "orders",
        "EntityName": "paid",
    }
    return json.dumps({**record, **fields})


AZURE: dict[str, str] = {
    "azure.activity": activity(),
    "azure.signin": entra(
        "SignInLogs",
        resultType="50126",
        resultDescription="Invalid username or password",
        properties={"userPrincipalName": "eve@example.com", "ipAddress": "198.51.100.7", "appDisplayName": "Shop"},
    ),
    "azure.audit": entra(
        "AuditLogs",
        properties={
            "activityDisplayName": "Add member to role",
            "result": "failure",
            "resultReason": "Denied",
            "initiatedBy": {"user": {"userPrincipalName": "eve@example.com", "id": "7"}},
        },
    ),
    "azure.aks": diagnostics(
        "kube-audit", "MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/AKS", properties={"log": kubernetes_audit()}
    ),
    "azure.aks.container": container_log_v2("ERROR no stock"),
    "azure.appgateway": diagnostics(
        "ApplicationGatewayAccessLog",
        "MICROSOFT.NETWORK/APPLICATIONGATEWAYS/EDGE",
        properties={
            "instanceId": "appgw_1",
            "clientIP": "192.0.2.7",
            "httpMethod": "GET",
            "httpStatus": 502,
            "httpVersion": "HTTP/1.1",
            "timeTaken": 0.034,
            "serverRouted": "10.0.0.1:80",
            "sslProtocol": "TLSv1.2",
        },
    ),
    "azure.frontdoor": diagnostics(
        "FrontDoorAccessLog",
        "MICROSOFT.CDN/PROFILES/EDGE",
        properties={
            "httpStatusCode": "503",
            "timeTaken": "0.035",
            "requestUri": "https://shop.example.com:443/cart?x=1",
            "originIp": "10.0.0.1:443",
            "originName": "cart.example.com",
            "errorInfo": "OriginTimeout",
        },
    ),
    "azure.apim": diagnostics(
        "GatewayLogs",
        "MICROSOFT.APIMANAGEMENT/SERVICE/API",
        Level=4,
        durationMs=120,
        properties={
            "method": "POST",
            "url": "https://api.example.com/pay",
            "responseCode": 500,
            "backendUrl": "https://pay.internal/v1",
            "operationId": "pay",
            "lastError": {"reason": "BackendConnectionFailure"},
        },
    ),
    "azure.nsgflow": nsg_flows("1795168800,192.0.2.9,10.0.0.4,40000,443,T,I,D,B,,,,"),
    "azure.vnetflow": vnet_flows("1795168800599,10.0.0.6,203.0.113.4,23956,443,6,O,E,NX,3,767,2,1580"),
    "azure.firewall": diagnostics(
        "AzureFirewallNetworkRule",
        "MICROSOFT.NETWORK/AZUREFIREWALLS/FW",
        properties={"msg": "TCP request from 10.0.0.4:52343 to 203.0.113.9:443. Action: Deny. Rule: web"},
    ),
    "azure.appservice": diagnostics(
        "AppServiceHTTPLogs", properties='{"CsMethod": "GET", "ScStatus": "503", "TimeTaken": "25", "CIp": "192.0.2.7"}'
    ),
    "azure.functionapp": diagnostics(
        "FunctionAppLogs",
        properties={"levelId": 4, "message": "boom", "appName": "fn", "functionName": "pay", "exceptionType": "E"},
    ),
    "azure.appinsights": app_row(
        "AppRequests", Id="1111111111111111", DurationMs=15.5, ResultCode="500", Success=False
    ),
    "azure.storage": diagnostics(
        "StorageRead",
        "MICROSOFT.STORAGE/STORAGEACCOUNTS/X/BLOBSERVICES/DEFAULT",
        statusCode=404,
        statusText="BlobNotFound",
        durationMs=7,
        callerIpAddress="198.51.100.7:4430",
        properties={"accountName": "x", "responseHeaderSize": 1024, "tlsVersion": "TLS 1.2"},
    ),
    "azure.keyvault": diagnostics(
        "AuditEvent",
        "MICROSOFT.KEYVAULT/VAULTS/SECRETS",
        resultSignature="Forbidden",
        properties={"httpStatusCode": 403, "clientInfo": "sdk", "id": "https://secrets.vault.azure.net/keys/a"},
        identity={"claim": {"oid": "7", "upn": "eve@example.com"}},
    ),
    "azure.messaging": messaging("OperationalLogs", EventName="Create Queue", Status="Failed", Caller="Portal"),
    "azure.datafactory": diagnostics(
        "PipelineRuns",
        "MICROSOFT.DATAFACTORY/FACTORIES/ETL",
        pipelineName="load",
        runId="r-1",
        start="2026-11-20T10:00:00Z",
        end="2026-11-20T10:00:02Z",
        status="Failed",
        properties={"Error": {"errorCode": "2108", "message": "no", "failureType": "UserError"}},
    ),
    "azure.databricks": diagnostics(
        "jobs",
        "MICROSOFT.DATABRICKS/WORKSPACES/LAKE",
        properties={"actionName": "runFailed", "response": '{"statusCode":403,"errorMessage":"denied"}'},
    ),
    "azure.sql": diagnostics(
        "SQLSecurityAuditEvents",
        "MICROSOFT.SQL/SERVERS/ORDERS/DATABASES/CARTS",
        properties={"action_name": "DATABASE AUTHENTICATION FAILED", "succeeded": "false", "client_ip": "192.0.2.7"},
    ),
    "azure.mysql": diagnostics(
        "MySqlSlowLogs",
        "MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/CARTS",
        properties={"event_class": "slow_log", "query_time": 3.5, "sql_text": "select 1"},
    ),
    "azure.postgresql": diagnostics(
        "PostgreSQLLogs",
        "MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/ORDERS",
        properties={"errorLevel": "ERROR", "sqlerrcode": "42P01", "message": 'relation "carts" does not exist'},
    ),
    "azure.cosmosdb": diagnostics(
        "DataPlaneRequests",
        "MICROSOFT.DOCUMENTDB/DATABASEACCOUNTS/CARTS",
        properties={"statusCode": "429", "duration": "12.5", "requestCharge": "3.4", "databaseName": "carts"},
    ),
    "azure.redis": diagnostics(
        "ConnectedClientList", "MICROSOFT.CACHE/REDIS/SESSIONS", properties={"ip": "10.0.0.7", "clientCount": 3}
    ),
    "azure.defender": json.dumps(
        {
            "AlertType": "VM_LoginBruteForceSuccess",
            "SystemAlertId": "a-1",
            "TimeGenerated": "2026-11-20T10:00:00Z",
            "Severity": "High",
            "AzureResourceId": f"{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines/web",
        }
    ),
    "azure.generic": diagnostics("SomethingNew", level="Warning", properties={"message": "odd"}),
}
"""Format to a record of it."""
