"""Regions behind the prefixes of AWS usage types, for reports without a region column.

See https://docs.aws.amazon.com/cur/latest/userguide/cur-ug-lineitem-columns.html (`USW2-BoxUsage` is us-west-2).
"""

from __future__ import annotations

_PREFIXES = {
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
    "UGW1": "us-gov-west-1",
    "UGE1": "us-gov-east-1",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "APE1": "ap-east-1",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "SAE1": "sa-east-1",
    "MES1": "me-south-1",
    "MEC1": "me-central-1",
    "AFS1": "af-south-1",
    "ILC1": "il-central-1",
    "Global": "global",
}


def region_of_usage_type(usage_type: str) -> str:
    """Return the region that a usage type's prefix means, empty where it has none.

    >>> region_of_usage_type("EUC1-VendedLog-Bytes"), region_of_usage_type("DataProcessing-Bytes")
    ('eu-central-1', '')
    """
    return _PREFIXES.get(usage_type.partition("-")[0], "")
