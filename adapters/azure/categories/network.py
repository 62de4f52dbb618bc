"""Logs of Azure Firewall: structured tables, and the older categories whose facts stand in a sentence.

See https://learn.microsoft.com/azure/firewall/monitor-firewall-reference and
https://learn.microsoft.com/azure/firewall/diagnostic-logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ...attribute_readers import lower, number, url
from ...attribute_table import Names
from ...field_paths import Row, as_text, texts_of
from ...number_columns import duration_column
from ..diagnostics_parser import peers_by_address
from ..firewall_message import firewall_message
from .family import family, own

_FIREWALL: Final = """
AzureFirewallApplicationRule AzureFirewallNetworkRule AzureFirewallDnsProxy AzureFirewallThreatIntelLog
AZFWApplicationRule AZFWNetworkRule AZFWNatRule AZFWDnsQuery AZFWThreatIntel AZFWIdpsSignature AZFWFlowTrace AZFWFatFlow
AZFWApplicationRuleAggregation AZFWNetworkRuleAggregation AZFWNatRuleAggregation AZFWInternalFqdnResolutionFailure
AZFWFqdnResolveFailure AZFWDnsFlowTrace
"""

_NAMES: Final[Names] = {
    "msg": "log.record.body",
    "protocol": lower("network.transport"),
    "sourceip": "source.address",
    "sourceport": number("source.port"),
    "destinationip": "destination.address",
    "destinationport": number("destination.port"),
    "translatedip": "azure.firewall.translated.address",
    "translatedport": number("azure.firewall.translated.port"),
    "fqdn": "server.address",
    "targeturl": url,
    "action": "security_rule.action",
    "actionreason": "security_rule.evaluation.reason",
    "rule": "security_rule.name",
    "rulecollection": "security_rule.ruleset.name",
    "rulecollectiongroup": "azure.firewall.rule_collection_group.name",
    "policy": "azure.firewall.policy.id",
    "istlsinspected": "azure.firewall.tls_inspected",
    "webcategory": "azure.firewall.web_category",
    "signatureid": "security_rule.uuid",
    "category": "security_rule.category",
    "severity": "azure.firewall.signature.severity",
    "description": "security_rule.description",
    "threatdescription": "security_rule.description",
    "queryname": "dns.question.name",
    "querytype": "dns.question.type",
    "responsecode": "dns.response_code",
    "queryid": number("azure.firewall.dns.query.id"),
    "flag": "azure.firewall.tcp_flag",
    "flowrate": number("azure.firewall.flow_rate"),
}


def _sentence(row: Row) -> dict[str, Any]:
    [text] = texts_of([row], own("msg"))
    return firewall_message(text) if text else {}


def _flows(rows: Sequence[Row], columns: dict[str, Any]) -> None:
    """Read the callee and the verdict, from columns or from the sentence."""
    told = [_sentence(row) for row in rows]
    targets = texts_of(rows, own("fqdn", "destinationip", "queryname"))
    names = [as_text(one.get("server.address")) for one in told]
    addresses = [own_one or as_text(one.get("destination.address")) for own_one, one in zip(targets, told, strict=True)]
    peers_by_address(columns, addresses, names)
    actions = texts_of(rows, own("action"))
    columns["name"] = [
        action or as_text(one.get("security_rule.action")) or name
        for action, one, name in zip(actions, told, columns["name"], strict=True)
    ]
    took = duration_column([one.get("azure.firewall.dns.duration") for one in told], "s")
    columns["duration_us"] = np.where(columns["duration_us"] >= 0, columns["duration_us"], took)


PARSERS: Final = (
    family(
        "azure.firewall",
        _FIREWALL,
        message=own("msg"),
        names=_NAMES,
        refine=_flows,
        derive=_sentence,
    ),
)
