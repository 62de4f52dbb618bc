"""Builders for the tests of scaling parsers: records of JSON values, and where the sample files are."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cloudledger.adapters.parser import Parser, Sample
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.events import Event, ScalingRecorded

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "scaling" / "samples"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not beside this checkout")


def records_of(*values: Any, **metadata: str) -> Records:
    return Records.of([msgspec.json.encode(value) for value in values], Origin("export.json", metadata))


def events_of(parser: Parser, *values: Any, **metadata: str) -> list[Event]:
    return list(parser.parse(records_of(*values, **metadata)))


def scaling_of(parser: Parser, *values: Any, **metadata: str) -> list[ScalingRecorded]:
    return [event for event in events_of(parser, *values, **metadata) if isinstance(event, ScalingRecorded)]


def recognised(parser: Parser, value: Any) -> bool:
    return parser.recognises(Sample(msgspec.json.encode(value), {}, Origin("export.json")))


def sample(name: str) -> Any:
    return msgspec.json.decode((SAMPLES / name).read_bytes())
