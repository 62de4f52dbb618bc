"""The page of formats names each format that the library knows, and none that it does not know."""

import re
from pathlib import Path

from cloudledger.adapters import Registry

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMED = re.compile(r"`((?:aws|azure|gcp|k8s|terraform|focus|app)\.[a-z0-9_.]+)`")


def named_in_first_columns(page: str) -> set[str]:
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return {name for line in lines if line.startswith("| `") for name in NAMED.findall(line.split("|")[1])}


def test_every_format_is_named_on_the_page_of_formats() -> None:
    named = named_in_first_columns("formats.md") | named_in_first_columns("aws-formats.md")

    # An insight is told apart within the parser of its log.
    assert named - {"aws.cloudtrail.insight"} == set(Registry().formats) - {"aws.cloudtrail.insight"}
