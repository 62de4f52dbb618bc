"""FakeDeployments: groups, deployments and operations of a subscription, as Azure Resource Manager gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.wire.azure_fake import JSON
from tests.wire.azure_management import SCOPE, FakeManagement
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, Request
from tests.wire.log_analytics import text_of

TYPE = "/providers/Microsoft.Resources/deployments"
SECRET = "hunter2-hunter2"


def group_of(name: str) -> str:
    """Return the id of a group."""
    return f"{SCOPE}/resourceGroups/{name}"


class FakeDeployments(FakeManagement):
    """A subscription.

    Attributes:
        groups: names of its groups, as listed.
        deployments: by lower-case id; `operations` by the lower-case id of their deployment.
        gone: lower-case ids of groups and deployments that are not found any more.
    """

    def __init__(self, faults: Faults | None = None, **settings: Any) -> None:
        super().__init__(faults, **settings)
        self.groups: list[str] = []
        self.deployments: dict[str, dict[str, Any]] = {}
        self.operations: dict[str, list[dict[str, Any]]] = {}
        self.gone: set[str] = set()
        self.page_items = 3

    def add(self, scope: str, name: str, at_ns: int, *, state: str = "Succeeded", **properties: Any) -> str:
        """Add a deployment; return its id."""
        key = f"{scope}{TYPE}/{name}"
        told = {
            "provisioningState": state,
            "timestamp": text_of(at_ns),
            "duration": "PT30S",
            "correlationId": f"c-{name}",
            "parameters": {"password": {"type": "String", "value": SECRET}},
            **properties,
        }
        self.deployments[key.lower()] = {"id": key, "name": name, "type": TYPE[11:], "properties": told}
        self.operations.setdefault(key.lower(), [])
        return key

    def operate(self, deployment: str, number: int, at_ns: int, target: str, *, state: str = "Succeeded") -> None:
        """Add an operation of a deployment."""
        kind = TYPE[11:] if TYPE in target else "Microsoft.Storage/storageAccounts"
        told = {
            "provisioningOperation": "Create",
            "provisioningState": state,
            "timestamp": text_of(at_ns),
            "duration": "PT10S",
            "trackingId": f"t-{number}",
            "statusCode": "Created",
            "request": {"content": {"password": SECRET}},
            "targetResource": {"id": target, "resourceType": kind, "resourceName": target.rpartition("/")[2]},
        }
        one = {"id": f"{deployment}/operations/{number}", "operationId": str(number), "properties": told}
        self.operations[deployment.lower()].append(one)

    def served(self, request: Request) -> Answer:
        address = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        path = address.path
        if path == f"{SCOPE}/resourcegroups":
            return self._listed(path, asked, [{"id": group_of(one), "name": one} for one in self.groups])
        assert TYPE in path, path
        scope, _, rest = path.partition(TYPE)
        if any(one in (path.removesuffix("/operations").lower(), scope.lower()) for one in self.gone):
            return missing("DeploymentNotFound" if rest else "ResourceGroupNotFound")
        if not rest:
            found = [one for key, one in self.deployments.items() if key.rpartition(TYPE.lower())[0] == scope.lower()]
            return self._listed(path, asked, found)
        if rest.endswith("/operations"):
            return self._listed(path, asked, self.operations[path.removesuffix("/operations").lower()])
        return answered(self.deployments[path.lower()])

    def fault(self, kind: str, request: Request) -> Answer:
        if kind == "forbidden":
            return missing("AuthorizationFailed", 403)
        return super().fault(kind, request)


def answered(value: Mapping[str, Any]) -> Answer:
    """Return an answer with one object."""
    return Answer(200, json.dumps(value).encode(), JSON)


def missing(code: str, status: int = 404) -> Answer:
    """Return the refusal of what is not there."""
    return Answer(status, json.dumps({"error": {"code": code, "message": "no"}}).encode(), JSON)
