"""The pods of the services: names, nodes and ids as Kubernetes makes them.

Under the container writers; a pod's name ends in the alphabet of k8s.io/apimachinery's generated names.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .services import Service

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod of a service."""

    service: str
    name: str
    uid: str
    container_id: str
    node: str
    ip: str


def pods_of(service: Service, seed: int) -> list[Pod]:
    """Return a service's pods.

    >>> pods_of(Service("orders", "gcp", "text", 1), 7)[0].name.startswith("orders-")
    True
    """
    random = Random(f"pods {seed} {service.name}")
    template = "".join(random.choices(_ALPHABET, k=9))
    return [_pod(service, template, random) for _ in range(service.pods)]


def guid(random: Random) -> str:
    """Return a random GUID.

    >>> len(guid(Random(1)))
    36
    """
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _pod(service: Service, template: str, random: Random) -> Pod:
    network = {"aws": 20, "azure": 40, "gcp": 60}[service.cloud]
    third, fourth = random.randrange(4), random.randrange(4, 250)
    node = {
        "aws": f"ip-10-{network}-{third}-{fourth // 40 + 10}.eu-west-1.compute.internal",
        "azure": f"aks-apps-31870442-vmss00000{third}",
        "gcp": f"gke-shop-gke-apps-5d9f1c2e-{_ALPHABET[third]}k7x",
    }[service.cloud]
    suffix = "".join(random.choices(_ALPHABET, k=5))
    return Pod(
        service=service.name,
        name=f"{service.name}-{template}-{suffix}",
        uid=guid(random),
        container_id=f"{random.getrandbits(256):064x}",
        node=node,
        ip=f"10.{network}.{third}.{fourth}",
    )
