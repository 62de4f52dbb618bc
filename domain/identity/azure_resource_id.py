"""Azure Resource Manager ids: parts, the lower-case key, parents.

The same id arrives all upper-case, mixed and lower-case, so ids are compared by their lower-case key and kept as
received elsewhere. See https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from .arn import MEMO_ENTRIES

_HOST: Final = re.compile(r"https?://management\.[a-z0-9.-]+(?=/)", re.IGNORECASE)
_ROOTS: Final = ("/subscriptions/", "/tenants/", "/providers/")


class AzureResourceId(msgspec.Struct, frozen=True):
    """The parts of a resource id; `types` and `names` run from the resource itself to its innermost child.

    >>> AzureResourceId("/subscriptions/s/providers/p/t/n", "s", "", "p", ("t",), ("n",)).resource_type
    'p/t'
    """

    key: str
    subscription: str
    resource_group: str
    provider: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def resource_type(self) -> str:
        """Provider and types, lower-case, as in `microsoft.compute/virtualmachines/extensions`."""
        return "/".join((self.provider, *self.types)) if self.provider else ""

    @property
    def name(self) -> str:
        """Name of the innermost child; the group's or subscription's where there is no provider."""
        return self.names[-1] if self.names else self.resource_group or self.subscription

    def contains(self, other: AzureResourceId) -> bool:
        """Say whether the other id is this one or lies below it, compared segment by segment."""
        return other.key == self.key or other.key.startswith(self.key + "/")


def azure_key(text: str) -> str:
    """Return the lower-case key of an id: one slash between segments, none at the end, no host and no query.

    >>> azure_key("/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/")
    '/subscriptions/0/resourcegroups/g'
    """
    path = _HOST.sub("", text.strip()).split("?", 1)[0]
    return "/" + "/".join(segment for segment in path.lower().split("/") if segment)


@lru_cache(MEMO_ENTRIES)
def parse_azure_resource_id(text: str) -> AzureResourceId | None:
    """Return the parts of an id in any case, or None; an extension resource takes its own provider.

    >>> parse_azure_resource_id("/SUBSCRIPTIONS/0/resourceGroups/G/providers/Microsoft.Web/sites/App").resource_type
    'microsoft.web/sites'
    """
    key = azure_key(text)
    if not (key + "/").startswith(_ROOTS) or key.count("/") < 2:
        return None
    scope, _, own = key.rpartition("/providers/") if "/providers/" in key else (key, "", "")
    provider, *rest = own.split("/")
    return AzureResourceId(
        key,
        _after(key, "/subscriptions/"),
        _after(scope or key, "/resourcegroups/"),
        provider,
        tuple(rest[0::2]),
        tuple(rest[1::2]),
    )


def _after(key: str, marker: str) -> str:
    return key.split(marker, 1)[1].split("/", 1)[0] if marker in key else ""
