"""Where the estate of the story lives: accounts, regions, clusters and hosts in three clouds.

The ground under all modules of the generator; names and numbers are invented, their forms are the providers'.
"""

from typing import Final

AWS_ACCOUNT: Final = "214365870912"
AWS_REGION: Final = "eu-west-1"
EKS_CLUSTER: Final = "shop-eks"
EKS_LOG_GROUP: Final = f"/aws/containerinsights/{EKS_CLUSTER}/application"
RDS_LOG_GROUP: Final = "/aws/rds/instance/payments-db/postgresql"

AZURE_SUBSCRIPTION: Final = "7c1d3e0a-5b2f-4d88-9a61-0f4e2c9b7d13"
AZURE_TENANT: Final = "0b5f6e3c-9f0e-4a57-8a3d-6d2f1c7e4b90"
AZURE_GROUP: Final = "rg-shop-prod"
AZURE_REGION: Final = "westeurope"
AKS_CLUSTER: Final = "shop-aks"
AZURE_ROOT: Final = f"/subscriptions/{AZURE_SUBSCRIPTION}/resourceGroups/{AZURE_GROUP}/providers"
AKS_ID: Final = f"{AZURE_ROOT}/Microsoft.ContainerService/managedClusters/{AKS_CLUSTER}"
WORKSPACE_ID: Final = f"{AZURE_ROOT}/Microsoft.OperationalInsights/workspaces/la-shop-prod"

GCP_PROJECT: Final = "shop-prod-417203"
GCP_PROJECT_NUMBER: Final = "839201746512"
GCP_REGION: Final = "europe-west4"
GCP_ZONE: Final = "europe-west4-b"
GKE_CLUSTER: Final = "shop-gke"

NAMESPACE: Final = "prod"
DATABASE: Final = "payments-db"
DATABASE_HOST: Final = f"{DATABASE}.c9akciq32rwz.{AWS_REGION}.rds.amazonaws.com"
DATABASE_ARN: Final = f"arn:aws:rds:{AWS_REGION}:{AWS_ACCOUNT}:db:{DATABASE}"
DATABASE_RESOURCE_ID: Final = "db-7QK3VNZ5EHT2LMWXRUY4GPJ6DA"
PARAMETER_GROUP: Final = "payments-db-pg15"
PARAMETER_GROUP_ARN: Final = f"arn:aws:rds:{AWS_REGION}:{AWS_ACCOUNT}:pg:{PARAMETER_GROUP}"

SKEW_US: Final = {"aws": 0, "azure": 2_400, "gcp": -1_700}
"""How far each cloud's clock is off. Chosen: a few milliseconds, as between providers' NTP services."""


def service_host(service: str, cloud: str, caller_cloud: str) -> str:
    """Return the name that a caller uses: of its own cluster, or of the cluster set (Multi-Cluster Services API).

    >>> service_host("payments", "aws", "gcp")
    'payments.prod.svc.clusterset.local:8080'
    """
    zone = "cluster.local" if cloud == caller_cloud else "clusterset.local"
    return f"{service}.{NAMESPACE}.svc.{zone}:8080"
