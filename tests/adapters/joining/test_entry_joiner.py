"""Entries that a carrier or a container runtime split, joined again."""

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.adapters import FileSource, attributes_of, ingest
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.events import Event, Flag
from cloudledger.store import Ledger
from tests.adapters.builders import ORIGIN, container_log_v2, subscription

TEXT = '{"level":"error","msg":"' + "x" * 60 + '","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}'
POD_LOG = Origin("/var/log/pods/shop_cart-0_0f4c1b7e-1b1b-4c1c-8d1d-2e2e2e2e2e2e/server/0.log")


def events_of(*bodies: str, origin: Origin = ORIGIN) -> list[Event]:
    return list(EventBatch.concat(Pipeline().parse(Records.of([body.encode() for body in bodies], origin))))


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def cri(text: str, tag: str, at: int = 0, stream: str = "stdout") -> str:
    return f"2026-11-20T10:00:00.{at:09d}Z {stream} {tag} {text}"


def cri_lines(text: str, size: int) -> list[tuple[str, str]]:
    """Return the parts of a text with their tags."""
    parts = pieces(text, size)
    return [(part, "F" if at == len(parts) - 1 else "P") for at, part in enumerate(parts)]


def docker(text: str, nano: int = 0) -> str:
    return json.dumps({"log": text, "stream": "stdout", "time": f"2026-11-20T10:00:00.{nano:09d}Z"})


def gke(text: str, uid: str, index: int, total: int, **fields: Any) -> str:
    labels = {"project_id": "p", "location": "europe-west4", "cluster_name": "c", "namespace_name": "shop"}
    return json.dumps(
        {
            "insertId": f"{uid}-{index}",
            "logName": "projects/p/logs/stdout",
            "resource": {"type": "k8s_container", "labels": {**labels, "pod_name": "cart-0", "container_name": "c"}},
            "timestamp": "2026-11-20T10:00:00.5Z",
            "textPayload": text,
            "split": {"uid": uid, "index": index, "totalSplits": total},
            **fields,
        }
    )


def fluentd(text: str, ordinal: int, last: bool, group: str = "a1") -> str:
    marks = {"partial_message": "true", "partial_id": group, "partial_ordinal": str(ordinal)}
    kubernetes = {"pod_name": "cart-0", "namespace_name": "shop", "container_name": "server"}
    return json.dumps({"log": text, "kubernetes": kubernetes, **marks, "partial_last": str(last).lower()})


def is_whole(event: Event) -> bool:
    return (event.severity, event.trace_id, event.flags) == (17, "4bf92f3577b34da6a3ce929d0e0e4736", 0)


def test_parts_of_cri_lines_are_joined() -> None:
    [event] = events_of(*[cri(*part, at) for at, part in enumerate(cri_lines(TEXT, 20))], origin=POD_LOG)

    assert is_whole(event)
    assert event.resource == "k8s:///shop/pod/cart-0" or event.resource.endswith("shop/pod/cart-0")


def test_a_docker_line_without_a_line_feed_goes_on_in_the_next() -> None:
    [first, second] = events_of(
        *[docker(part, at) for at, part in enumerate(pieces(TEXT, 50))], docker("\n", 8), docker("b\n", 9)
    )

    assert is_whole(first)
    assert not second.flags & Flag.PARTIAL


def test_parts_of_cloud_logging_are_joined_in_any_order() -> None:
    parts = pieces(TEXT, 30)
    entries = [gke(part, "u1", at, len(parts)) for at, part in enumerate(parts)]

    [event] = events_of(*entries[::-1])

    assert is_whole(event)
    assert event.size_bytes == sum(map(len, entries))


def test_fields_of_a_split_audit_entry_are_spread_back() -> None:
    def entry(index: int, request: dict[str, Any]) -> str:
        return json.dumps(
            {
                "insertId": f"a-{index}",
                "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
                "resource": {"type": "gcs_bucket", "labels": {"project_id": "p"}},
                "timestamp": "2026-11-20T10:00:00Z",
                "protoPayload": {
                    "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                    "methodName": "storage.buckets.update",
                    "serviceName": "storage.googleapis.com",
                    "resourceName": "projects/_/buckets/b",
                    "request": request,
                },
                "split": {"uid": "a", "index": index, "totalSplits": 2},
            }
        )

    [event] = events_of(entry(0, {"items": ["foo", "ba"], "on": True}), entry(1, {"items": ["", "r", "baz"]}))

    payload = json.loads(event.payload)["protoPayload"]  # type: ignore[attr-defined]
    assert payload["request"] == {"items": ["foo", "bar", "baz"], "on": True}
    assert (event.name, event.flags) == ("storage.buckets.update", 0)


def test_parts_of_the_fluentd_driver_are_joined_by_their_group() -> None:
    parts = pieces(TEXT, 40)
    lines = [
        fluentd(part, at + 1, at == len(parts) - 1, group)
        for at, part in enumerate(parts)
        for group in ("a1", "b2")
    ]  # fmt: skip

    events = events_of(*lines)

    assert [is_whole(event) for event in events] == [True, True]


