"""Answers of Cost Explorer saved to files: totals, tags, shapes that do not fit."""

from __future__ import annotations

import json
from typing import Any

from cloudledger.adapters.billing.aws_cost_explorer_parser import AwsCostExplorerParser
from cloudledger.domain.events import CostRecorded, Kind
from tests.adapters.parsed import batch_of_records


def answer(definitions: list[dict[str, str]], **result: Any) -> str:
    period = {"Start": "2026-11-19", "End": "2026-11-20"}
    return json.dumps({"GroupDefinitions": definitions, "ResultsByTime": [{"TimePeriod": period, **result}]})


def cost(amount: str) -> dict[str, Any]:
    return {"UnblendedCost": {"Amount": amount, "Unit": "USD"}, "UsageQuantity": {"Amount": "3", "Unit": "N/A"}}


def rows_of(text: str) -> list[CostRecorded]:
    return [row for row in batch_of_records(text) if isinstance(row, CostRecorded)]


def test_a_total_is_a_row() -> None:
    [row] = rows_of(answer([], Total=cost("2.5")))

    assert (row.billed_cost_micros, row.service_name, row.consumed_quantity) == (2_500_000, "", "3")
    assert (row.charge_period_end - row.charge_period_start) // 10**9 == 86_400


def test_keys_of_tags_are_tags_and_regions_are_regions() -> None:
    definitions = [{"Type": "TAG", "Key": "env"}, {"Type": "DIMENSION", "Key": "REGION"}]
    groups = [
        {"Keys": ["env$prod", "eu-west-1"], "Metrics": cost("1")},
        {"Keys": ["env$", "NoRegion"], "Metrics": cost("2")},
    ]

    rows = rows_of(answer(definitions, Groups=groups))

    assert [(row.tags, row.region) for row in rows] == [({"env": "prod"}, "eu-west-1"), ({}, "")]


def test_keys_without_definitions_make_no_cost() -> None:
    batch = batch_of_records(answer([], Groups=[{"Keys": ["AmazonEC2"], "Metrics": cost("1")}]))

    assert batch.kind.tolist() == [int(Kind.LOG_RECORDED)]


def test_attributes_are_the_records_fields() -> None:
    assert AwsCostExplorerParser().attributes(b'{"a":1}', {}) == {"aws.cost_explorer.a": 1}
    assert AwsCostExplorerParser().attributes(b"[]", {}) == {}
