"""Entries as JSON: as Google's own library writes them, with the ids that exported files give, whatever they hold."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from google.api.quota_pb2 import QuotaLimit
from google.cloud.appengine_logging_v1.types import RequestLog
from google.cloud.audit.audit_log_pb2 import AuditLog
from google.iam.v1.logging.audit_data_pb2 import AuditData
from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    json_format,
    message_factory,
    struct_pb2,
    wrappers_pb2,
)
from google.protobuf.field_mask_pb2 import FieldMask

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.gcp.sources.log_entry_json import entry_json
from cloudledger.domain import Event
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import NOON_NS
from tests.adapters.gcp.sources.logging_world import LoggingWorld
from tests.wire.google_logging import ENTRY, FakeLogging, Held


def made(**fields: Any) -> Any:
    entry = ENTRY(log_name="projects/shop-prod/logs/pay", insert_id="a1", **fields)
    entry.timestamp.FromNanoseconds(NOON_NS + 123_456_789)
    return entry


def packed(message: Any) -> any_pb2.Any:
    found = any_pb2.Any()
    found.Pack(message)
    return found


def audit() -> Any:
    log = AuditLog(service_name="compute.googleapis.com", method_name="v1.compute.instances.insert")
    log.authentication_info.principal_email = "ci@shop.example"
    log.resource_name = "projects/shop-prod/zones/europe-west1-b/instances/pay-1"
    log.authorization_info.add(permission="compute.instances.create", granted=True)
    log.request.update({"name": "pay-1", "sizeGb": 10, "ratio": 0.25, "none": None, "tags": ["a", True, {"b": 1}]})
    log.status.code = 7
    log.service_data.Pack(AuditData())
    entry = made(proto_payload=packed(log), severity=300)
    entry.resource.type = "gce_instance"
    entry.resource.labels.update({"project_id": "shop-prod", "zone": "europe-west1-b", "instance_id": "7"})
    return entry


def whole() -> Any:
    """Return an entry with every field that an entry has."""
    entry = made(text_payload="paid", severity=500, trace="projects/shop-prod/traces/" + "a" * 32, span_id="b" * 16)
    entry.trace_sampled = True
    entry.labels.update({"a": "b", "k8s-pod/app": "pay"})
    entry.http_request.request_method, entry.http_request.status = "GET", 503
    entry.http_request.response_size, entry.http_request.cache_hit = 1 << 40, True
    entry.http_request.latency.FromMilliseconds(250)
    entry.operation.id, entry.operation.first = "op", True
    entry.source_location.file, entry.source_location.line = "pay.py", 17
    entry.split.uid, entry.split.index, entry.split.total_splits = "s", 1, 3
    return entry


ENTRIES = {
    "whole": whole(),
    "audit": audit(),
    "app engine": made(proto_payload=packed(RequestLog.pb(RequestLog(app_id="shop", status=200, cost=0.1)))),
    "masked": made(proto_payload=packed(FieldMask(paths=["a.b_c", "d"]))),
    "wrapped": made(proto_payload=packed(wrappers_pb2.Int64Value(value=1 << 60))),
    "a list": made(proto_payload=packed(struct_pb2.ListValue(values=[struct_pb2.Value(number_value=1.5)]))),
    "a value": made(proto_payload=packed(struct_pb2.Value(string_value="x"))),
    "no payload": made(proto_payload=any_pb2.Any()),
    "unknown severity": made(severity=777),
    "bytes": made(proto_payload=packed(wrappers_pb2.BytesValue(value=b"\x00\xff"))),
    "a float": made(proto_payload=packed(wrappers_pb2.FloatValue(value=0.1))),
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_is_written_as_googles_own_library_writes_it(entry: Any) -> None:
    assert json.loads(entry_json(entry)) == json_format.MessageToDict(entry)


@pytest.mark.parametrize(("fraction", "text"), [(0, ""), (5_000_000, ".005"), (1_000, ".000001"), (1, ".000000001")])
def test_times_have_as_many_decimals_as_the_rest_api_gives_them(fraction: int, text: str) -> None:
    entry = ENTRY(insert_id="a")
    entry.timestamp.FromNanoseconds(NOON_NS + fraction)

    assert json.loads(entry_json(entry))["timestamp"] == f"2026-11-20T12:00:00{text}Z"


def test_whole_numbers_stay_whole_and_those_that_json_lacks_are_words() -> None:
    entry = made()
    entry.json_payload.update({"n": 200, "big": 1e300, "inf": float("inf"), "low": float("-inf"), "nan": float("nan")})

    written = entry_json(entry)

    assert b'"n":200' in written
    told = {"n": 200, "big": 1e300, "inf": "Infinity", "low": "-Infinity", "nan": "NaN"}
    assert json.loads(written)["jsonPayload"] == told


@pytest.mark.parametrize(
    "payload",
    [
        any_pb2.Any(type_url="type.googleapis.com/shop.Unknown", value=b"\x0a\x01x"),
        any_pb2.Any(type_url="type.googleapis.com/google.cloud.audit.AuditLog", value=b"\xff"),
    ],
    ids=["unknown", "damaged"],
)
def test_a_message_that_cannot_be_read_leaves_the_rest_of_the_entry_readable(payload: any_pb2.Any) -> None:
    log = AuditLog(method_name="v1.insert", service_data=payload)

    written = json.loads(entry_json(made(proto_payload=packed(log))))["protoPayload"]

    assert written["methodName"] == "v1.insert"
    assert written["serviceData"] == {"@type": payload.type_url, "value": base64.b64encode(payload.value).decode()}


def test_the_keys_of_a_map_are_written_as_text() -> None:
    """No message of Cloud Logging has other keys than text, some that it can hold have."""
    name, kind = descriptor_pb2.FieldDescriptorProto, descriptor_pb2.DescriptorProto
    entry = kind(name="FlagsEntry", options=descriptor_pb2.MessageOptions(map_entry=True))
    entry.field.add(name="key", number=1, type=name.TYPE_BOOL, label=name.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=name.TYPE_DOUBLE, label=name.LABEL_OPTIONAL)
    file = descriptor_pb2.FileDescriptorProto(name="flags.proto", package="shop", syntax="proto3")
    held = file.message_type.add(name="Flags", nested_type=[entry])
    held.field.add(
        name="flags", number=1, type=name.TYPE_MESSAGE, label=name.LABEL_REPEATED, type_name=".shop.Flags.FlagsEntry"
    )
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    flags = message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName("shop.Flags"))()
    flags.flags[True] = 0.5

    for message in (flags, QuotaLimit(values={"STANDARD": 1 << 50})):
        entry = made(proto_payload=packed(message))
        assert json.loads(entry_json(entry)) == json_format.MessageToDict(entry)


def seen(ledger: Ledger) -> dict[bytes, tuple[str, int]]:
    found: list[Event] = [event for batch in ledger.read() for event in batch]
    events = [event for event in found if not event.format.startswith("cloudledger.")]
    return {event.event_id: (type(event).__name__, event.occurred_at) for event in events}


def autoscaler() -> Any:
    log = AuditLog(method_name="compute.autoscalers.resize")
    log.resource_name = "projects/shop-prod/zones/europe-west1-b/autoscalers/pay"
    log.metadata.update({"@type": "type.googleapis.com/x", "oldSize": 1, "newSize": 3})
    entry = made(proto_payload=packed(log))
    entry.resource.type = "autoscaler"
    entry.resource.labels["project_id"] = "shop-prod"
    return entry


def test_entries_have_the_event_ids_that_exported_files_give_them(tmp_path: Path) -> None:
    """A file as a sink writes it, and entries.list, give one event, not two."""
    entries = [autoscaler(), audit(), whole(), made(text_payload="GET /")]
    for number, one in enumerate(entries):
        one.insert_id, one.log_name = f"n{number}", "projects/shop-prod/logs/" + ("activity" if number < 2 else "pay")
    exported = tmp_path / "export.json"
    exported.write_text("".join(json.dumps(json_format.MessageToDict(one)) + "\n" for one in entries))
    with Ledger.open(tmp_path / "files") as ledger:
        ingest(ledger, [FileSource(exported, stream="files")])
        from_file = seen(ledger)
    world = LoggingWorld(entries=1)
    world.fake = FakeLogging([Held(one.timestamp.ToNanoseconds(), one.insert_id, one) for one in entries])
    with world.fake, Ledger.open(tmp_path / "listed") as ledger:
        world.poll(ledger)

        assert seen(ledger) == from_file
    assert len(from_file) >= 4
    assert {kind for kind, _ in from_file.values()} >= {"ScalingRecorded", "LogRecorded"}


def test_single_precision_is_written_shortly() -> None:
    value = struct.unpack("f", struct.pack("f", 1.1))[0]

    assert json.loads(entry_json(made(proto_payload=packed(wrappers_pb2.FloatValue(value=value)))))["protoPayload"] == {
        "@type": "type.googleapis.com/google.protobuf.FloatValue",
        "value": 1.1,
    }
