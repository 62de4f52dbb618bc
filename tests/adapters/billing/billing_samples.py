"""Rows of billing exports as framing hands them to parsers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cloudledger.adapters.billing import PARSERS
from cloudledger.adapters.parser import Parser, Sample
from cloudledger.adapters.records import Origin, Records
from cloudledger.domain.columns import StringColumn
from cloudledger.domain.events import CostRecorded

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "cost"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpora are not here")


def csv_records(header: str, *lines: str, key: str = "export.csv") -> Records:
    records = Records.of([line.encode() for line in lines], Origin(key))
    context = json.dumps({"envelope": "csv", "header": header})
    return replace(records, context=StringColumn.constant(context, len(lines)))


def corpus_records(name: str) -> Records:
    header, *lines = [line for line in (CORPUS / name).read_text("utf-8").split("\n") if line.strip()]
    return csv_records(header, *lines, key=name)


def parser_of(records: Records) -> Parser:
    """Return the first parser that recognises the first record."""
    context = records.contexts()[int(records.context.codes[0])]
    sample = Sample(records.bodies[0], context, records.origin)
    return next(parser for parser in PARSERS if parser.recognises(sample))


def charges_of(records: Records) -> list[CostRecorded]:
    rows = list(parser_of(records).parse(records))
    assert all(isinstance(row, CostRecorded) for row in rows)
    return [row for row in rows if isinstance(row, CostRecorded)]
