"""Write the bills of three clouds, for the day and six days before.

Between the volumes and the files. The estate stands for a rehearsal that runs at the same hours each day, so a day's
bill covers exactly what its logs hold: the incident's day follows the written bytes, the days before the ordinary ones.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from random import Random
from typing import Final

from .aws_bill import cur_rows
from .azure_bill import azure_rows
from .containers import compact
from .gcp_bill import gcp_rows
from .native_file import FileSet
from .prices import DAY
from .story import Story
from .volumes import Volumes

DAYS_BEFORE: Final = 6


def write_bills(files: FileSet, story: Story, volumes: Volumes) -> None:
    """Write the three bills."""
    days = [(day, _pools(story, volumes, day)) for day in range(-DAYS_BEFORE, 1)]
    midnight = story.start // DAY * DAY
    _write_csv(
        files,
        "aws/billing/shop-cur-00001.csv.gz",
        [r for day, pools in days for r in cur_rows(midnight + day * DAY, pools)],
    )
    _write_csv(
        files,
        "azure/billing/shop-actual-cost.csv",
        [r for day, pools in days for r in azure_rows(midnight + day * DAY, pools)],
    )
    rows = [r for day, pools in days for r in gcp_rows(story, midnight + day * DAY, pools)]
    files.write_document("gcp/billing/gcp_billing_export_v1.ndjson", "\n".join(map(compact, rows)), len(rows))


def _pools(story: Story, volumes: Volumes, day: int) -> dict[str, int]:
    """Return the billed bytes per pool of one day; days before vary by some percent."""
    pools: dict[str, int] = defaultdict(int)
    random = Random(f"bills {story.seed} {day}")
    for group in sorted(volumes.total):
        ordinary = int(volumes.ordinary(group) * random.uniform(0.96, 1.04))
        pools[group[0]] += volumes.total[group] if day == 0 else ordinary
    return pools


def _write_csv(files: FileSet, name: str, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_document(name, text.getvalue().rstrip("\n"), len(rows))
