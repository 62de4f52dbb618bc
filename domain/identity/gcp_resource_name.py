"""Google Cloud full resource names: `//service.googleapis.com/path`.

Logs write full names, relative names of audit records (`projects/p/..`, `projects/_/buckets/b`, project numbers), self
links and `gs://` URLs. The normal form is Cloud Asset Inventory's,
https://cloud.google.com/asset-inventory/docs/asset-names.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from .arn import MEMO_ENTRIES

_FULL: Final = re.compile(r"//([a-z0-9.-]+\.(?:googleapis\.com|k8s\.io))/(.+)")
_SELF_LINK: Final = re.compile(
    r"https?://(?:(?:www|content)\.googleapis\.com/([a-z]+)|([a-z]+)\.googleapis\.com(?:/[a-z]+)?)/(?:v\d\w*|beta|alpha)/(.+)"
)
_BUCKET: Final = re.compile(r"(?:gs://|projects/[^/]+/buckets/|b/)([^/]+)(?:/(?:objects/|o/)?(.+))?")
_PROJECT: Final = re.compile(r"projects/(_|-|\d+)(?=/|$)")
_ROOT: Final = re.compile(r"(?:projects|organizations|folders|billingAccounts)/.+")
_ROOT_ITSELF: Final = re.compile(r"(?:projects|organizations|folders)/[^/]+")
_WITHOUT_PROJECT: Final = ("managedZones/", "instances/")
"""Collections that the audit records of Cloud DNS and Cloud SQL name without their project."""

_CLUSTER_ZONE: Final = re.compile(r"(projects/[^/]+/)zones(/[^/]+/clusters/)")

_SERVICE_OF_PATH: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(r"(?:projects/[^/]+/)?" + pattern), service)
    for pattern, service in (
        (r"(?:zones|locations)/[^/]+/clusters/.*", "container"),
        (r"(?:zones|regions|global)/.*", "compute"),
        (r"(?:topics|subscriptions|snapshots|schemas)/.*", "pubsub"),
        (r"(?:serviceAccounts|roles)/.*", "iam"),
        (r"(?:datasets|jobs)/.*", "bigquery"),
        (r"(?:sinks|logs|metrics|exclusions)/.*", "logging"),
        (r"secrets/.*", "secretmanager"),
        (r"managedZones/.*", "dns"),
        (r"databases/.*", "firestore"),
        (r"instances/[^/]+/(?:databases|tables)/.*", "spanner"),
        (r"instances/.*", "cloudsql"),
        (r"locations/[^/]+/functions/.*", "cloudfunctions"),
        (r"locations/[^/]+/(?:services|jobs|revisions)/.*", "run"),
        (r"locations/[^/]+/keyRings/.*", "cloudkms"),
        (r"locations/[^/]+/repositories/.*", "artifactregistry"),
        (r"locations/[^/]+/queues/.*", "cloudtasks"),
        (r"locations/[^/]+/secrets/.*", "secretmanager"),
        (r"locations/[^/]+/instances/.*", "redis"),
        (r"locations/[^/]+/buckets/.*", "logging"),
    )
)
"""The service of a relative name whose record does not tell it, by its collections."""

_SERVICE_ALIASES: Final = {"sqladmin": "cloudsql", "cloudrun": "run"}


class GcpResourceName(msgspec.Struct, frozen=True):
    """A service and the path of a resource within it.

    >>> str(GcpResourceName("pubsub", "projects/p/topics/t"))
    '//pubsub.googleapis.com/projects/p/topics/t'
    """

    service: str
    path: str

    @property
    def project(self) -> str:
        """Project id or number, '' where the path has none (buckets)."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "projects" and len(parts) > 1 else ""

    @property
    def name(self) -> str:
        """The last segment."""
        return self.path.rsplit("/", 1)[-1]

    def __str__(self) -> str:
        return f"//{self.service}.googleapis.com/{self.path}"


@lru_cache(MEMO_ENTRIES)
def parse_gcp_resource_name(text: str, *, service: str = "", project: str = "") -> GcpResourceName | None:
    """Return service and path of a name in any form, or None.

    Args:
        text: full name, self link, `gs://` URL, or relative name.
        service: `protoPayload.serviceName` where the record has it.
        project: the record's project id; takes the place of `_`, `-` and of a project number.

    >>> str(parse_gcp_resource_name("projects/_/buckets/logs", service="storage.googleapis.com"))
    '//storage.googleapis.com/logs'
    """
    service, path = _service_and_path(text.strip(), service.removesuffix(".googleapis.com"))
    bucket = _BUCKET.fullmatch(path) if service in ("storage", "") else None
    if bucket:
        return GcpResourceName("storage", f"{bucket[1]}/{bucket[2]}" if bucket[2] else bucket[1])
    if not service:
        service = _service_of_path(path)
    if not service or not path:
        return None
    if project and not project.isdigit():
        path = _PROJECT.sub(f"projects/{project}", path, count=1)
    if project and path.startswith(_WITHOUT_PROJECT):
        path = f"projects/{project}/{path}"
    path = _CLUSTER_ZONE.sub(r"\1locations\2", path) if service == "container" else path
    return GcpResourceName(service, path)


def _service_and_path(text: str, service: str) -> tuple[str, str]:
    if full := _FULL.fullmatch(text):
        return full[1].removesuffix(".googleapis.com"), full[2]
    if link := _SELF_LINK.fullmatch(text):
        service, text = link[1] or link[2], link[3]
        return _SERVICE_ALIASES.get(service, service), text
    text = text.lstrip("/")
    if _ROOT_ITSELF.fullmatch(text):
        return "cloudresourcemanager", text
    return _SERVICE_ALIASES.get(service, service), text


def _service_of_path(path: str) -> str:
    if not _ROOT.fullmatch(path):
        return ""
    return next((service for pattern, service in _SERVICE_OF_PATH if pattern.fullmatch(path)), "")