def test_rows_cut_at_the_limit_of_the_runtime_are_joined() -> None:
    text = json.dumps({"level": "error", "msg": "x" * 40_000, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"})
    rows = [container_log_v2(part, _ItemId=f"i{at}") for at, part in enumerate(pieces(text, 16_384))]

    [event] = events_of(*rows)

    assert is_whole(event)


def test_parts_inside_a_subscription_are_joined_and_can_be_decoded() -> None:
    kubernetes = {"pod_name": "cart-0", "namespace_name": "shop", "container_name": "server"}
    parts = [{"log": part, "logtag": "P", "kubernetes": kubernetes} for part in pieces(TEXT, 50)]
    parts[-1]["logtag"] = "F"

    [event] = events_of(subscription(*map(json.dumps, parts)))

    assert is_whole(event)
    assert attributes_of(event)["log.record.body"] == TEXT


def test_a_missing_part_leaves_the_others_as_they_are() -> None:
    events = events_of(gke("one ", "u1", 0, 3), gke("three", "u1", 2, 3), gke("INFO other", "u2", 0, 1))

    assert [bool(event.flags & Flag.PARTIAL) for event in events] == [False, True, True]
    assert [json.loads(event.context).get("part_of") for event in events] == [None, "u1", "u1"]


def test_parts_on_several_pages_are_joined_and_stored_once(tmp_path: Path) -> None:
    parts = pieces(TEXT, 30)
    entries = [gke(part, "u1", at, len(parts)) for at, part in enumerate(parts)]
    for at, entry in enumerate(entries):
        (tmp_path / f"page-{at}.json").write_text(json.dumps({"entries": [json.loads(entry)]}))

    with Ledger.open(tmp_path / "ledger") as ledger:
        first = ingest(ledger, [FileSource(tmp_path / "page-*.json", stream="files/gke")])
        again = ingest(ledger, [FileSource(tmp_path / "page-*.json", stream="files/again")])
        [event] = list(ledger.search(service="cart", limit=10))[:1]

    assert (first.appended, again.appended) == (1, 1)
    assert is_whole(event)


@settings(max_examples=25)
@given(size=st.sampled_from((1, 7, 40)), seed=st.integers(0, 2**32))
def test_splitting_and_joining_gives_the_original(size: int, seed: int) -> None:
    """However writers mix and chunks are cut, each entry comes back whole and nothing is lost."""
    random = Random(seed)
    texts = [(stream, f"{stream} {random.random()} " + "y" * random.randrange(60)) for stream in ("stdout", "stderr")]
    queues = [[(stream, *part) for part in cri_lines(text, size)] for stream, text in texts]
    lines: list[bytes] = []
    while any(queues):
        stream, part, tag = random.choice([queue for queue in queues if queue]).pop(0)
        lines.append(cri(part, tag, len(lines), stream).encode())
    whole = Records.of(lines, POD_LOG)
    pipeline, at, batches = Pipeline(), 0, []
    while at < len(lines):
        end = min(len(lines), at + random.randrange(1, 40))
        rows = np.array(random.sample(range(at, end), end - at))
        batches += pipeline.parse(whole.take(rows), more=True)
        at += len(rows)
    batches += pipeline.finish()

    found = [payload.decode().split(" ", 3)[3] for payload in EventBatch.concat(batches).payload.to_list()]
    assert sorted(found) == sorted(text for _, text in texts)


def test_a_line_that_was_cut_off_is_not_joined_with_the_next() -> None:
    rows = [
        container_log_v2("10:00:00 INFO " + "x" * 16_370, _ItemId="i0"),
        container_log_v2("10:00:01 INFO paid", _ItemId="i1"),
    ]

    events = events_of(*rows)

    assert [event.flags for event in events] == [Flag.TRUNCATED, 0]


@given(st.lists(st.sampled_from([16_384, 40, 41]), max_size=12), st.integers(0, 11), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_no_line_is_lost_where_lines_look_cut_off(lengths: list[int], border: int, writers: int) -> None:
    lines = [f"10:00:{at:02d} INFO line {at} ".ljust(length, "x") for at, length in enumerate(lengths)]
    rows = [
        container_log_v2(
            line,
            PodName=f"pay-7c9d8b6f5d-xk2l{at % writers}",
            TimeGenerated=f"2026-11-20T10:00:{at:02d}Z",
            _ItemId=f"item-{at}",
        )
        for at, line in enumerate(lines)
    ]
    pipeline = Pipeline()
    batches: list[EventBatch] = []
    for part in (rows[:border], rows[border:]):
        batches += pipeline.parse(Records.of([row.encode() for row in part], ORIGIN), more=True)
    batches += pipeline.finish()

    payloads = [payload for batch in batches for payload in batch.payload.to_list()]
    assert sorted(json.loads(payload)["LogMessage"] for payload in payloads) == sorted(lines)
