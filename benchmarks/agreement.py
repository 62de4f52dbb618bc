"""Compare our events of sample records with what other tools make of them, key by key, and print the agreement.

    python -m benchmarks.agreement CORPORA/logs [--all]

Between the sample files and the reader: files go through the pipeline, each event is laid beside the peer's record that
it agrees with most, and every key of the peer is looked up in ours. `agreement_explained.tsv` says why a key differs:
the peer's own name of it, a defect of the peer, or a rule of the conventions. `--all` lists every explained key.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.expected_records import Sample, leaves, samples
from cloudledger.adapters.attributes import attributes_of
from cloudledger.adapters.files.framing import frame
from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.columns import StringColumn
from cloudledger.domain.events import LogRecorded
from cloudledger.domain.timestamps import parse_timestamp_ns

EXPLAINED = Path(__file__).with_name("agreement_explained.tsv")
"""folder, key (both with wildcards), our name of it (`=` the same, `*` any, `-` none), why."""

Flat = Mapping[str, Any]


class Explanation(NamedTuple):
    """Why a peer's key is not ours."""

    folder: str
    key: str
    ours: str
    why: str


@dataclass(frozen=True)
class Difference:
    """A key in which a peer's record and our event differ."""

    folder: str
    key: str
    theirs: Any
    ours: Any
    why: str = ""


@dataclass(frozen=True)
class Agreement:
    """What was compared of one folder."""

    folder: str
    records: int
    agreed: int
    renamed: int
    differences: tuple[Difference, ...]

    @property
    def unexplained(self) -> list[Difference]:
        """The differences that nothing explains."""
        return [one for one in self.differences if not one.why]


def agreements(logs: Path, explained: Sequence[Explanation] | None = None) -> list[Agreement]:
    """Return the agreement of each folder of samples."""
    reasons = explanations() if explained is None else explained
    found: dict[str, list[Agreement]] = defaultdict(list)
    for sample in samples(logs):
        found[sample.folder].append(compare(sample, events_of(sample.source), reasons))
    return [_joined(parts) for parts in found.values()]


def explanations() -> list[Explanation]:
    """Return the table of explanations."""
    with EXPLAINED.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Explanation(*row) for row in rows if row and not row[0].startswith("#")]


def events_of(source: Path) -> list[dict[str, Any]]:
    """Return the events of a file, each with all its keys in OpenTelemetry's names."""
    events: list[dict[str, Any]] = []
    for framed in frame(iter([source.read_bytes()])):
        records = Records.of(framed.bodies, Origin(source.name), framed.offsets)
        if framed.header:
            context = json.dumps({"envelope": "csv", "header": framed.header})
            records = replace(records, context=StringColumn.constant(context, len(records)))
        events += [_flat(event) for batch in Pipeline().parse(records) for event in batch]
    return events


def _flat(event: Any) -> dict[str, Any]:
    if not isinstance(event, LogRecorded):
        return {"timeUnixNano": event.occurred_at, "body": event.payload.decode("utf-8", "replace")}
    columns = {
        "timeUnixNano": event.occurred_at,
        "severityNumber": int(event.severity),
        "traceId": event.trace_id,
        "spanId": event.span_id,
        "eventName": event.name,
        "duration_us": -1 if event.duration_us is None else event.duration_us,
        "encoding.format": event.format,
    }
    attributes = attributes_of(event)
    if received := attributes.get("gcp.receive_timestamp"):
        columns["observedTimeUnixNano"] = parse_timestamp_ns(received)
    return {name: value for name, value in columns.items() if value} | attributes | leaves(attributes)


def compare(sample: Sample, events: Sequence[Flat], reasons: Sequence[Explanation]) -> Agreement:
    """Return how far events agree with a peer's records, each laid beside the one that it agrees with most."""
    own = [one for one in reasons if fnmatchcase(sample.folder, one.folder)]
    agreed = renamed = records = 0
    differences: list[Difference] = []
    for theirs, ours in _pairs(sample.expected, events):
        records += 1
        for key, value in theirs.items():
            if key in ours and same(value, ours[key]):
                agreed += 1
            elif any(_under_other_name(key, value, ours, one) for one in own if fnmatchcase(key, one.key)):
                renamed += 1
            else:
                why = next((one.why for one in own if one.ours == "-" and fnmatchcase(key, one.key)), "")
                differences.append(Difference(sample.folder, key, value, ours.get(key), why))
    return Agreement(sample.folder, records, agreed, renamed, tuple(differences))


