"""Parse answers of AWS Cost Explorer (GetCostAndUsage): costs by period, and by up to two dimensions.

Between the costs source, or an answer saved to a file, and the store. A period that is not closed changes: its row
keeps its `charge_key`, and the newer one replaces the older. Do not read the same costs from reports (CUR) as well:
both would count. See https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import CostRecorded, Event
from ..listed_records import Listed, listed_objects, read_each
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .amounts import amount_of
from .aws_regions import region_of_usage_type
from .charges import charge_key, time_ns
from .log_class import aws_log_class

FORMAT: Final = "aws.cost_explorer"

_BILLED: Final = ("NetUnblendedCost", "UnblendedCost", "BlendedCost")
_EFFECTIVE: Final = ("NetAmortizedCost", "AmortizedCost")


class _Amount(msgspec.Struct):
    Amount: str = "0"
    Unit: str = ""


class _Group(msgspec.Struct):
    Keys: list[str] = []
    Metrics: dict[str, _Amount] = {}


class _Period(msgspec.Struct):
    Start: str
    End: str


class _Result(msgspec.Struct):
    TimePeriod: _Period
    Total: dict[str, _Amount] = {}
    Groups: list[_Group] = []
    Estimated: bool = False


class _Definition(msgspec.Struct):
    Type: str = ""
    Key: str = ""


class _Answer(msgspec.Struct):
    ResultsByTime: list[_Result]
    GroupDefinitions: list[_Definition] = []


class AwsCostExplorerParser:
    """Answers of GetCostAndUsage, whole or a period at a time.

    >>> from ..records import Origin
    >>> body = b'''{"GroupDefinitions":[{"Type":"DIMENSION","Key":"SERVICE"}],"ResultsByTime":[{"TimePeriod":
    ... {"Start":"2026-11-19","End":"2026-11-20"},"Groups":[{"Keys":["AmazonCloudWatch"],"Metrics":
    ... {"UnblendedCost":{"Amount":"1.25","Unit":"USD"}}}],"Estimated":true}]}'''
    >>> row = AwsCostExplorerParser().parse(Records.of([body], Origin("ce.json")))[0]
    >>> row.service_name, row.billed_cost_micros
    ('AmazonCloudWatch', 1250000)
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is such an answer."""
        results = sample.fields.get("ResultsByTime")
        return isinstance(results, list) and all(isinstance(one, dict) and "TimePeriod" in one for one in results)

    def parse(self, records: Records) -> EventBatch:
        """Return one CostRecorded per period and group."""
        return batch_of(read_each(listed_objects(records, ()), _charges))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _charges(item: Listed) -> Iterator[Event]:
    answer = msgspec.convert(item.fields, _Answer)
    for result in answer.ResultsByTime:
        groups = result.Groups or ([_Group([], result.Total)] if result.Total else [])
        for group in groups:
            yield _charge(result, group, _named(answer.GroupDefinitions, group.Keys), item)


def _named(definitions: Sequence[_Definition], keys: Sequence[str]) -> dict[str, str]:
    """Return a group's keys by what they are keys of; of a tag (`env$prod`) under `tag:env`."""
    if len(definitions) != len(keys):
        raise UnreadableRecordError(f"{len(keys)} keys of a group, {len(definitions)} definitions")
    named = {}
    for definition, key in zip(definitions, keys, strict=True):
        if definition.Type in ("TAG", "COST_CATEGORY"):
            named[f"tag:{definition.Key}"] = key.partition("$")[2]
        else:
            named[definition.Key] = key
    return named


def _charge(result: _Result, group: _Group, named: Mapping[str, str], item: Listed) -> CostRecorded:
    told = group.Metrics
    account = named.get("LINKED_ACCOUNT") or item.metadata.get("account", "")
    product, usage_type = named.get("SERVICE", ""), named.get("USAGE_TYPE", "")
    billed = next((told[name] for name in _BILLED if name in told), next(iter(told.values()), _Amount()))
    effective = next((told[name] for name in _EFFECTIVE if name in told), billed)
    used = told.get("UsageQuantity", _Amount(""))
    money = amount_of(billed.Amount)
    start, end = result.TimePeriod.Start, result.TimePeriod.End
    key = charge_key(FORMAT, account, start, end, *[f"{name}={value}" for name, value in sorted(named.items())])
    revision = [f"{name}={told[name].Amount}" for name in sorted(told)]
    return CostRecorded(
        event_id=event_id(FORMAT, key, str(result.Estimated), *revision),
        format=FORMAT,
        provider="aws",
        account=account,
        region=_region(named.get("REGION", ""), usage_type),
        name=usage_type or product,
        occurred_at=time_ns(start),
        charge_key=key,
        exported_at=item.records.origin.observed_at,
        billed_cost_micros=money.micros,
        billed_cost_picos=money.picos,
        effective_cost_micros=amount_of(effective.Amount).micros,
        billing_currency=billed.Unit,
        charge_category={"Tax": "Tax", "Credit": "Credit", "Refund": "Credit"}.get(
            named.get("RECORD_TYPE", product), "Usage"
        ),
        charge_description="estimated" if result.Estimated else "",
        charge_period_start=time_ns(start),
        charge_period_end=time_ns(end),
        billing_account_id=item.metadata.get("account", ""),
        sub_account_id=named.get("LINKED_ACCOUNT", ""),
        service_name=product,
        usage_type=usage_type,
        operation=named.get("OPERATION", ""),
        consumed_quantity=used.Amount,
        consumed_unit=used.Unit if used.Unit != "N/A" else "",
        log_class=aws_log_class(product, usage_type, ""),
        tags={name[4:]: value for name, value in named.items() if name.startswith("tag:") and value},
    )


def _region(told: str, usage_type: str) -> str:
    if told in ("NoRegion", "global"):
        return ""
    return told or (region_of_usage_type(usage_type) if usage_type else "")
