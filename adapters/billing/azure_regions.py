"""Azure region names as billing writes them ("US East", "EU West", "CA Central"), in the form that logs use (`eastus`).

Names from Microsoft's FinOps toolkit open data (Regions.csv).
"""

from __future__ import annotations

import re

_AREAS = {
    "us": "us",
    "usgov": "usgov",
    "ae": "uae",
    "au": "australia",
    "br": "brazil",
    "ca": "canada",
    "ch": "switzerland",
    "cn": "china",
    "de": "germany",
    "eu": "europe",
    "fr": "france",
    "in": "india",
    "il": "israel",
    "it": "italy",
    "ja": "japan",
    "kr": "korea",
    "no": "norway",
    "pl": "poland",
    "se": "sweden",
    "uk": "uk",
    "za": "southafrica",
    "ap": "asia",
}
_AREA_FIRST = frozenset(_AREAS.values()) - {"us", "europe", "asia"}
"""Areas that stand before the side in a location's name: `canadacentral`, but `westeurope`."""

_METER_REGION = re.compile(r"([a-z]+) ((?:north|south|east|west|central)(?: ?central|east|west)?)(?: ?(\d))?")


def azure_region(name: str) -> str:
    """Return a region in the form of resource locations.

    >>> azure_region("US East"), azure_region("EU West"), azure_region("CA Central"), azure_region("WESTUS2")
    ('eastus', 'westeurope', 'canadacentral', 'westus2')
    """
    lower = name.strip().lower()
    found = _METER_REGION.fullmatch(lower)
    area = _AREAS.get(found[1]) if found else None
    if not found or area is None:
        return "global" if lower in ("all regions", "intercontinental") else lower.replace(" ", "")
    side, number = found[2].replace(" ", ""), found[3] or ""
    return f"{area}{side}{number}" if area in _AREA_FIRST else f"{side}{area}{number}"
