"""Logs of storage accounts, key vaults and managed HSMs: who touched which object, with which right.

See https://learn.microsoft.com/azure/storage/blobs/monitor-blob-storage-reference and
https://learn.microsoft.com/azure/key-vault/general/logging.
"""

from __future__ import annotations

from typing import Final

from ...attribute_readers import as_json, boolean, lower, number, tls_protocol, url
from ...attribute_table import Names
from .family import family, own, shared_identity

_STORAGE_NAMES: Final[Names] = {
    "statuscode": number("http.response.status_code"),
    "statustext": "http.response.status_text",
    "uri": url,
    "protocol": lower("network.protocol.name"),
    "identity": as_json("azure.identity"),
    "accountname": "azure.storage.namespace",
    "useragentheader": "user_agent.original",
    "clientrequestid": "azure.service.request.id",
    "serverlatencyms": number("azure.response.duration"),
    "servicetype": "azure.storage.service.type",
    "operationcount": number("azure.storage.operation.count"),
    "requestheadersize": number("http.request.header.size"),
    "requestbodysize": number("http.request.body.size"),
    "responseheadersize": number("http.response.header.size"),
    "responsebodysize": number("http.response.body.size"),
    "tlsversion": tls_protocol,
    "objectkey": "azure.storage.object.key",
    "sourceaccesstier": "azure.storage.source.access_tier",
    "authenticationtype": "azure.auth.type",
    "referrerheader": "http.request.header.referer",
    "etag": "http.response.header.etag",
}

_VAULT_NAMES: Final[Names] = {
    "identity": shared_identity,
    "id": "azure.keyvault.object.id",
    "clientinfo": "user_agent.original",
    "requesturi": url,
    "httpstatuscode": number("http.response.status_code"),
    "isaccesspolicymatch": boolean("azure.keyvault.access_policy_match"),
    "isrbacauthorized": boolean("azure.keyvault.rbac_authorized"),
    "isaddressauthorized": boolean("azure.keyvault.address_authorized"),
    "addressauthorizationtype": "azure.keyvault.address_authorization_type",
    "appliedassignmentid": "azure.keyvault.assignment.id",
    "tlsversion": tls_protocol,
    "secretproperties.type": "azure.keyvault.secret.type",
}

STORAGE: Final = family(
    "azure.storage",
    "StorageRead StorageWrite StorageDelete StorageBlobLogs StorageQueueLogs StorageTableLogs StorageFileLogs",
    service=own("accountname"),
    status=("statuscode",),
    error=("statustext",),
    names=_STORAGE_NAMES,
)

KEY_VAULT: Final = family(
    "azure.keyvault",
    "AuditEvent AzurePolicyEvaluationDetails AZKVAuditLogs AZKVPolicyEvaluationDetailsLogs",
    resource_types=("/microsoft.keyvault/",),
    status=(*own("httpstatuscode"), "resultsignature"),
    error=("resultsignature", "resulttype"),
    names=_VAULT_NAMES,
)

PARSERS: Final = (STORAGE, KEY_VAULT)
