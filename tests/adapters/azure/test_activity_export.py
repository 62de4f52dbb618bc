"""The typed way through exported activity records says what the general way says."""

import json
from typing import Any

import numpy as np
import pytest

from cloudledger.adapters.azure.activity_export import exported_activities
from cloudledger.domain.batch import EventBatch
from tests.adapters.builders import records
from tests.adapters.native_records import activity
from tests.adapters.parsed import batch_of_records

NUMBERS = ("occurred_at", "severity", "status", "duration_us", "template", "flags")
STRINGS = ("name", "service", "resource", "account", "region", "error")

VARIANTS: list[dict[str, Any]] = [
    {},
    {"resultType": "Success", "resultSignature": "Succeeded.Created"},
    {"level": 2, "durationMs": 17.5},
    {"identity": {"claims": {"name": "eve@example.com", "appid": "7", "wids": "a"}}},
    {"identity": {"claims": {"appid": "7"}, "authorization": {"scope": "/subscriptions/0"}}},
    {"properties": {"statusCode": "Forbidden", "statusMessage": "no JSON", "entity": "x"}},
    {"properties": {"httpStatusCode": "409", "statusMessage": {"code": "Busy"}}},
    {"operationName": "-", "location": "West Europe", "tenantId": "t"},
    {"category": "ResourceHealth", "resultType": "-"},
    {"category": "Policy", "resourceId": "/subscriptions/0", "Stamp": "s", "ReleaseVersion": "r", "RoleLocation": "l"},
]


def columns(batch: EventBatch) -> dict[str, Any]:
    numbers = {name: getattr(batch, name).tolist() for name in NUMBERS}
    return {**numbers, **{name: getattr(batch, name).to_list() for name in STRINGS}, "mentions": batch.mentions.row(0)}


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_both_ways_give_the_same_columns(variant: dict[str, Any]) -> None:
    typed, general = activity(**variant), activity(**variant, oneMoreKey="x")

    assert exported_activities(records(typed)) is not None
    assert exported_activities(records(general)) is None
    assert columns(batch_of_records(typed)) == columns(batch_of_records(general))


@pytest.mark.parametrize(
    "variant", [{"category": "Policy", "resourceId": "/tenants/t/providers/Microsoft.aadiam"}, {"resourceId": "x"}]
)
def test_a_record_of_another_log_among_activities_is_found_out(variant: dict[str, Any]) -> None:
    batch = batch_of_records(activity(), json.dumps({**json.loads(activity()), **variant}), activity())

    assert batch.format[0] == batch.format[2] == "azure.activity" != batch.format[1]
    assert np.all(batch.kind == batch.kind[0])
