"""Write a file with damage in it: whole records, halves of JSON lines, invalid UTF-8.

Beside the other files; none of its records may be lost, and none may stop the reading of the rest.
"""

from __future__ import annotations

from pathlib import Path

from . import places
from .clock import utc_text
from .containers import compact
from .story import Story

WHOLE, HALVES, NOT_UTF8 = 15, 3, 2


def write_broken(path: Path, story: Story) -> int:
    """Write the file; return how many lines it has.

    The whole ones are LogEntry objects; a half is cut inside its JSON; the last ones hold bytes that are no UTF-8.
    """
    lines = [_entry(story, number).encode() for number in range(WHOLE + HALVES + NOT_UTF8)]
    for number in range(3, 3 + HALVES):
        lines[number] = lines[number][: len(lines[number]) // 2]
    for number in range(8, 8 + NOT_UTF8):
        lines[number] = lines[number].replace(b"probe", b"pro\xff\xfebe")
    path.write_bytes(b"\n".join(lines) + b"\n")
    return len(lines)


def _entry(story: Story, number: int) -> str:
    at_us = story.at(number / 40)
    return compact(
        {
            "insertId": f"probe{number:04d}",
            "logName": f"projects/{places.GCP_PROJECT}/logs/uptime-probe",
            "resource": {"type": "gce_instance", "labels": {"project_id": places.GCP_PROJECT, "zone": places.GCP_ZONE}},
            "severity": "INFO",
            "textPayload": f"probe {number} of https://www.shop.example.com answered in 41 ms",
            "timestamp": utc_text(at_us),
        }
    )