def _under_other_name(key: str, value: Any, ours: Flat, reason: Explanation) -> bool:
    """Say whether our event has the value under the name that an explanation gives."""
    if reason.ours == "*":
        return any(same(value, one, loose=True) for one in ours.values())
    name = key if reason.ours == "=" else reason.ours
    return name in ours and same(value, ours[name], loose=True)


def same(theirs: Any, ours: Any, *, loose: bool = False) -> bool:
    """Say whether two values are the same fact; loosely, also where one is the other's text or its list."""
    if theirs == ours or (isinstance(theirs, str) and theirs == str(ours)):
        return True
    if not loose:
        return False
    if isinstance(ours, list) and ours:
        return any(same(theirs, one, loose=True) for one in ours)
    return str(theirs).strip('"').lower() == str(ours).strip('"').lower()


def _pairs(expected: Sequence[Flat], events: Sequence[Flat]) -> list[tuple[Flat, Flat]]:
    """Return each of a peer's records with the event that shares most with it; one of another input has none."""
    texts = [frozenset(map(_text, event.values())) for event in events]
    values = [{_text(value) for value in theirs.values()} - _COMMON for theirs in expected]
    shared = [(-len(own & text), left, right) for left, own in enumerate(values) for right, text in enumerate(texts)]
    pairs: dict[int, int] = {}
    for count, left, right in sorted(shared):
        if left not in pairs and right not in pairs.values() and -count * 3 >= len(values[left]):
            pairs[left] = right
    return [(expected[left], events[right]) for left, right in sorted(pairs.items())]


_COMMON = frozenset({"", "-", "True", "False", "None", "0", "1"})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _joined(parts: Sequence[Agreement]) -> Agreement:
    return Agreement(
        parts[0].folder,
        sum(part.records for part in parts),
        sum(part.agreed for part in parts),
        sum(part.renamed for part in parts),
        tuple(one for part in parts for one in part.differences),
    )


def table(found: Iterable[Agreement]) -> str:
    """Return the agreement per folder as text."""
    lines = [
        f"{'format':32} {'records':>7} {'keys':>5} {'same':>5} {'renamed':>7} {'explained':>9} {'unexplained':>11}"
    ]
    for one in found:
        open_, keys = len(one.unexplained), one.agreed + one.renamed + len(one.differences)
        explained = len(one.differences) - open_
        lines.append(
            f"{one.folder:32} {one.records:7} {keys:5} {one.agreed:5} {one.renamed:7} {explained:9} {open_:11}"
        )
    return "\n".join(lines)


def differences(found: Iterable[Agreement], *, explained: bool) -> str:
    """Return the differences, one line per folder and key, with an example."""
    listed = [one for part in found for one in part.differences if explained or not one.why]
    counts = Counter((one.folder, one.key, one.why) for one in listed)
    examples = {(one.folder, one.key, one.why): one for one in listed}
    return "\n".join(
        f"{folder} {key} x{count}: {_short(examples[folder, key, why].theirs)}"
        f" | {_short(examples[folder, key, why].ours)} | {why or 'UNEXPLAINED'}"
        for (folder, key, why), count in counts.items()
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _WIDTH else text[:_WIDTH] + "..."


_WIDTH = 90


def main(arguments: Sequence[str]) -> None:
    """Compare and print."""
    options = argparse.ArgumentParser(description="Compare our events with other tools' answers.")
    options.add_argument("logs", type=Path, help="folder of sample logs with expected answers")
    options.add_argument("--all", action="store_true", help="list explained differences too")
    told = options.parse_args(arguments)
    found = agreements(told.logs)
    print(table(found))
    if text := differences(found, explained=told.all):
        print("\n" + text)


if __name__ == "__main__":
    main(sys.argv[1:])
