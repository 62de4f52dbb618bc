"""Read the sentences of Azure Firewall's older categories: who asked for what, and what became of it.

`TCP request from 10.0.0.4:52343 to 20.1.2.3:443. Action: Allow. Rule: web` and the like. See
https://learn.microsoft.com/azure/firewall/diagnostic-logs.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ..attribute_readers import split_port

MAX_SENTENCE_CHARS: Final = 4096
"""Where the facts stand. Chosen: the documented sentences have a tenth of it."""

_REQUEST: Final = re.compile(r"^([A-Za-z]+)(?: type \d+)? +(?:request|Type=\S+|code=\S+) +from ([^ ]+) to ([^ ]+)")
_DNS: Final = re.compile(
    r"^DNS Request: ([^ ]+) - (\d+) ([A-Z0-9]+) [A-Z]+ ([^ ]+) ([a-z]+) \d+ \w+ \d+ ([A-Z]+) [^ ]+ \d+ ([0-9.]+)s"
)
_FACT: Final = re.compile(
    r"(Action|Rule Collection Group|Rule Collection|Rule|Reason|Url|Policy|Web Category): ([^.]*(?:\.\S[^.]*)*)"
)
_TRANSLATED: Final = re.compile(r"was DNAT'ed to ([^ ]+)")

_FACT_NAMES: Final = {
    "Action": "security_rule.action",
    "Rule": "security_rule.name",
    "Rule Collection": "security_rule.ruleset.name",
    "Rule Collection Group": "azure.firewall.rule_collection_group.name",
    "Reason": "security_rule.evaluation.reason",
    "Url": "url.original",
    "Policy": "azure.firewall.policy.id",
    "Web Category": "azure.firewall.web_category",
}


def firewall_message(text: str) -> dict[str, Any]:
    """Return what a sentence says, in OpenTelemetry names.

    >>> told = firewall_message("HTTPS request from 10.0.0.4:61234 to example.com:443. Action: Deny. Rule: web")
    >>> told["source.address"], told["server.address"], told["security_rule.action"], told["security_rule.name"]
    ('10.0.0.4', 'example.com', 'Deny', 'web')
    """
    head = text[:MAX_SENTENCE_CHARS]
    if found := _DNS.match(head):
        return _dns(found)
    told: dict[str, Any] = {}
    if found := _REQUEST.match(head):
        told = {"network.transport": found[1].lower()} | _place("source", found[2]) | _place("destination", found[3])
    if found := _TRANSLATED.search(head):
        address, port = split_port(found[1].rstrip("."))
        told |= {"azure.firewall.translated.address": address, "azure.firewall.translated.port": port}
        told["security_rule.action"] = "DNAT"
    for fact in _FACT.finditer(head):
        told[_FACT_NAMES[fact[1]]] = fact[2].strip().rstrip(".")
    return {name: value for name, value in told.items() if value not in ("", None)}


def _place(role: str, text: str) -> dict[str, Any]:
    """Return an address and its port; a destination that is a name is the server."""
    address, port = split_port(text.rstrip("."))
    if role == "destination" and not address.replace(".", "").replace(":", "").isalnum():
        return {"server.address": address, "server.port": port}
    if role == "destination" and any(letter.isalpha() for letter in address) and ":" not in address:
        return {"server.address": address, "server.port": port}
    return {f"{role}.address": address, f"{role}.port": port}


def _dns(found: re.Match[str]) -> dict[str, Any]:
    address, port = split_port(found[1])
    return {
        "source.address": address,
        "source.port": port,
        "azure.firewall.dns.query.id": int(found[2][:18]),
        "dns.question.type": found[3],
        "dns.question.name": found[4].rstrip("."),
        "server.address": found[4].rstrip("."),
        "network.transport": found[5],
        "dns.response_code": found[6],
        "azure.firewall.dns.duration": found[7],
    }
