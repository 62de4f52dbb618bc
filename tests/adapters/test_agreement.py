"""Other tools' answers to real records: each of their keys is in our events, or the table says why it differs."""

from pathlib import Path

import pytest

from benchmarks.agreement import Explanation, agreements, compare, differences, explanations, table
from benchmarks.expected_records import Sample

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "logs"


@pytest.mark.skipif(not LOGS.is_dir(), reason="the corpora are not at hand")
def test_every_difference_from_other_tools_is_explained() -> None:
    found = agreements(LOGS)

    assert not [one for part in found for one in part.unexplained], differences(found, explained=False)
    assert all(part.records for part in found), table(found)


def test_the_table_of_explanations_is_complete() -> None:
    assert all(one.folder and one.key and one.ours and len(one.why) > 10 for one in explanations())


def test_a_key_counts_once_as_the_same_as_renamed_or_as_different() -> None:
    theirs = {"url.path": "/a", "rpc.service": "s3", "tls": "TLSv1.2", "left.out": 7}
    ours = {"url.path": "/a", "aws.event_source": "s3", "tls": "1.2"}
    reasons = [
        Explanation("otel/*", "rpc.*", "aws.event_source", "deprecated"),
        Explanation("*", "tls", "-", "convention"),
    ]

    found = compare(Sample("otel/x", Path("x.json"), [theirs]), [ours], reasons)

    assert (found.records, found.agreed, found.renamed) == (1, 1, 1)
    assert [(one.key, one.why) for one in found.differences] == [("tls", "convention"), ("left.out", "")]
    assert "otel/x left.out" in differences([found], explained=False)


def test_records_are_laid_beside_those_that_they_share_most_with() -> None:
    expected = [{"id": "b", "n": 12}, {"id": "a", "n": 11}, {"id": "zzz", "n": 99, "m": 98}]

    found = compare(Sample("x", Path("x"), expected), [{"id": "a", "n": 11}, {"id": "b", "n": 12}], [])

    assert (found.records, found.agreed, found.differences) == (2, 4, ())
