"""What a ledger's files cost on disk: bytes per event and ratio, per section of frames and of footers.

Read through the store's own reader of segments, so that it follows the format.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from cloudledger.store import Ledger
from cloudledger.store.local_file_system import LocalFileSystem
from cloudledger.store.sections import (
    CODE_SECTIONS,
    NUMBER_SECTIONS,
    STRING_SECTIONS,
    SectionType,
    Table,
)
from cloudledger.store.segment_reader import SegmentReader


def print_section_sizes(location: Path) -> None:
    """Print a table of sections, the costliest first."""
    with Ledger.open(location, read_only=True) as ledger:
        stats = ledger.stats()
    stored: dict[str, int] = defaultdict(int)
    raw: dict[str, int] = defaultdict(int)
    for path in sorted([*location.rglob("*.seg"), *location.rglob("*.open")]):
        for prefix, table in tables_of(path):
            for section in table.values():
                name = f"{prefix} {section_name(section.type)}"
                stored[name] += section.stored_length
                raw[name] += section.raw_length
    events, total = stats.events, stats.disk_bytes
    print(f"\ndisk: {events:,} events, raw {stats.raw_bytes / events:.1f} B each, stored {total / events:.1f} B each,")
    print(f"  {stats.ratio:.4f} of the raw bytes")
    print(f"  {'section':<34}{'B/event':>10}{'of disk':>10}{'of its own size':>18}")
    stored["headers, tables, manifests"] = total - sum(stored.values())
    for name, size in sorted(stored.items(), key=lambda item: -item[1]):
        own = f"{size / raw[name]:.3f}" if raw[name] else ""
        print(f"  {name:<34}{size / events:>10.3f}{size / total:>10.1%}{own:>18}")


def tables_of(path: Path) -> Iterator[tuple[str, Table]]:
    """Yield the section tables of a segment's frames and of its footer."""
    reader = SegmentReader(LocalFileSystem(), str(path), sealed=path.suffix == ".seg")
    for number in range(len(reader.frames)):
        yield "frame:", reader.frame(number).table
    if reader.footer:
        yield "footer:", reader.footer.table


def section_name(number: int) -> str:
    """Return what a section's number stands for.

    >>> section_name(5), section_name(0x204)
    ('payload', 'service codes')
    """
    return _NAMES.get(number) or SectionType(number).name.lower().replace("_", " ")


_NAMES = {
    **{number: name for name, number in NUMBER_SECTIONS.items()},
    **{number: f"{name} codes" for name, number in CODE_SECTIONS.items()},
    **{number: f"{name} strings" for name, number in STRING_SECTIONS.items()},
}
